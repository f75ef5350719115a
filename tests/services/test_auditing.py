"""The audit reads page by page, and as many articles as it is asked for."""

from __future__ import annotations

import pytest

from inventory_core.records import DeductAt, Unassigned
from inventory_core.services import auditing
from inventory_core.steps import rows, sql
from inventory_core.strategy import registry
from scenarios.model import model_place
from tests.services.mall import Mall, furnish

ENGINE = "conditional_update"


@pytest.fixture
def mall() -> Mall:
    place = model_place()
    there = Mall({ENGINE: registry.make(ENGINE)}, place.connect, place.sleep, place.connect())
    there.do(furnish(there.engines, DeductAt.ORDER, 5))
    for number in range(3):
        there.place(str(number), ("tea", 1), ("cup", 1))
    return there


async def lose_a_unit(sku: str) -> None:
    async with sql.transaction():
        row = await rows.Lock(Unassigned, (sku,))
        assert row is not None
        await rows.Put(Unassigned(sku, row.quantity - 1))


@pytest.mark.parametrize("page", [1, 2, 1_000])
def test_the_length_of_a_page_changes_no_verdict(
    mall: Mall, page: int, monkeypatch: pytest.MonkeyPatch
):
    whole = mall.do(mall.stock.read_ledger())
    monkeypatch.setattr(auditing, "PAGE", page)

    assert mall.do(mall.stock.read_ledger()) == whole
    assert mall.do(mall.stock.audit()) == ()
    mall.do(lose_a_unit("tea"))
    assert {one.sku for one in mall.do(mall.stock.audit())} == {"tea"}


def test_only_the_articles_that_are_asked_for_are_read(mall: Mall):
    whole = mall.do(mall.stock.read_ledger())

    assert {"tea", "cup"} <= set(whole)
    assert mall.do(mall.stock.read_ledger(["tea"])) == {"tea": whole["tea"]}
    assert mall.do(mall.stock.read_ledger([])) == {}
    assert mall.do(mall.stock.read_ledger(["none"])) == {}


def test_so_many_articles_that_no_condition_names_them_are_read_as_well(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
):
    two = mall.do(mall.stock.read_ledger(["cup", "tea"]))
    monkeypatch.setattr(auditing, "ARTICLES_MOST", 1)

    assert mall.do(mall.stock.read_ledger(["cup", "tea"])) == two


def test_a_glance_sees_both_sides_and_reads_no_journal(mall: Mall):
    whole = mall.do(mall.stock.stock_of("tea"))
    seen = mall.do(mall.stock.glance_at("tea"))

    assert (seen.there, seen.accounted, seen.places) == (whole.there, whole.accounted, whole.places)
    assert (seen.difference, seen.stored.entry_count) == (0, 0)
    assert whole.stored.entry_count > 0
    assert mall.do(mall.stock.glance_at("none")) is None
