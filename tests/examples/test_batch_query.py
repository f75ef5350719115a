"""One question for 200 articles and an address: what is sellable, deliverable, and by when.

It is Thursday, 08:00. North has 5 of each article and the mall may sell 3 of each; every tenth may
not be shipped to the east.

    180 articles    3 sellable    from north, promised Fri 21:00
     20 articles    3 sellable    not deliverable: no warehouse may ship it there

201 articles are one too many for one question.
"""

from __future__ import annotations

import pytest

from inventory_core.records import Restriction, RestrictionKind
from inventory_core.services.query import Query
from inventory_core.steps import rows
from tests.services.mall import Mall

ARTICLES = [f"a{number:03}" for number in range(200)]
STOPPED = ARTICLES[::10]
FRIDAY_21 = (24 + 21 - 8) * 3_600_000


async def fill(mall: Mall) -> None:
    """Five of each come to north, and three of each go to the mall."""
    for sku in ARTICLES:
        await mall.stock.receive(sku, "north", sku, 5)
        await mall.stock.assign(sku, sku, "mall", 3)
    for sku in STOPPED:
        await rows.Insert(Restriction(sku, RestrictionKind.STOP_SHIP, sku, "east"))


@pytest.mark.slow
def test_two_hundred_articles_with_their_dates(model_mall: Mall) -> None:
    mall, query = model_mall, Query(model_mall.engines)
    mall.do(fill(mall))

    found = mall.do(query.availability("mall", "east/hill/oak", ARTICLES))

    assert [one.sku for one in found] == ARTICLES
    assert {one.sellable for one in found} == {3}
    can = [one for one in found if one.deliverable]
    assert (len(can), len(found) - len(can)) == (180, 20)
    assert {(one.warehouse, one.promised_ms) for one in can} == {("north", FRIDAY_21)}
    assert [one.sku for one in found if not one.deliverable] == STOPPED
    assert {one.reason for one in found if not one.deliverable} == {
        "no warehouse may ship it there"
    }
    with pytest.raises(ValueError, match="200 at most"):
        mall.do(query.availability("mall", "east/hill/oak", [*ARTICLES, "one-more"]))


@pytest.mark.live
@pytest.mark.slow
def test_the_same_on_postgresql(live_mall: Mall) -> None:
    """The date follows from the hour of the day there; that it is one date does not."""
    live_mall.do(fill(live_mall))
    question = Query(live_mall.engines).availability("mall", "east/hill/oak", ARTICLES)
    found = live_mall.do(question)
    assert {one.sellable for one in found} == {3}
    assert [one.sku for one in found if not one.deliverable] == STOPPED
    dates = {one.promised_ms for one in found if one.deliverable}
    assert len(dates) == 1
    assert dates.pop() > found[0].read_ms
