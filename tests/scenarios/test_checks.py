"""Every check has planted bugs that trip it, and true histories that do not."""

import pytest

from inventory_core.domain import Cell, HoldState
from inventory_core.stores.audit import Audit, Book
from scenarios.checks import CHECKS, Case, Check, Finding, judge
from tests.scenarios.made_up_runs import A, IdealShop, MadeUpRun, one_cell


def found(case: Case) -> dict[int, Finding]:
    return {finding.number: finding for finding in judge(case)}


def broken(case: Case) -> set[int]:
    return {number for number, finding in found(case).items() if finding.state == "broken"}


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 400, 100))
def test_nobody_accuses_an_ideal_shop(start: int) -> None:
    for seed in range(start, start + 100):
        findings = judge(IdealShop(seed).play(25).case())
        accused = [f for f in findings if f.state not in ("holds", "not judged")]
        assert not accused, f"seed {seed}: {accused}"


@pytest.mark.slow
def test_ideal_histories_are_rich_enough_to_mean_something() -> None:
    seen = {
        (row["kind"], row["outcome"])
        for seed in range(100)
        for row in IdealShop(seed).play(25).attempts
    }
    wanted = {
        ("deduct", outcome)
        for outcome in ("deducted", "refused", "replayed", "mismatched", "unknown")
    }
    wanted |= {("roll_back", "rolled_back"), ("expire", "expired"), ("pay", "paid_late")}
    assert wanted <= seen


def healthy() -> MadeUpRun:
    """Three units; four buyers, the last of whom is refused."""
    run = one_cell(3)
    run.sold("1", 0, 10)
    run.sold("2", 5, 20)
    run.sold("3", 15, 30)
    run.refused("4", 40, 50)
    return run


def test_the_healthy_run_holds_everywhere() -> None:
    assert {f.state for f in judge(healthy().case())} == {"holds"}


# ------------------------------------------------------------------------------------ 1: oversold


def test_one_buyer_too_many_is_oversold() -> None:
    run = healthy()
    run.sold("5", 60, 70)
    finding = found(run.case())[1]
    assert (finding.state, finding.figures["oversold_units"]) == ("broken", 1)
    assert finding.first
    assert finding.first.at_ns == 70


def test_oversold_for_a_moment_counts_though_it_was_given_back_later() -> None:
    run = one_cell(1)
    run.sold("1", 0, 10)
    run.attempt("2", "deducted", 5, 20)
    run.attempt("2", "rolled_back", 30, 40, kind="roll_back")
    run.book("2", HoldState.ROLLED_BACK)
    assert found(run.case())[1].figures["oversold_units"] == 1


def test_a_unit_given_back_may_be_sold_again_as_soon_as_the_cancellation_is_sent() -> None:
    run = one_cell(1)
    run.attempt("1", "deducted", 0, 10)
    run.attempt("1", "rolled_back", 20, 90, kind="roll_back")
    run.book("1", HoldState.ROLLED_BACK)
    run.sold("2", 25, 30)
    assert 1 not in broken(run.case())


def test_units_owned_by_orders_that_were_never_answered_count_at_rest() -> None:
    run = healthy()
    run.attempt("5", "unknown", 60, 70)
    run.book("5", HoldState.HELD)
    finding = found(run.case())[1]
    assert finding.figures["oversold_units"] == 1
    assert finding.first
    assert finding.first.at_ns is None


def test_a_replay_after_a_lost_reply_is_one_deduction() -> None:
    run = one_cell(1)
    run.attempt("1", "unknown", 0, 10)
    run.attempt("1", "replayed", 20, 30, attempt=1)
    run.book("1", HoldState.HELD)
    assert broken(run.case()) == set()


# -------------------------------------------------------------------------------- 2: conservation


def test_a_leak_is_a_counter_that_lost_units_no_order_owns() -> None:
    case = (run := healthy()).case(run.audit({A: -2}))
    assert found(case)[2].figures == {"leaked_units": 2, "surplus_units": 0}
    assert broken(case) == {2}


def test_a_lost_write_leaves_units_that_are_owned_and_still_for_sale() -> None:
    case = (run := healthy()).case(run.audit({A: 1}))
    assert found(case)[2].figures == {"leaked_units": 0, "surplus_units": 1}


def test_units_on_their_way_to_a_counter_are_no_leak() -> None:
    run = healthy()
    lawful = run.audit().books[0]
    waiting = Book("sql", {A: 3}, lawful.orders, lawful.journal, {A: -3})
    assert broken(run.case(Audit((waiting,)))) == set()


def test_two_stores_that_do_not_agree_break_the_law() -> None:
    run = healthy()
    rows = run.audit().books[0]
    keys = Book("kv", {A: 1}, {}, {"open": (A, 1)})
    assert 2 in broken(run.case(Audit((rows, keys))))


def test_a_journal_that_does_not_say_what_was_loaded_is_found() -> None:
    run = healthy()
    rows = run.audit().books[0]
    forged = Book("sql", {A: 4}, rows.orders, {"open": (A, 7)})
    assert 2 in broken(run.case(Audit((forged,))))


def test_stores_without_any_book_break_the_law() -> None:
    assert 2 in broken(healthy().case(Audit(())))


# ---------------------------------------------------------------------------- 3, 4: lost, phantom


def test_an_acknowledged_order_that_the_log_does_not_know_is_lost() -> None:
    run = healthy()
    del run.orders["2"]
    finding = found(run.case())[3]
    assert finding.figures["lost_orders"] == 1
    assert finding.first
    assert "order 2" in finding.first.what


@pytest.mark.parametrize(
    "state", [HoldState.REFUSED, HoldState.ROLLED_BACK, HoldState.EXPIRED, HoldState.TOMBSTONE]
)
def test_an_acknowledged_order_that_was_closed_by_nobody_is_lost(state: HoldState) -> None:
    run = healthy()
    run.book("2", state)
    assert 3 in broken(run.case())


def test_an_order_logged_with_fewer_units_than_promised_is_lost() -> None:
    run = one_cell(5)
    run.attempt("1", "deducted", 0, 10, lines="a@online=3")
    run.book("1", HoldState.HELD, "a@online=2")
    assert 3 in broken(run.case())


def test_an_order_in_the_log_that_nobody_sent_is_a_phantom() -> None:
    run = healthy()
    run.book("ghost", HoldState.HELD)
    assert found(run.case())[4].figures["phantom_orders"] == 1


@pytest.mark.parametrize("answer", ["refused", "contended", "error", "mismatched"])
def test_units_taken_by_an_order_that_was_told_no_are_a_phantom(answer: str) -> None:
    run = one_cell(2)
    run.attempt("1", answer, 0, 10)
    run.book("1", HoldState.HELD)
    assert 4 in broken(run.case())


def test_a_lost_reply_may_have_had_an_effect_or_none() -> None:
    with_effect, without = one_cell(2), one_cell(2)
    with_effect.attempt("1", "unknown", 0, 10)
    with_effect.book("1", HoldState.HELD)
    without.attempt("1", "unknown", 0, 10)
    assert broken(with_effect.case()) == broken(without.case()) == set()


# -------------------------------------------------------------------------------- 5: exactly once


def test_two_deliveries_that_are_both_deducted_are_a_duplicate() -> None:
    run = one_cell(5)
    run.sold("1", 0, 10)
    run.attempt("1", "deducted", 5, 20)
    assert found(run.case())[5].figures["duplicated_orders"] == 1


def test_an_order_that_owns_more_than_it_asked_for_is_a_duplicate() -> None:
    run = one_cell(5)
    run.sold("1", 0, 10)
    run.book("1", HoldState.HELD, "a@online=2")
    assert found(run.case())[5].figures["duplicated_orders"] == 1


def test_two_bodies_accepted_under_one_number_are_a_duplicate() -> None:
    run = one_cell(5)
    run.sold("1", 0, 10)
    run.attempt("1", "replayed", 20, 30, lines="a@online=2")
    assert 5 in broken(run.case())


def test_an_answer_must_not_change() -> None:
    run = one_cell(1)
    run.sold("1", 0, 10)
    run.attempt("1", "refused", 20, 30)
    assert found(run.case())[5].figures == {"duplicated_orders": 0, "answers_changed": 1}


# ------------------------------------------------------------------------------ 6: false sold-out


def test_a_refusal_with_stock_left_is_false() -> None:
    run = one_cell(3)
    run.sold("1", 0, 10)
    run.refused("2", 20, 30)
    finding = found(run.case())[6]
    assert finding.figures["undersold_units"] == finding.figures["unexplained"] == 1


def test_a_refusal_is_legal_if_the_stock_was_short_for_a_moment_of_it() -> None:
    run = one_cell(1)
    run.attempt("1", "deducted", 0, 10)
    run.attempt("1", "rolled_back", 30, 40, kind="roll_back")
    run.book("1", HoldState.ROLLED_BACK)
    run.refused("2", 5, 50)
    assert 6 not in broken(run.case())


def test_a_refusal_after_everything_came_back_is_false() -> None:
    run = one_cell(1)
    run.attempt("1", "deducted", 0, 10)
    run.attempt("1", "rolled_back", 30, 40, kind="roll_back")
    run.book("1", HoldState.ROLLED_BACK)
    run.refused("2", 45, 50)
    assert 6 in broken(run.case())


def test_a_basket_may_be_refused_for_any_of_its_lines() -> None:
    run = MadeUpRun({A: 5, Cell("b"): 0})
    run.refused("1", 0, 10, lines="a@online=1;b@online=1")
    assert 6 not in broken(run.case())


def test_a_refusal_while_a_lost_request_may_hold_the_last_unit_is_legal() -> None:
    run = one_cell(1)
    run.attempt("1", "unknown", 0, 30)
    run.refused("2", 10, 20)
    assert 6 not in broken(run.case())


def test_false_refusals_are_told_apart_by_cause() -> None:
    run = one_cell(3)
    run.refused("1", 10, 20)
    assert found(run.case(run.audit({A: 1})))[6].figures["leaked"] == 1
    run.refuses_for = "fragmented"
    assert found(run.case())[6].figures["fragmented"] == 1
    rows = run.audit().books[0]
    stranded = Audit((Book("sql", {A: 2}, rows.orders, rows.journal, {A: 1}),))
    assert found(run.case(stranded))[6].figures["stranded"] == 1
    run.attempt("9", "unknown", 0, 5)
    assert found(run.case())[6].figures["lost_in_crash"] == 1


def test_a_buyer_who_gave_up_with_stock_left_is_undersold_but_no_promise_is_broken() -> None:
    run = one_cell(3)
    run.attempt("1", "contended", 0, 10)
    finding = found(run.case())[6]
    assert finding.figures["retries_exhausted"] == finding.figures["undersold_units"] == 1
    assert finding.state == "holds"


def test_a_buyer_who_was_contended_first_and_served_then_was_not_undersold() -> None:
    run = one_cell(3)
    run.attempt("1", "contended", 0, 10)
    run.attempt("1", "deducted", 11, 20, attempt=1)
    run.book("1", HoldState.HELD)
    assert found(run.case())[6].figures["undersold_units"] == 0


# ------------------------------------------------------------------------------- the checks alone


def test_a_check_that_crashes_answers_unknown() -> None:
    def crash(check: Check, case: Case) -> Finding:
        raise IndexError("a bug of ours")

    from dataclasses import replace

    findings = judge(healthy().case(), (replace(CHECKS[0], examine=crash),))
    assert [f.state for f in findings] == ["unknown"]
    assert "a bug of ours" in findings[0].why


def test_a_finding_tells_the_count_the_first_the_worst_and_the_last() -> None:
    run = one_cell(0)
    run.sold("1", 0, 10)
    run.sold("2", 20, 30, lines="a@online=5")
    run.attempt("2", "rolled_back", 40, 50, kind="roll_back")
    run.book("2", HoldState.ROLLED_BACK, "a@online=5")
    run.sold("3", 60, 70)
    finding = found(run.case())[1]
    assert finding.first
    assert finding.worst
    assert finding.last
    assert (finding.first.at_ns, finding.worst.at_ns, finding.last.at_ns) == (10, 30, 70)
    assert finding.as_json()["worst"]["size"] == 6
