"""A look at the product window, in a word: what it showed, and to whom.

    in stock      it shows some
    sold out      it shows none, to somebody who wants nothing
    turned away   it shows none, to somebody who wants one

Whoever is turned away goes home; the shop never hears of them.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from scenarios.measuring.client import ERROR, UNKNOWN

LOOK = "look"
"""The kind of these requests, beside those of orders."""

IN_STOCK, SOLD_OUT, TURNED_AWAY = "in stock", "sold out", "turned away"
SEEN = frozenset({IN_STOCK, SOLD_OUT, TURNED_AWAY})


class Look(NamedTuple):
    """What was seen: so many units, as of the newest change that the window knew of."""

    outcome: str
    units: int = 0
    as_of_us: int = 0


def look_of(status: int, body: bytes, *, wants: bool) -> Look:
    """The answer of the product system to somebody who wants one, or does not.

    Status 0: there was none. An article that is not known there was not shown to anybody.
    """
    if status != 200:
        return Look(UNKNOWN if status in (0, 500, 502, 503, 504) else ERROR)
    try:
        said = json.loads(body)
        units = int(said["total"])
        as_of_us = max(int(place["as_of_us"]) for place in said["places"])
    except (ValueError, KeyError, TypeError):  # half an answer, or somebody else's
        return Look(ERROR)
    return Look(_word(units, wants=wants), units, as_of_us)


def _word(units: int, *, wants: bool) -> str:
    if units > 0:
        return IN_STOCK
    return TURNED_AWAY if wants else SOLD_OUT
