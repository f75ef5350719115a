"""The pictures of a page, in the order in which it shows them."""

from __future__ import annotations

from reports.faults import has_faults
from reports.figures import comeback, goodput, holds, latency, stock, till, window
from reports.figures.picture import Picture
from reports.load import Comparison
from reports.shop import both_rules, is_shop

PICTURES: tuple[Picture, ...] = (goodput.PICTURE, latency.PICTURE, stock.PICTURE)
"""Of strategies."""

SHOP: tuple[Picture, ...] = (holds.PICTURE, till.PICTURE, window.PICTURE)
"""Of shops: each draws what was asked of it."""


def pictures_of(comparison: Comparison) -> tuple[Picture, ...]:
    """The pictures of a comparison. Where payment deducts, placing has no latency worth showing."""
    if not is_shop(comparison):
        return (*PICTURES, comeback.PICTURE) if has_faults(comparison) else PICTURES
    return SHOP if both_rules(comparison) else (*SHOP, latency.PICTURE)
