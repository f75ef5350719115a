"""What a good run of each question looks like, in whichever world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PLENTY = "stock.quantity=500"
SHORT_WINDOW = ("shop.window_s=[1, 2]", "shop.quota=40", "shop.parallel=0.6", "shop.buyers=20")

Shop = Mapping[str, Any]
"""The figures of a row's `shop`."""


def came_back(shop: Shop) -> None:
    """Holds ran out, and their units were soon for sale again."""
    assert shop["abandoned_holds"] > 0
    assert shop["returned_units"] > 0
    assert shop["return_ms_worst"] < 2_000
    assert (
        shop["paid_orders"] + shop["abandoned_holds"] + shop["cancelled_orders"]
        <= shop["placed_orders"] + shop["paid_late_orders"]
    )


def refused_at_the_till(shop: Shop, units: int) -> None:
    """Where payment deducts: some came too late to pay, and nobody blocked a unit."""
    assert shop["refused_at_till_orders"] > 0
    assert shop["blocked_unit_s"] == 0
    assert shop["paid_units"] <= units


def sold_in_the_window(shop: Shop) -> None:
    """An activity kept its window and its limits, and its remainder went home."""
    assert shop["refused_before"] > 0
    assert shop["refused_after"] > 0
    assert shop["refused_over_limit"] > 0
    assert shop["most_of_one_buyer"] == 2
    home = shop["home_at_close_units"] + shop["home_later_units"]
    assert home == shop["quota_units"] - shop["paid_units"]
