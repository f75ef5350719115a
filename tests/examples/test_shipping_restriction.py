"""A shipping restriction by district and hour.

Nothing may be delivered to the old town, east/hill/oak, between 07:00 and 19:00: its lanes are for
people by day. It is 08:00 when two neighbours order 1 tea each; both are served by the warehouse
north, 1 day away, where parcels leave until 17:00.

    to           may leave from    leaves    promised
    east/hill/elm  08:00 Thu         Thu       Fri 21:00
    east/hill/oak  19:00 Thu         Fri       Sat 21:00     (19:00 is after the cut-off)

In the typhoon nothing at all may go to the oak: an order from there is refused as `undeliverable`,
and not a unit is taken for it. The elm does not notice.
"""

from __future__ import annotations

from inventory_core.records import Restriction, RestrictionKind
from inventory_core.services.contract import Availability, Said
from inventory_core.services.query import Query
from inventory_core.steps import rows
from tests.services.mall import Mall

OAK, ELM = "east/hill/oak", "east/hill/elm"
HOUR_MS = 3_600_000
UTC_8_MS = 8 * HOUR_MS
THU_08 = 0
"""The model's clock begins at midnight UTC, 08:00 at the warehouses."""


def at(day: int, hour: int) -> int:
    """A local time as the stores tell it: day 0 is the Thursday on which the clock begins."""
    return day * 24 * HOUR_MS + hour * HOUR_MS - UTC_8_MS


def asked(mall: Mall, address: str) -> Availability:
    """What the mall could promise of tea."""
    found: tuple[Availability, ...] = mall.do(
        Query(mall.engines).availability("mall", address, ["tea"])
    )
    return found[0]


def test_a_district_is_closed_by_day(model_mall: Mall) -> None:
    mall, daily = model_mall, RestrictionKind.DAILY
    lanes = Restriction("old-town", daily, "", OAK, from_time="07:00", until_time="19:00")
    mall.do(forbid(lanes))

    elm, oak = mall.place("1", ("tea", 1), address=ELM), mall.place("2", ("tea", 1), address=OAK)

    assert at(0, 8) == THU_08
    assert elm.order.allocations[0].promised_ms == at(1, 21)
    assert oak.order.allocations[0].promised_ms == at(2, 21)
    assert asked(mall, OAK).promised_ms == at(2, 21)


def test_nothing_is_taken_for_what_may_not_be_shipped(mall: Mall) -> None:
    typhoon = Restriction("typhoon", RestrictionKind.STOP_SHIP, "", OAK, reason="typhoon")
    mall.do(forbid(typhoon))

    refused = mall.place("1", ("tea", 2), address=OAK)

    assert (refused.said, refused.reason.split(":")[0]) == (Said.REFUSED, "undeliverable")
    assert not asked(mall, OAK).deliverable
    assert (mall.sellable("tea"), mall.at("north", "tea")) == (12, (6, 0))
    assert mall.place("2", ("tea", 2), address=ELM).said is Said.PLACED
    assert (mall.sellable("tea"), mall.at("north", "tea")) == (10, (6, 2))


async def forbid(restriction: Restriction) -> None:
    """Write a restriction down."""
    await rows.Insert(restriction)
