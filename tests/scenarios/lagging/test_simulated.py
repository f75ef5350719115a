"""The simulated world agrees with theory, keeps its promises, and its planted bugs are seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenarios.lagging.campaign import PREDICTED, World, as_measured, broken
from scenarios.lagging.cases import (
    Case,
    Control,
    Fault,
    measurable,
    predictable,
    streamed,
    swept,
    troubled,
)
from scenarios.lagging.judging import Figures, judge
from scenarios.lagging.paths import Kind, SyncPath
from scenarios.lagging.scenario import Sale, SyncLag, load_lag
from scenarios.predicting.lagging import simulate

SCENARIO = load_lag()
# Plenty for everybody, nothing comes back: half of the visits are changes, so changes are Poisson.
PLENTY = replace(
    SCENARIO,
    sale=Sale(
        articles=4,
        quantity=10**6,
        shoppers_per_s=40,
        orders=0.5,
        come_back=0,
        refill=0,
        seconds=400,
    ),
)


def figures_of(scenario: SyncLag, case: Case, seed: int = 1) -> Figures:
    return judge(simulate(scenario, case, seed), case.path)


@pytest.mark.slow
@pytest.mark.parametrize("own_s", [0.02, 0.1, 0.5])
@pytest.mark.parametrize("kind", list(Kind))
def test_stale_looks_are_as_many_as_theory_says(kind: Kind, own_s: float) -> None:
    found = figures_of(PLENTY, Case(SyncPath(kind, own_s, 2 * own_s)))
    assert found.looks > 10_000
    assert found.stale_share == pytest.approx(found.stale_share_theory, abs=0.01)


def test_theory_knows_its_limits() -> None:
    for kind in Kind:
        assert SyncPath(kind, 1e-7, 1e-7).stale_share(10, 10, 0.5) == pytest.approx(0, abs=1e-5)
        assert SyncPath(kind, 0.5, 1).stale_share(0, 10, 0) == 0
    assert SyncPath(Kind.POLLING, 1e4).stale_share(10, 10, 1) == pytest.approx(1, abs=1e-4)
    lags = SyncPath(Kind.STREAMING, 0.1, 0.4)
    assert lags.mean_lag_s == pytest.approx(0.1 * 2.718281828 ** (lags.sigma**2 / 2))


def test_the_same_seed_is_the_same_sale_and_another_is_not() -> None:
    case = streamed(SCENARIO)
    assert figures_of(SCENARIO, case, 3) == figures_of(SCENARIO, case, 3)
    assert figures_of(SCENARIO, case, 3) != figures_of(SCENARIO, case, 4)


def test_a_later_window_turns_more_away_and_one_in_step_hardly_anybody() -> None:
    for kind in Kind:
        lags = (0.001, 0.1, 1.0)
        found = [figures_of(SCENARIO, Case(SyncPath(kind, own_s, own_s))) for own_s in lags]
        for figure in ("stale_share", "lost_sales", "behind_ms_mean"):
            values = [getattr(each, figure) for each in found]
            assert values == sorted(values), (kind, figure)
        assert found[0].lost_sales + found[0].refused <= 5
        assert found[-1].lost_sales > 20


@pytest.mark.slow
def test_every_fault_ends_right_and_every_planted_bug_is_seen() -> None:
    rows = list(World(PREDICTED, simulate, 3).rows(SCENARIO, troubled(SCENARIO)))
    assert broken(rows) == []
    assert {row["fault"] for row in rows} == {fault.value for fault in Fault}
    planted = {row["control"]: row["differing"] for row in rows if row["control"]}
    assert min(planted.values()) > 0
    assert set(planted) == {Control.LAST_WRITE_WINS, Control.NO_SNAPSHOT}
    by_fault = {row["fault"]: row for row in rows if not row["control"]}
    assert by_fault[Fault.DUPLICATE_DELIVERY]["ignored"] > 50
    assert by_fault[Fault.CONSUMER_STOPPED]["behind_ms_p99"] > 1_000


def test_a_planted_bug_that_does_nothing_is_reported() -> None:
    rows = list(World(PREDICTED, simulate, 1).rows(SCENARIO, [streamed(SCENARIO)]))
    quiet = [row | {"control": Control.LAST_WRITE_WINS.value} for row in rows]
    assert "was not seen" in broken(quiet)[0]
    assert "1 oversold" in broken([rows[0] | {"oversold_high": 1}])[0]
    assert "2 left wrong at rest" in broken([rows[0] | {"differing_high": 2}])[0]


@pytest.mark.slow
def test_the_source_never_oversells_and_a_window_that_sells_oversells_with_its_lag() -> None:
    assert all(not figures_of(SCENARIO, case).oversold for case in swept(SCENARIO))
    for kind in Kind:
        by_lag = [
            figures_of(SCENARIO, case).oversold
            for case in swept(SCENARIO, Control.SELLS_BY_THE_COPY)
            if case.path.kind is kind
        ]
        assert by_lag[-1] > by_lag[2] > by_lag[0], kind


def test_what_was_measured_of_the_pipeline_is_what_is_predicted_with() -> None:
    row = {"path": "streaming", "fault": "", "control": "", "lag_ms_p50": 7.0, "lag_ms_p99": 70.0}
    stopped = row | {"fault": "consumer_stopped", "lag_ms_p50": 900.0, "silent_ms": 3_500.0}
    found = as_measured(SCENARIO, [stopped, row])
    assert (found.paths.lag_ms_p50, found.paths.lag_ms_p99) == (7.0, 70.0)
    assert stopped["own_ms"] == 7.0
    assert streamed(found, Fault.CONSUMER_STOPPED).for_s == 3.5
    assert streamed(found, Fault.BROKER_KILLED).for_s == SCENARIO.faults.for_s
    assert as_measured(SCENARIO, []) == SCENARIO
    cases = predictable(found)
    assert set(measurable(found)) <= set(cases)
    assert len(set(cases)) == len(cases)
