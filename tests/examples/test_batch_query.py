"""One question for 200 articles and an address: what is sellable, deliverable, and by when.

Every article has 5 in the east's warehouse and 3 sellable; every tenth may not be shipped there.
"""

from inventory_core.domain import Cell, Opening
from inventory_core.records import Restriction, RestrictionKind, WarehouseStock
from inventory_core.services.query import Query
from inventory_core.steps import rows
from inventory_core.steps.engine import on
from tests.services.mall import Mall

ARTICLES = [f"a{number:03}" for number in range(200)]
STOPPED = ARTICLES[::10]


async def _fill(mall: Mall) -> None:
    engine, strategy = next(iter(mall.engines.items()))
    await rows.InsertAll(tuple(WarehouseStock(sku, "north", 5) for sku in ARTICLES))
    for sku in STOPPED:
        await rows.Insert(Restriction(sku, RestrictionKind.STOP_SHIP, sku, "east"))
    await on(engine, strategy.load([Opening(Cell(sku, "channel:mall"), 3) for sku in ARTICLES]))


def test_two_hundred_articles_with_their_dates(timed_mall: Mall) -> None:
    mall = timed_mall
    mall.do(_fill(mall))
    found = mall.do(Query(mall.engines).availability("mall", "east/hill/oak", ARTICLES))
    assert [one.sku for one in found] == ARTICLES
    assert {one.sellable for one in found} == {3}
    assert [one.sku for one in found if not one.deliverable] == STOPPED
    dates = {one.promised_ms for one in found if one.deliverable}
    assert dates == {(24 + 13) * 3_600_000}  # 2 January 1970, 21:00 local time
    assert {one.warehouse for one in found if one.deliverable} == {"north"}
