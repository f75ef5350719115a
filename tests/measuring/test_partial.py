"""What did not come to a whole end is kept apart from what did; and where keys lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory_core.problems import Problem
from inventory_core.steps.errors import StoreFull
from scenarios.measuring.pairs import pairs_of
from scenarios.measuring.partial import kept_is_told, refuse_partial, whole_of
from scenarios.scenario import load_scenario

WHOLE = {"strategy": "row_lock", "goodput_per_s": 9.0}
PARTIAL = WHOLE | {"partial": "the disk is full."}


def test_a_partial_run_is_not_mixed_with_whole_ones() -> None:
    assert whole_of([WHOLE, PARTIAL]) == [WHOLE]
    assert whole_of([PARTIAL]) == [PARTIAL]


def test_a_partial_run_ends_the_campaign_and_says_how_to_go_on() -> None:
    refuse_partial(WHOLE, Path("kept/run"))
    with pytest.raises(Problem) as problem:
        refuse_partial(PARTIAL, Path("kept/run"))
    assert str(problem.value) == (
        "the disk is full; the run of row_lock is kept in kept/run, marked as partial, beside those"
        " that are finished: mend that, and start again with --out kept"
    )


@pytest.mark.parametrize("error", [Problem("no server."), StoreFull("no server")])
@pytest.mark.parametrize("finished", [True, False])
def test_a_problem_says_where_the_finished_runs_are(error: Exception, finished: bool) -> None:
    with pytest.raises(Problem, match="no server") as problem, kept_is_told(Path("kept"), finished):
        raise error
    assert ("finished runs are in kept" in str(problem.value)) is finished


def test_keys_lie_in_the_cluster_when_there_is_one() -> None:
    names = ["noop", "row_lock", "redis_script", "redis_with_task"]
    pairs, _ = pairs_of(load_scenario("flash_sale"), names, cluster=True)
    assert [pair.stack.name for pair in pairs] == [
        "null",
        "postgresql",
        "rediscluster",
        "postgresql+rediscluster",
    ]
