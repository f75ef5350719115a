"""Shipping restrictions: which article may not go into which region, and from when it may again."""

from __future__ import annotations

from collections.abc import Iterable

from inventory_core.domain.regions import covers
from inventory_core.records import Restriction, RestrictionKind

MINUTE_MS = 60_000
DAY_MIN = 24 * 60
STEPS_MOST = 1_000
"""Windows that follow one another, before an article counts as forbidden for good."""


def forbidding(
    restrictions: Iterable[Restriction], sku: str, address: str, at_ms: int, utc_offset_min: int
) -> Restriction | None:
    """The restriction that forbids shipping at a moment; None if there is none."""
    for one in restrictions:
        if _concerns(one, sku, address) and _holds(one, at_ms, utc_offset_min):
            return one
    return None


def next_allowed_ms(
    restrictions: Iterable[Restriction], sku: str, address: str, at_ms: int, utc_offset_min: int
) -> int | None:
    """The first moment from `at_ms` on at which shipping is allowed; None if there is none."""
    mine = [one for one in restrictions if _concerns(one, sku, address)]
    for _ in range(STEPS_MOST):
        stopping = [one for one in mine if _holds(one, at_ms, utc_offset_min)]
        if not stopping:
            return at_ms
        ends = [_end_ms(one, at_ms, utc_offset_min) for one in stopping]
        if any(end is None for end in ends):
            return None
        at_ms = max(end for end in ends if end is not None)
    return None


def minutes_of(time_of_day: str) -> int:
    """`HH:MM` as minutes after midnight; a `ValueError` if it is none."""
    hours, colon, minutes = time_of_day.partition(":")
    if not (colon and hours.isdigit() and minutes.isdigit() and len(minutes) == 2):
        raise ValueError(f"{time_of_day!r} is not a time of day; write HH:MM")
    total = int(hours) * 60 + int(minutes)
    if not (int(hours) < 24 and int(minutes) < 60):
        raise ValueError(f"{time_of_day!r} is not a time of day; write 00:00 to 23:59")
    return total


def _concerns(one: Restriction, sku: str, address: str) -> bool:
    return one.sku in ("", sku) and covers(one.region, address)


def _holds(one: Restriction, at_ms: int, utc_offset_min: int) -> bool:
    if at_ms < one.from_ms or (one.until_ms and at_ms >= one.until_ms):
        return False
    if one.kind is not RestrictionKind.DAILY:
        return True
    now = _minute_of_day(at_ms, utc_offset_min)
    begin, end = minutes_of(one.from_time), minutes_of(one.until_time)
    return begin <= now < end if begin <= end else now >= begin or now < end


def _end_ms(one: Restriction, at_ms: int, utc_offset_min: int) -> int | None:
    """When a restriction that holds at a moment ends; None: never."""
    ends = [one.until_ms] if one.until_ms else []
    if one.kind is RestrictionKind.DAILY:
        now = _minute_of_day(at_ms, utc_offset_min)
        left = (minutes_of(one.until_time) - now) % DAY_MIN or DAY_MIN
        ends.append(at_ms - at_ms % MINUTE_MS + left * MINUTE_MS)
    return min(ends, default=None)


def _minute_of_day(at_ms: int, utc_offset_min: int) -> int:
    return (at_ms // MINUTE_MS + utc_offset_min) % DAY_MIN
