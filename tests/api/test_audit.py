"""The audit over HTTP finds every kind of leak, and tells it from work under way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from inventory_core.domain import Cell
from inventory_core.records import Entry, Intent, Kind, ShopOrder, Unassigned, WarehouseStock
from inventory_core.steps import Plan, rows, sql
from inventory_core.steps.engine import on
from inventory_core.strategy import registry
from tests.api.front import Front
from tests.api.planting import planted

pytestmark = [pytest.mark.live]
ENGINE = "conditional_update"


def audit(shop: Front, **asked: Any) -> dict[str, Any]:
    answer = shop.get("/v1/audit", params={"limit": 200} | asked)
    assert answer.status_code == 200
    said: dict[str, Any] = answer.json()
    return said


def laws(said: dict[str, Any]) -> set[tuple[str, str, int]]:
    return {(one["sku"], one["law"], one["found"] - one["expected"]) for one in said["breaches"]}


async def put(row: Any) -> None:
    async with sql.transaction():
        await rows.Put(row)


async def unassign(units: int) -> None:
    """Units that were given to nobody vanish (or come back)."""
    async with sql.transaction():
        row = await rows.Lock(Unassigned, ("phone-12",))
        assert row is not None
        await rows.Put(replace(row, quantity=row.quantity + units))


async def sell_behind_our_back(units: int) -> None:
    """An engine loses units of its own accord (or finds them)."""
    cell = Cell("case-12", "channel:mall")
    await on(ENGINE, registry.make(ENGINE).adjust(f"planted:{units}", cell, units, "planted"))


async def forget_an_entry(entry: Entry) -> None:
    await rows.Remove(Entry, tuple(getattr(entry, name) for name in Entry.KEY))


async def write(entry: Entry) -> None:
    await rows.Insert(entry)


@pytest.fixture
def leak(shop: Front, request: pytest.FixtureRequest) -> Iterator[tuple[int, set[Any]]]:
    """Something is wrong until the test is over; the difference it makes, and the breaches."""
    there, back, difference, broken = LEAKS[request.param]
    planted(shop.address, there())
    yield difference, broken
    planted(shop.address, back())


STRAY = Entry("planted", "lamp-3", Kind.PHYSICAL, "shenzhen", -1, "planted", 1)
WHOLE = "every unit is somewhere"
LEAKS: dict[str, tuple[Any, Any, int, set[tuple[str, str, int]]]] = {
    "units that nobody was given": (
        lambda: unassign(-2),
        lambda: unassign(2),
        2,
        {("phone-12", WHOLE, -2), ("phone-12", "unassigned is what its journal says", -2)},
    ),
    "units of an engine": (
        lambda: sell_behind_our_back(-3),
        lambda: sell_behind_our_back(3),
        3,
        {("case-12", WHOLE, -3)},
    ),
    "an entry that no unit moved for": (
        lambda: write(STRAY),
        lambda: forget_an_entry(STRAY),
        0,
        {("lamp-3", "physical is what its journal says", 1)},
    ),
}


@pytest.mark.parametrize("leak", LEAKS, indirect=True)
def test_a_leak_is_found(shop: Front, leak: tuple[int, set[Any]]):
    difference, broken = leak
    said = audit(shop)

    assert said["at_rest"]
    assert not said["holds"]
    assert laws(said) == broken
    assert {one["difference"] for one in said["items"]} == {0, difference}


def test_without_one_the_law_holds(shop: Front):
    said = audit(shop)

    assert (said["holds"], said["at_rest"], said["breaches"]) == (True, True, [])
    assert [one["sku"] for one in said["items"]] == ["case-12", "lamp-3", "phone-12"]


def test_each_page_answers_for_its_articles(shop: Front):
    planted(shop.address, unassign(-1))
    first = audit(shop, limit=2)
    second = audit(shop, limit=2, cursor=first["next"])
    planted(shop.address, unassign(1))

    assert (first["holds"], second["holds"]) == (True, False)
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)


async def promised(number: str, units: int, intent: Intent) -> None:
    """An order that somebody is at, for an hour to be sure; its units lie nowhere just now."""
    now_ms = await rows.StoreClock()
    async with sql.transaction():
        order = await rows.Lock(ShopOrder, (f"mall/{number}",))
        assert order is not None
        begun_ms = 0 if intent is Intent.NONE else now_ms + 3_600_000
        await rows.Put(replace(order, intent=intent, intent_ms=begun_ms))
    cell = Cell("lamp-3", "channel:mall")
    key = f"promised:{number}:{units}"
    await on(ENGINE, registry.make(ENGINE).adjust(key, cell, units, "planted"))


def test_what_work_under_way_explains_is_no_breach(shop: Front):
    line = {"sku": "lamp-3", "quantity": 1}
    order = {"channel": "mall", "number": "begun", "buyer": "b", "lines": [line]}
    placed = shop.post("/v1/orders", order | {"address": "Guangdong/Shenzhen/Nanshan"})
    assert placed.status_code == 201

    def with_plan(plan: Plan[None]) -> dict[str, Any]:
        planted(shop.address, plan)
        return audit(shop)

    begun = with_plan(promised("begun", -1, Intent.PAY))
    left = with_plan(promised("begun", 0, Intent.NONE))
    mended = with_plan(promised("begun", 1, Intent.NONE))

    assert (begun["at_rest"], begun["intents"], begun["holds"]) == (False, 1, True)
    assert (left["at_rest"], left["intents"], left["holds"]) == (True, 0, False)
    assert (mended["at_rest"], mended["holds"]) == (True, True)


def test_a_shelf_that_promises_more_than_it_was_told_is_found(shop: Front):
    async def promise(units: int) -> None:
        async with sql.transaction():
            shelf = await rows.Lock(WarehouseStock, ("case-12", "chengdu"))
            assert shelf is not None
            await rows.Put(replace(shelf, pre_occupied=shelf.pre_occupied + units))

    planted(shop.address, promise(1))
    said = audit(shop)
    planted(shop.address, promise(-1))

    assert ("case-12", "pre-occupied is what is allocated", 1) in laws(said)


def without_engines(item: dict[str, Any]) -> dict[str, Any]:
    units = {one["place"]: one["units"] for one in item["places"]}
    return item | {"places": units}


def test_units_of_a_place_that_has_changed_its_engine_are_counted_once(shop: Front):
    def moved(number: int, source: str, target: str) -> None:
        for sku, quantity in (("phone-12", 15), ("case-12", 200)):
            body = {"sku": sku, "quantity": quantity, "source": source, "target": target}
            answer = shop.post("/v1/moves", body | {"key": f"change-{number}-{sku}"})
            assert answer.status_code == 200

    before = [without_engines(one) for one in audit(shop)["items"]]
    body = {"name": "Stores", "engine": "row_lock", "reclaim": 1}
    moved(1, "channel:stores", "unassigned")
    assert shop.put("/v1/channels/stores", body, role="admin").status_code == 200
    moved(2, "unassigned", "channel:stores")
    said = audit(shop)

    assert (said["holds"], said["breaches"]) == (True, [])
    assert [without_engines(one) for one in said["items"]] == before
    assert shop.get("/v1/stock/phone-12").json()["sellable"] == before[-1]["sellable"] == 50
