"""When a buyer has it: cut-offs and restrictions, with exact moments."""

from __future__ import annotations

import pytest

from inventory_core.domain.delivery import promised_ms
from inventory_core.domain.regions import check_region, covers
from inventory_core.domain.restrictions import forbidding, next_allowed_ms
from inventory_core.records import Restriction, RestrictionKind, Warehouse, WarehouseKind

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
MONDAY_MS = 1_767_571_200_000 - 8 * HOUR_MS  # 5 January 2026, 00:00 at UTC+8
NORTH = Warehouse("north", "North", WarehouseKind.OWN, "east/hill", cut_off="17:00")
NIGHTS = Restriction(
    "nights", RestrictionKind.DAILY, "tea", "east/hill/oak", from_time="22:00", until_time="06:00"
)


def at(day: int, hour: float) -> int:
    return MONDAY_MS + day * DAY_MS + round(hour * HOUR_MS)


def test_what_is_ordered_a_minute_before_the_cut_off_is_there_a_day_sooner():
    assert promised_ms(NORTH, 2, "tea", "east", at(0, 17) - 60_000) == at(2, 21)
    assert promised_ms(NORTH, 2, "tea", "east", at(0, 17)) == at(3, 21)


@pytest.mark.parametrize("hour,next_hour", [(21.99, 21.99), (22, 30), (23.5, 30), (5.5, 6)])
def test_a_window_over_midnight_ends_in_the_morning(hour, next_hour):
    found = next_allowed_ms((NIGHTS,), "tea", "east/hill/oak", at(0, hour), 480)
    assert found == at(0, next_hour)


def test_a_restriction_concerns_its_district_and_its_article_only():
    night = at(0, 23)
    assert forbidding((NIGHTS,), "tea", "east/hill/oak", night, 480) is NIGHTS
    assert forbidding((NIGHTS,), "cup", "east/hill/oak", night, 480) is None
    assert forbidding((NIGHTS,), "tea", "east/hill/elm", night, 480) is None


def test_a_forbidden_night_moves_the_promise_past_the_next_cut_off():
    early = Warehouse("early", "Early", WarehouseKind.OWN, "east/hill", cut_off="05:00")
    assert promised_ms(early, 1, "tea", "east/hill/oak", at(1, 4), (NIGHTS,)) == at(3, 21)
    assert promised_ms(early, 1, "tea", "east/hill/elm", at(1, 4), (NIGHTS,)) == at(2, 21)


def test_a_stop_without_an_end_is_for_good_and_one_with_an_end_is_waited_for():
    stop = Restriction("stop", RestrictionKind.STOP_SHIP, "tea", "east", from_ms=at(1, 0))
    until = Restriction("sale", RestrictionKind.PROMOTION, "", "", at(0, 0), at(1, 0))
    assert promised_ms(NORTH, 1, "tea", "east", at(0, 9), (stop,)) == at(1, 21)
    assert promised_ms(NORTH, 1, "tea", "east", at(1, 0), (stop,)) is None
    assert promised_ms(NORTH, 1, "cup", "west", at(0, 9), (until,)) == at(2, 21)
    assert promised_ms(NORTH, 1, "tea", "east", at(0, 9), (until, stop)) is None


def test_regions_cover_what_lies_in_them_and_not_what_is_called_alike():
    assert covers("", "east/hill")
    assert covers("east", "east/hill/oak")
    assert not covers("east", "eastern/hill")
    assert not covers("east/hill/oak", "east/hill")
    for wrong in ("", "a//b", "a/b/c/d", " a"):
        with pytest.raises(ValueError, match="province"):
            check_region(wrong)
