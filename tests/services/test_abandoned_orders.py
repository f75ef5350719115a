"""A process may die at any await of the order flow: others finish what it began."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from inventory_core.records import DeductAt
from inventory_core.steps import Plan
from scenarios.conformance.test_abandoned_plans import abandon
from tests.services.conftest import Open
from tests.services.mall import Mall, request

STEPS_MOST = 100
Do = Callable[[Mall], Plan[Any]]
VERBS: Mapping[str, tuple[tuple[str, ...], Do]] = {
    "place": ((), lambda mall: mall.flow.place(request("1", ("tea", 7), ("cup", 1)))),
    "place a part": (
        (),
        lambda mall: mall.flow.place(request("1", ("pot", 7), ("cup", 1), partial=True)),
    ),
    "be refused": ((), lambda mall: mall.flow.place(request("1", ("pot", 7), ("cup", 1)))),
    "pay": (("place",), lambda mall: mall.flow.pay("mall/1")),
    "cancel": (("place",), lambda mall: mall.flow.cancel("mall/1")),
    "sweep": (("place", "later"), lambda mall: mall.flow.sweep()),
    "pay late": (("place", "later", "sweep"), lambda mall: mall.flow.pay("mall/1")),
    "refund all": (("place", "pay"), lambda mall: mall.flow.cancel("mall/1")),
    "refund": (("place", "pay"), lambda mall: mall.flow.refund("mall/1", "k", [(1, 3)])),
    "refund the rest": (("place", "pay", "refund"), lambda mall: mall.flow.cancel("mall/1")),
    "ship": (("place", "pay"), lambda mall: mall.flow.ship("mall/1", "north")),
    "ship the rest": (
        ("place", "pay", "ship"),
        lambda mall: mall.flow.ship("mall/1", "south", [("tea", 5)]),
    ),
    "redispatch": (
        ("place", "pay"),
        lambda mall: mall.flow.refuse_dispatch("mall/1", "north", "no van"),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("at", list(DeductAt), ids=lambda at: at.value)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "engine", ["conditional_update", "redis_script", "redis_with_task"], indirect=True
)
def test_others_finish_what_a_dead_process_began(open_mall: Open, verb: str, at: DeductAt) -> None:
    before, plan_of = VERBS[verb]
    went_on, steps = True, 0
    while went_on and steps < STEPS_MOST:
        mall = open_mall(at, hold_s=10)
        for each in before:
            if each == "later":
                mall.later(11.0)
            else:
                mall.do(VERBS[each][1](mall))
        dying = mall.connect()
        went_on = abandon(plan_of(mall), dying.perform, steps)
        dying.close()
        mall.later(1.0)
        mall.settle()
        assert mall.do(mall.stock.audit()) == (), f"after {steps} steps"
        steps += 1
    assert steps > 1, "a verb without a step cannot be abandoned"
    assert not went_on, f"{verb} has more than {STEPS_MOST} steps"
