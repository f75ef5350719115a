"""A row adds up, tells speed over the right window, and says void when a promise was broken."""

from typing import Any

import numpy as np
import pytest

from inventory_core.domain import HoldState
from inventory_core.strategy import Promise
from inventory_core.strategy.promises import ALL
from scenarios.checks import judge
from scenarios.checks.serial_run import units_left_over
from scenarios.combining import combine
from scenarios.statistics import median_interval, percentile, warm_up_batches
from scenarios.verdict import blank_damage, damage, figures, verdict, window_of
from tests.scenarios.made_up_runs import IdealShop, MadeUpRun, one_cell

MS = 1_000_000


def row_of(
    run: MadeUpRun, ends_ns: int = 1_000 * MS, kept: frozenset[Promise] = ALL
) -> dict[str, Any]:
    case = run.case()
    findings = judge(case)
    speed = figures(run.table, case, 1_000 * MS, "none")
    return {**speed, **damage(case, findings), **verdict(findings, kept)}


def sale(units: int, buyers: int, every_ms: int = 10) -> MadeUpRun:
    """Buyers one after the other; the first are served, the others refused."""
    run = one_cell(units)
    for buyer in range(buyers):
        sent, replied = buyer * every_ms * MS, (buyer * every_ms + 5) * MS
        (run.sold if buyer < units else run.refused)(f"{buyer}", sent, replied)
    return run


@pytest.mark.slow
def test_attempts_are_the_sum_of_their_parts_in_every_ideal_history() -> None:
    parts = ("deducted", "replayed", "refused", "contended", "errors", "unknown", "dropped")
    for seed in range(60):
        run = IdealShop(seed).play(30)
        row = row_of(run)
        deducts = sum(attempt["kind"] == "deduct" for attempt in run.attempts)
        assert row["attempts"] == sum(row[part] for part in parts) == deducts
        assert row["refused"] == sum(row["refused_by_reason"].values())
        assert sum(row["other_verbs"].values()) == len(run.attempts) - deducts


def test_goodput_counts_until_the_stock_ran_out_and_no_longer() -> None:
    row = row_of(sale(units=20, buyers=90))
    assert row["sold_out_after_s"] == pytest.approx(0.195)
    assert row["goodput_per_s"] == pytest.approx(20 / 0.195)


def test_goodput_of_a_sale_that_does_not_run_out_is_that_of_the_whole_window() -> None:
    row = row_of(sale(units=1_000, buyers=90))
    assert row["sold_out_after_s"] is None
    assert row["goodput_per_s"] == pytest.approx(90 / 1.0)


def test_replays_are_never_goodput() -> None:
    run = sale(units=1_000, buyers=10)
    for again in range(50):
        run.attempt("1", "replayed", again * MS, (again + 1) * MS)
    assert row_of(run)["goodput_per_s"] == pytest.approx(10)


def test_latency_of_accepted_and_refused_is_told_apart_and_counts_from_the_intended_time() -> None:
    run = sale(units=30, buyers=90)
    for attempt in run.attempts:
        attempt["intended_ns"] -= 2 * MS
    row = row_of(run)
    assert row["accepted_latency_ms_p50"] == pytest.approx(7)
    assert row["accepted_latency_ms_p99"] is None, "30 samples say nothing about the 99th"
    assert row["refused_latency_ms_p50"] == pytest.approx(7)


def test_a_run_without_damage_holds() -> None:
    row = row_of(sale(20, 40))
    assert (row["verdict"], row["promises_broken"]) == ("holds", [])
    assert "never oversold" in row["judged"]


def test_an_oversold_run_is_void_whatever_the_strategy_promised() -> None:
    run = sale(20, 20)
    run.sold("one too many", 900 * MS, 910 * MS)
    row = row_of(run, kept=frozenset())
    assert row["oversold_units"] == 1
    assert (row["verdict"], row["promises_broken"]) == ("void", ["never oversells"])


def test_a_false_refusal_is_void_only_for_who_promised_that_there_is_none() -> None:
    run = one_cell(5)
    run.refused("1", 0, 10)
    assert row_of(run)["verdict"] == "void"
    lenient = ALL - {Promise.NO_FALSE_SOLD_OUT, Promise.LINEARIZABLE}
    row = row_of(run, kept=frozenset(lenient))
    assert (row["verdict"], row["undersold_units"]) == ("holds", 1)
    assert row["undersold_by_cause"] == {"unexplained": 1}


def test_a_check_that_could_not_decide_makes_the_verdict_unknown() -> None:
    findings = judge(sale(20, 40).case())
    dazed = [findings[0].__class__(1, "never oversold", Promise.NEVER_OVERSELLS, "unknown")]
    assert verdict([*dazed, *findings[1:]], ALL)["verdict"] == "unknown"


def test_who_asks_nothing_of_any_store_holds_and_says_that_nothing_was_judged() -> None:
    said = verdict((), frozenset(), nothing_to_judge=True)
    assert said["verdict"] == "holds"
    assert said["judged"] == []
    assert "nothing" in said["note"]
    assert set(blank_damage()) <= set(row_of(sale(1, 2)))


def test_units_left_over_are_those_a_single_clerk_would_have_sold() -> None:
    run = one_cell(5)
    run.attempt("1", "deducted", 0, 10, lines="a@online=3")
    run.book("1", HoldState.HELD, "a@online=3")
    run.refused("2", 20, 30, lines="a@online=3")  # does not fit: nobody could sell it
    assert units_left_over(run.case()) == 0
    run.attempt("3", "contended", 40, 50, lines="a@online=2")
    assert units_left_over(run.case()) == 2


def test_percentiles_are_silent_without_samples_enough() -> None:
    assert percentile(np.arange(999), 99) is None
    assert percentile(np.arange(1_000), 99) == pytest.approx(989.01)
    assert percentile(np.arange(19), 50) is None


def test_the_warm_up_is_found_where_it_ends() -> None:
    dice = np.random.default_rng(3)
    cold, warm = dice.normal(20, 3, 50), dice.normal(100, 3, 250)
    assert 10 <= warm_up_batches(np.concatenate([cold, warm])) <= 30
    rising = np.concatenate([np.linspace(0, 100, 50), np.full(250, 100.0)])
    assert warm_up_batches(rising) == 10
    assert warm_up_batches(np.linspace(0, 100, 300)) == 0, "never steady: nothing to cut"
    assert warm_up_batches(np.zeros(7)) == 0


def test_the_interval_of_a_median_spans_it() -> None:
    low, high = median_interval([90.0, 100.0, 110.0, 95.0, 105.0])
    assert 90 <= low < 100 < high <= 110
    assert median_interval([7.0]) == (7.0, 7.0)


def test_repetitions_combine_to_medians_sums_and_the_worst() -> None:
    extra = {"driver_bound": False, "runs": ["x"], "fsync_us": None}
    good = row_of(sale(20, 40)) | extra
    bad_run = sale(20, 20)
    bad_run.sold("one too many", 900 * MS, 910 * MS)
    bad = row_of(bad_run) | extra | {"driver_bound": True, "runs": ["y"]}
    row = combine([good, good, bad])
    assert row["repetitions"] == 3
    assert row["attempts"] == 2 * 40 + 21
    assert row["goodput_per_s"] == good["goodput_per_s"]
    assert row["goodput_per_s_low"] <= row["goodput_per_s"] <= row["goodput_per_s_high"]
    assert row["oversold_units"] == 1
    assert (row["verdict"], row["promises_broken"]) == (
        "void", ["never oversells", "linearizable"])  # fmt: skip
    assert row["driver_bound"]
    assert row["runs"] == ["x", "x", "y"]
    assert row["refused_by_reason"] == {"sold_out": 40}


@pytest.mark.slow
def test_half_a_million_attempts_are_judged_within_seconds() -> None:
    import time

    from scenarios.checks import Case
    from scenarios.operations import History
    from tests.scenarios.made_up_runs import A
    from tests.scenarios.many_attempts import many_attempts

    table, audit = many_attempts(500_000, stock=20_000)
    began = time.process_time()
    case = Case(History.of(table), audit, {A: 20_000})
    findings = judge(case)
    units_left_over(case)
    took_s = time.process_time() - began
    assert [finding.state for finding in findings] == ["holds"] * 7
    assert took_s < 6, f"{took_s:.1f} s"


def test_the_clerk_lets_holds_run_out_as_the_shop_does() -> None:
    """Stock that comes back and is not sold again is not left over if nobody asked for it."""
    run = one_cell(1)
    run.hold_s = 0.000_001
    run.attempt("1", "deducted", 0, 10)
    run.book("1", HoldState.EXPIRED)
    run.refused("2", 20, 30)
    run.attempt("3", "mismatched", 2_000, 2_010)
    assert units_left_over(run.case()) == 1, "the third could have had it"
    run.attempt("3", "tombstoned", 1_900, 1_910, kind="roll_back")
    assert units_left_over(run.case()) == 0, "but cancelled before coming"


@pytest.mark.slow
def test_an_ideal_shop_leaves_little_over() -> None:
    """The clerk decides when an order is sent, the shop a moment later: small differences only."""
    left, had = 0, 0
    for seed in range(100):
        run = IdealShop(seed).play(30)
        left += units_left_over(run.case())
        had += sum(run.supply.values())
    assert left / had < 0.1


def test_a_sale_whose_units_come_back_has_not_run_out() -> None:
    run = sale(units=20, buyers=30)
    run.attempt("0", "rolled_back", 500 * MS, 510 * MS, kind="roll_back")
    run.book("0", HoldState.ROLLED_BACK)
    assert row_of(run)["sold_out_after_s"] is None


def test_a_sale_that_stopped_selling_has_no_warm_up_to_cut_off() -> None:
    """Units that the dead took with them: 300 sold in half a second, then everybody refused."""
    run = one_cell(1_000)
    for n in range(300):
        at = n * 1_600_000
        run.attempt(f"sold {n}", "deducted", at, at + 1_000)
    for n in range(300):
        at = 500_000_000 + n * 5_000_000
        run.attempt(f"late {n}", "refused", at, at + 1_000)
    window = window_of(run.case(), 2_000_000_000, "auto")
    assert (window.from_ns, window.until_ns) == (0, 2_000_000_000)
