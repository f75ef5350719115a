"""Where the lines of made-up demand fall: hot cells, that move, and a tail."""

import numpy as np
import pytest

from scenarios.demand import make_demand
from scenarios.scenario import load_scenario


def shares(block: int, *overrides: str) -> np.ndarray:
    """How the lines of a block are spread over the cells."""
    scenario = load_scenario("hotspots", ["stock.cells=100", *overrides])
    demand = make_demand(scenario, 1, 1.0)
    found = demand._lines(block).cell
    return np.bincount(found, minlength=100) / len(found)


@pytest.mark.parametrize("hot", [1, 10])
def test_hot_cells_get_their_share_and_no_other_does(hot: int) -> None:
    found = shares(0, f"demand.hot_cells={hot}", "demand.tail=0")
    assert found[:hot].sum() == pytest.approx(0.8 + 0.2 * hot / 100, abs=0.03)
    assert found[hot:].max() < 0.02


def test_the_heat_moves_on_to_other_cells() -> None:
    options = ("demand.hot_cells=10", "demand.hot_moves=2", "demand.tail=0")
    hot = [set(np.flatnonzero(shares(block, *options) > 0.04)) for block in (0, 1, 2, 4)]
    assert hot == [set(range(10)), set(range(10)), set(range(10, 20)), set(range(20, 30))]


def test_the_tail_is_wanted_as_zipf_says() -> None:
    found = shares(0, "demand.hot_share=0")
    assert found[0] / found[9] == pytest.approx(10, rel=0.5)


def test_without_heat_the_same_seed_makes_the_demand_that_it_always_made() -> None:
    demand = make_demand(load_scenario("oversell_attempts"), 1, 1.0)
    dice = np.random.default_rng([1, 0, 2])
    lengths = dice.choice(np.asarray((1, 1, 2, 3)), 2_048)
    assert (demand._lines(0).cell == dice.integers(0, 4, int(lengths.sum()))).all()
