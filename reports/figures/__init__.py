"""The pictures of a page, in the order in which it shows them."""

from __future__ import annotations

from reports.figures import (
    frontier,
    goodput,
    holds,
    lag,
    latency,
    over_time,
    predicted,
    stepped,
    stock,
    till,
    undersold,
    window,
)
from reports.figures.picture import Picture
from reports.load import Comparison
from reports.shop import both_rules, is_shop

PICTURES: tuple[Picture, ...] = (
    goodput.PICTURE,
    frontier.PICTURE,
    latency.PICTURE,
    undersold.PICTURE,
    stock.PICTURE,
    over_time.PICTURE,
    lag.PICTURE,
    predicted.PICTURE,
)
"""Of strategies; each is left out where the records hold nothing to draw."""

SHOP: tuple[Picture, ...] = (holds.PICTURE, till.PICTURE, window.PICTURE)
"""Of shops: each draws what was asked of it."""

STEPS: tuple[Picture, ...] = (stepped.KNEES, stepped.CURVES)
"""Of a load that rises: there a strategy has a row a step, and no single figure."""


def pictures_of(comparison: Comparison) -> tuple[Picture, ...]:
    """The pictures of a comparison. Where payment deducts, placing has no latency worth showing."""
    if comparison.about.get("knee") or comparison.about.get("usl"):
        return STEPS
    if not is_shop(comparison):
        return PICTURES
    return SHOP if both_rules(comparison) else (*SHOP, latency.PICTURE)
