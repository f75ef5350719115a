"""Checks 9, 10 and 12: planted bugs trip them, honest crashes and declared losses do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inventory_core.domain import HoldState
from inventory_core.stores.audit import Audit
from inventory_core.strategy import Fault
from scenarios.checks import Case, Finding, Strike, judge
from scenarios.checks.lost_in_crash import LOSS_WINDOW_NS
from tests.scenarios.made_up_runs import A, MadeUpRun, one_cell

S = 1_000_000_000
KILLED = Strike(Fault.SERVER_KILLED, 10 * S, 11 * S, "valkey")
POWER = Strike(Fault.POWER_LOST, 10 * S, 11 * S, "valkey")
PAUSED = Strike(Fault.HOLDER_PAUSED, 10 * S, 13 * S, "process 1")


def found(case: Case) -> dict[int, Finding]:
    return {finding.number: finding for finding in judge(case)}


def states(case: Case) -> dict[int, str]:
    return {number: finding.state for number, finding in found(case).items()}


def struck(run: MadeUpRun, *strikes: Strike, loses: frozenset[Fault] = frozenset()) -> Case:
    return replace(run.case(), strikes=strikes, loses=loses)


def test_a_run_without_faults_is_not_judged_for_them() -> None:
    assert set(found(one_cell(1).case())) == {1, 2, 3, 4, 5, 6, 7}


# -------------------------------------------------------------------- 10: nothing lost in a crash


def crashed() -> MadeUpRun:
    """Two sales before the crash, one after; units for ten."""
    run = one_cell(10)
    run.sold("1", 1 * S, 2 * S)
    run.sold("2", 9 * S, 9 * S + 1)
    run.sold("3", 12 * S, 13 * S)
    return run


def test_an_honest_crash_loses_nothing() -> None:
    finding = found(struck(crashed(), KILLED))[10]
    assert finding.state == "holds"
    assert finding.figures["lost_acknowledgements"] == 0
    assert finding.figures["acknowledged_before_crash"] == 2


def test_an_acknowledged_order_that_the_crash_swallowed_is_found() -> None:
    run = crashed()
    del run.orders["2"]
    case = struck(run, KILLED)
    assert (states(case)[10], states(case)[3]) == ("broken", "broken")
    assert found(case)[10].figures["lost_span_us"] == (S - 1) // 1_000


def test_an_order_that_is_taken_anew_after_the_crash_was_lost_in_it() -> None:
    run = crashed()
    run.attempt("2", "deducted", 12 * S, 13 * S)
    case = struck(run, KILLED)
    assert (states(case)[10], states(case)[5]) == ("broken", "broken")


def test_a_declared_loss_is_a_figure_and_accuses_nobody() -> None:
    run = crashed()
    del run.orders["2"]
    case = struck(run, POWER, loses=frozenset({Fault.POWER_LOST}))
    assert "broken" not in states(case).values()
    assert found(case)[10].figures["lost_acknowledgements"] == 1


def test_units_of_a_declared_loss_may_be_sold_again_and_the_order_taken_anew() -> None:
    run = one_cell(2)
    run.sold("1", 1 * S, 2 * S)
    run.sold("2", 9 * S, 9 * S + 1)
    run.refused("4", 9 * S + 2, 9 * S + 3)  # sold out, until the crash
    run.attempt("2", "deducted", 12 * S, 12 * S + 1)
    run.attempt("4", "refused", 13 * S, 13 * S + 1)
    case = struck(run, POWER, loses=frozenset({Fault.POWER_LOST}))
    assert "broken" not in states(case).values()
    assert found(case)[10].figures["lost_acknowledgements"] == 1
    assert {states(struck(run, POWER))[n] for n in (5, 10)} == {"broken"}


def test_a_refusal_that_the_crash_forgot_is_excused_only_if_that_was_declared() -> None:
    run = one_cell(1)
    run.sold("1", 8 * S, 9 * S)
    run.attempt("2", "refused", 9 * S, 9 * S + 5)
    run.sold("2", 12 * S, 13 * S)
    del run.orders["1"]
    declared = struck(run, POWER, loses=frozenset({Fault.POWER_LOST}))
    assert "broken" not in states(declared).values()
    assert states(struck(run, POWER))[5] == "broken"


def test_only_the_declared_fault_excuses_and_only_within_the_window() -> None:
    run = crashed()
    del run.orders["2"]
    loses = frozenset({Fault.POWER_LOST})
    assert states(struck(run, KILLED, loses=loses))[10] == "broken"
    del run.orders["1"]  # acknowledged long before the log was last flushed
    assert 10 * S - 2 * S > LOSS_WINDOW_NS
    finding = found(struck(run, POWER, loses=loses))[10]
    assert (finding.state, finding.count) == ("broken", 1)
    assert finding.figures["lost_acknowledgements"] == 2


def test_what_is_oversold_beside_a_declared_loss_is_oversold_still() -> None:
    run = crashed()
    del run.orders["2"]
    for number in range(20, 30):
        run.sold(str(number), 14 * S, 15 * S)
    case = struck(run, POWER, loses=frozenset({Fault.POWER_LOST}))
    assert states(case)[1] == "broken"


# ------------------------------------------------------------------- 9: a stale holder cannot write


def paused() -> MadeUpRun:
    """One buyer sleeps through the pause, two others buy meanwhile."""
    run = one_cell(10)
    run.sold("slept", 9 * S, 14 * S)
    run.sold("2", 11 * S, 12 * S)
    run.sold("3", 12 * S, 12 * S + 1)
    return run


def test_a_holder_who_slept_and_wrote_nothing_stale_holds() -> None:
    assert states(struck(paused(), PAUSED))[9] == "holds"


def test_a_stale_write_brings_back_what_others_sold() -> None:
    run = paused()
    run.remaining[A] = 9  # as though only the sleeper had bought
    finding = found(struck(run, PAUSED))[9]
    assert (finding.state, finding.figures["units_brought_back"]) == ("broken", 2)


def test_a_pause_in_which_nobody_was_asking_says_nothing_about_holders() -> None:
    run = one_cell(3)
    run.sold("1", 14 * S, 15 * S)
    run.remaining[A] = 3
    assert states(struck(run, PAUSED))[9] == "not judged"


# --------------------------------------------------------------------------- 12: goodput comes back


def steady(per_s: int, after_per_s: int, from_s: float = 11.0) -> MadeUpRun:
    """So many sales a second until the crash at 10 s, and so many from `from_s` to 20 s."""
    run = one_cell(100_000)
    for number in range(10 * per_s):
        at = number * S // per_s
        run.sold(f"b{number}", at, at + 1)
    for number in range(int((20 - from_s) * after_per_s)):
        at = int(from_s * S) + number * S // after_per_s
        run.sold(f"a{number}", at, at + 1)
    run.attempt("end", "unknown", 20 * S, 20 * S)
    return run


@pytest.mark.parametrize(
    "after_per_s, from_s, state",
    [
        (100, 11.0, "holds"),
        (92, 11.0, "holds"),
        (100, 15.0, "holds"),
        (100, 17.0, "broken"),  # too late
        (2, 11.0, "broken"),  # stuck
        (70, 11.0, "unknown"),
    ],
)
def test_goodput_must_come_back_and_in_time(after_per_s: int, from_s: float, state: str) -> None:
    case = struck(steady(100, after_per_s, from_s), KILLED)
    assert states(replace(case, back_within_s=5.0))[12] == state


def test_how_long_it_took_is_a_figure() -> None:
    finding = found(struck(steady(100, 100, 13.0), KILLED))[12]
    assert 1_500 <= finding.figures["back_after_ms"] <= 2_000


def test_servers_that_died_together_and_faults_all_along_do_not_hide_each_other() -> None:
    both = replace(KILLED, whom="postgresql")
    spell = Strike(Fault.CLIENT_DIES, 0, 20 * S, "the buyers")
    finding = found(struck(steady(100, 2), spell, KILLED, both))[12]
    assert (finding.state, finding.count) == ("broken", 1)


def test_stock_that_is_gone_does_not_look_like_a_stuck_lock() -> None:
    run = steady(100, 0)
    assert states(struck(run, KILLED))[12] == "broken"
    run.supply[A] = len(run.orders)
    assert states(struck(run, KILLED))[12] == "not judged"


def test_a_run_that_ends_with_the_fault_is_not_judged() -> None:
    late = replace(KILLED, began_ns=19 * S, over_ns=20 * S)
    assert states(struck(steady(100, 100), late))[12] == "not judged"


def test_a_hold_that_was_rolled_back_and_lost_with_the_crash_is_counted_once() -> None:
    run = one_cell(1)
    run.sold("1", 8 * S, 8 * S + 1)
    run.attempt("1", "rolled_back", 9 * S, 9 * S + 1, kind="roll_back")
    run.attempt("1", "deducted", 12 * S, 13 * S)
    run.book("1", HoldState.HELD)
    case = struck(run, POWER, loses=frozenset({Fault.POWER_LOST}))
    assert "broken" not in states(case).values()


# ------------------------------------------------------- 6: units that a dead client left stranded


def with_a_death() -> tuple[MadeUpRun, Case]:
    """The only unit is held for a client who died; another is refused; `recover` gives it back."""
    run = one_cell(1)
    run.attempt("died", "unknown", 1 * S, 2 * S)
    unmended = run.audit({A: 0})
    (book,) = unmended.books
    run.book("died", HoldState.HELD)
    held = dict(run.orders)
    del run.orders["died"]
    run.refused("2", 5 * S, 6 * S)
    return run, replace(run.case(), unmended=Audit((replace(book, orders=held),)))


def test_who_is_refused_for_want_of_stranded_units_is_counted_and_accuses_nobody() -> None:
    _, case = with_a_death()
    finding = found(case)[6]
    assert finding.state == "holds"
    assert (finding.figures["undersold_units"], finding.figures["stranded"]) == (1, 1)


def test_a_refusal_beside_stranded_units_that_left_enough_is_false() -> None:
    run, case = with_a_death()
    run.supply[A] = 2
    unmended = case.unmended
    finding = found(replace(run.case(), unmended=unmended))[6]
    assert (finding.state, finding.count) == ("broken", 1)


def test_without_a_trace_before_the_recovery_nothing_was_stranded() -> None:
    run, _ = with_a_death()
    assert found(run.case())[6].state == "broken"
