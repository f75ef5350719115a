"""A delivery estimate across a cut-off.

The warehouse north hands its parcels over at 17:00; a parcel is 1 day on the road to the east and
is there by 21:00. It is Thursday.

    ordered    leaves    promised
    16:59      Thu       Fri 21:00
    17:00      Fri       Sat 21:00

A minute costs a day. The warehouse south, 2 days away, would promise Sat and Sun.
"""

from __future__ import annotations

from inventory_core.services.query import Query
from tests.services.mall import Mall

HOUR_MS = 3_600_000
FRIDAY_21 = (24 + 21 - 8) * HOUR_MS
SATURDAY_21 = FRIDAY_21 + 24 * HOUR_MS
SUNDAY_21 = SATURDAY_21 + 24 * HOUR_MS
"""The model's clock begins on Thursday, 08:00 at the warehouses, and counts milliseconds."""


def promised(mall: Mall, number: str, sku: str) -> tuple[str, int]:
    """Who ships an order of one unit, and when it is there."""
    piece = mall.place(number, (sku, 1)).order.allocations[0]
    return piece.warehouse, piece.promised_ms


def test_a_minute_costs_a_day(model_mall: Mall) -> None:
    model_mall.later(8 * 3_600 + 59 * 60)

    assert promised(model_mall, "at 16:59", "tea") == ("north", FRIDAY_21)
    assert promised(model_mall, "pot at 16:59", "pot") == ("south", SATURDAY_21)

    model_mall.later(60)

    assert promised(model_mall, "at 17:00", "tea") == ("north", SATURDAY_21)
    assert promised(model_mall, "pot at 17:00", "pot") == ("south", SUNDAY_21)


def test_the_query_says_what_the_order_will_be_promised(model_mall: Mall) -> None:
    for _ in range(3):
        question = Query(model_mall.engines).availability("mall", "east/hill/oak", ["tea"])
        said = model_mall.do(question)[0]
        number = f"asked at {said.read_ms}"
        assert promised(model_mall, number, "tea") == (said.warehouse, said.promised_ms)
        model_mall.later(8 * 3_600)
