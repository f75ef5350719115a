"""The ways of sourcing on real baskets: the same question for all, the same answer every time."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from inventory_core.sourcing.contract import Sourcing
from scenarios.sourcing.comparing import Basket, carry, compare
from scenarios.sourcing.geography import Geography, invent


def without_times(table: dict) -> list[dict]:
    return [{k: v for k, v in row.items() if "_ms_" not in k} for row in table["rows"]]


@pytest.mark.slow
def test_a_seed_tells_everything_but_the_milliseconds():
    first, again, other = (compare(40, seed, ("nearest", "fewest_parcels")) for seed in (1, 1, 2))
    assert without_times(first) == without_times(again)
    assert without_times(first) != without_times(other)
    assert first["label"] == "real baskets, invented geography"
    near, fewest = first["rows"]
    assert near["orders"] == fewest["orders"] == 40
    assert near["lines"] == fewest["lines"]
    assert fewest["parcels_per_order"] < near["parcels_per_order"]


MONDAY_MS = 1_767_571_200_000
NOON = Basket(MONDAY_MS + 12 * 3_600_000 - 60_000, (("tea", 2), ("cup", 1)))


def test_figures_of_two_baskets_when_the_stock_is_enough_for_one():
    geography = Geography(("east/hill/new-town",) * 2, {"tea": {"dawn": 3}, "cup": {"quay": 1}})
    figures = carry("nearest", _found(), (NOON, NOON), geography)
    assert (figures.refused, figures.parcels_per_order, figures.split_lines) == (1, 2.0, 0)
    assert figures.cost_cents_per_order == (400 + 80) + (200 + 40)
    # quay is slow: ordered Monday 11:59, before its cut-off, two days, promised Wednesday 21:00
    assert figures.days_mean == pytest.approx(2 + (9 * 60 + 1) / 1_440, abs=1e-3)


def test_a_line_from_two_warehouses_counts_as_split():
    stock = {"tea": {"dawn": 1, "quay": 1}, "cup": {"dawn": 1}}
    figures = carry("nearest", _found(), (NOON,), Geography(("east/hill/new-town",), stock))
    assert (figures.split_lines, figures.parcels_per_order) == (1, 2.0)


def test_a_way_that_serves_nobody_has_figures_too():
    @dataclass(frozen=True)
    class Never(Sourcing):
        def choose(self, question):
            return None

    figures = carry("never", Never(), (NOON,), invent({"tea": 2, "cup": 1}, 1, 1))
    assert (figures.refused, figures.parcels_per_order, figures.days_p95) == (1, 0.0, 0.0)


def _found() -> Sourcing:
    from inventory_core.sourcing import find_sourcing

    return find_sourcing("nearest")
