"""Every checker has a planted bug that it must catch, and a sound strategy that it must leave."""

from dataclasses import replace
from itertools import pairwise

import pytest

from inventory_core.strategy import Promise, Strategy
from scenarios.proving.case import Case
from scenarios.proving.cases import CASES
from scenarios.proving.counterexample import counterexample
from scenarios.proving.explorer import TESTIMONY, Bounds
from scenarios.proving.trial import Trial, try_out
from scenarios.proving.world import LIMITS
from tests.proving import planted
from tests.proving.unreduced import breaches

BOUNDS = Bounds(200_000, 60)


def tried(kind: type[Strategy], case: Case) -> Trial:
    return try_out(kind(limits=LIMITS), case, BOUNDS)[0]


CAUGHT = [
    (planted.StaleRead, "quantities that do not fit, 1 line", Promise.NEVER_OVERSELLS, 8),
    (planted.ClaimInAnotherTransaction, "another body, 1 line", Promise.EXACTLY_ONCE, 8),
    (planted.LostRefusal, "deduct, then cancel, 1 line", Promise.EXACTLY_ONCE, 14),
    (planted.NoTombstone, "cancel before deduct, 1 line", Promise.EXACTLY_ONCE, 8),
    (planted.ResolvesTwice, "cancel or pay, 1 line", Promise.EXACTLY_ONCE, 10),
    (planted.PartialBasket, "one delivery booked twice, 2 lines", Promise.ALL_OR_NOTHING, 10),
    (planted.FalseSoldOut, "enough for both, 1 line", Promise.NO_FALSE_SOLD_OUT, 9),
    (planted.ToldTooEarly, "cancel before deduct, 1 line", Promise.NO_FALSE_SOLD_OUT, 12),
    (planted.LeakOnCrash, "enough for both, 1 line", Promise.LEAVES_NOTHING_BEHIND, 8),
    (planted.RecoveryWithoutFence, "recovery beside buyers, 1 line", Promise.NEVER_OVERSELLS, 11),
    (planted.AssertsTooMuch, "quantities that do not fit, 1 line", Promise.EXACTLY_ONCE, 8),
    (planted.AwaitsOnTheWayOut, "enough for both, 1 line", Promise.EXACTLY_ONCE, 0),
    (planted.FalseSoldOut, "enough for both, 1 line", Promise.LINEARIZABLE, 9),
]


@pytest.mark.slow
@pytest.mark.parametrize("kind, title, promise, moves", CAUGHT)
def test_a_planted_bug_is_caught_in_the_fewest_moves(
    kind: type[Strategy], title: str, promise: Promise, moves: int
) -> None:
    trial = tried(kind, CASES[title])
    assert promise in trial.breaches
    assert trial.breaches[promise].moves == moves


@pytest.mark.slow
@pytest.mark.parametrize("title", [title for title in CASES if title.endswith("1 line")])
def test_a_sound_strategy_is_left_alone(title: str) -> None:
    assert tried(planted.Sound, CASES[title]).breaches == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind, title",
    [
        (planted.StaleRead, "quantities that do not fit, 1 line"),
        (planted.FalseSoldOut, "enough for both, 1 line"),
        (planted.LeakOnCrash, "enough for both, 1 line"),
        (planted.UnluckyNumber, "quantities that do not fit, 1 line"),
    ],
)
def test_no_way_is_shorter_among_all_lives(kind: type[Strategy], title: str) -> None:
    strategy, case = kind(limits=LIMITS), CASES[title]
    found = {p: breach.moves for p, breach in tried(kind, case).breaches.items()}
    assert found == breaches(strategy, case)


@pytest.mark.parametrize("turned", [False, True])
def test_merging_equal_stores_does_not_hide_a_false_sold_out(turned: bool) -> None:
    """Order 2 looks where there is nothing. Only if it comes before order 1 is that a lie.

    Both schedules end with the same stores: memory of stores alone would judge only the first.
    """
    case = replace(CASES["cancel before deduct, 1 line"], faults=0)
    buyers = (case.actors[0], case.actors[2])
    case = replace(case, actors=buyers[::-1] if turned else buyers)
    trial, _, explored = try_out(planted.UnluckyNumber(limits=LIMITS), case, BOUNDS)
    assert Promise.NO_FALSE_SOLD_OUT in trial.breaches
    ends = [explored.states[at] for at in explored.ends()]
    assert len({state[:TESTIMONY] for state in ends}) == 1
    assert len({state[TESTIMONY] for state in ends}) > 1


def test_among_the_shortest_ways_the_one_with_the_fewest_switches_is_shown() -> None:
    case = CASES["quantities that do not fit, 1 line"]
    trial, world, explored = try_out(planted.StaleRead(limits=LIMITS), case, BOUNDS)
    shown = counterexample("stale", world, explored, trial.breaches[Promise.NEVER_OVERSELLS])
    actors = [move["actor"] for move in shown.moves]
    switches = sum(one != other for one, other in pairwise(actors))
    assert switches == 2, "one buyer reads, the other buys, the first writes"
    assert "deducted" in shown.timeline
