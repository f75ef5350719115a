"""An engine that is too far behind takes no new orders; everything else goes on."""

from __future__ import annotations

import pytest

from inventory_core.services import pressure
from inventory_core.strategy import registry
from scenarios.model import model_place
from scenarios.model.place import ModelPlace
from tests.services.mall import DeductAt, Mall, furnish


@pytest.fixture
def place() -> ModelPlace:
    return model_place()


def mall_of(place: ModelPlace, engine: str) -> Mall:
    engines = {engine: registry.make(engine)}
    mall = Mall(engines, place.connect, place.sleep, place.connect())
    mall.do(furnish(engines, DeductAt.ORDER, 900))
    return mall


def test_new_orders_are_told_to_come_again_and_nothing_is_stored(place: ModelPlace) -> None:
    mall = mall_of(place, "redis_with_task")
    assert mall.place("1", ("tea", 1)).said.value == "placed"
    mall.do(pressure.hold_back("redis_with_task", "too much", 1_000))
    answer = mall.place("2", ("tea", 1))
    assert (answer.said.value, "too much" in answer.reason) == ("contended", True)
    assert mall.do(mall.flow.find("mall/2")) is None
    assert mall.place("1", ("tea", 1)).said.value == "placed"  # it is known
    assert mall.do(mall.flow.pay("mall/1")).said.value == "paid"
    mall.do(pressure.let_go("redis_with_task"))
    assert mall.place("2", ("tea", 1)).said.value == "placed"
    assert mall.sellable("tea") == 10


def test_a_word_that_nobody_repeats_is_forgotten(place: ModelPlace) -> None:
    mall = mall_of(place, "redis_then_database")
    mall.do(pressure.hold_back("redis_then_database", "too much", 1_000))
    mall.do(pressure.hold_back("redis_then_database", "too much", 3_000))
    place.sleep(2.0)
    assert mall.place("1", ("tea", 1)).said.value == "contended"
    assert mall.do(pressure.held_back("redis_then_database")) == "too much"
    place.sleep(2.0)
    assert mall.place("1", ("tea", 1)).said.value == "placed"
    assert mall.do(pressure.held_back("redis_then_database")) == ""


def test_an_engine_that_writes_its_rows_at_once_is_not_looked_for(place: ModelPlace) -> None:
    mall = mall_of(place, "conditional_update")
    mall.do(pressure.hold_back("conditional_update", "too much", 1_000))
    assert mall.place("1", ("tea", 1)).said.value == "placed"
