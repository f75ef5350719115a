"""From attempts to percentiles and curves, checked on records whose answer is known."""

from pathlib import Path

import numpy as np
import pytest

from reports.figures import lag
from reports.load import Comparison, load
from reports.samples import copy_curves, latencies, percentiles, stock_curves, throughput
from scenarios.history import RunFolder
from tests.reports.made_up_records import RIVALS, STOCK, Rival, write_comparison


@pytest.mark.parametrize(
    "samples, expected",
    [
        (19, []),
        (20, [50]),
        (100, [50, 90]),
        (200, [50, 90, 95]),
        (1000, [50, 90, 95, 99]),
        (10_000, [50, 90, 95, 99, 99.9]),
    ],
)
def test_a_percentile_needs_ten_samples_beyond_it(samples: int, expected: list[float]) -> None:
    assert [p for p, _ in percentiles(np.arange(samples, dtype="float64"))] == expected


def test_accepted_and_refused_latencies_stand_apart(tmp_path: Path) -> None:
    found = latencies(load(write_comparison(tmp_path, RIVALS[:1])))
    medians = found[found["percentile"] == 50].set_index("answer")
    assert medians.loc["accepted", "samples"] == 3 * STOCK
    assert medians.loc["refused", "samples"] == 3 * (800 - STOCK)
    assert medians.loc["accepted", "latency_ms"] == pytest.approx(2.0, rel=0.1)


def test_the_curve_of_an_oversold_run_goes_below_zero_though_the_store_saw_none_of_it(
    tmp_path: Path,
) -> None:
    (curve,) = stock_curves(load(write_comparison(tmp_path, [Rival("naive", 100, oversold=37)])))
    assert curve.opening == STOCK
    assert curve.unpromised[-1] == -37
    assert curve.oversold == 37
    assert curve.reported.min() == 0


def test_a_sound_curve_ends_at_zero(tmp_path: Path) -> None:
    (curve,) = stock_curves(load(write_comparison(tmp_path, RIVALS[:1])))
    assert curve.unpromised[0] == STOCK
    assert curve.unpromised[-1] == 0
    assert curve.oversold == 0


def test_a_run_without_a_timeline_has_no_curve(tmp_path: Path) -> None:
    path = write_comparison(tmp_path, RIVALS[:1])
    for timeline in path.glob("*/timeline.parquet"):
        timeline.unlink()
    assert list(stock_curves(load(path))) == []


def test_throughput_adds_up_to_the_deductions(tmp_path: Path) -> None:
    rates = throughput(load(write_comparison(tmp_path, RIVALS[:1])), slices=40)
    for _, run in rates.groupby("run"):
        width_s = run["at_s"].iloc[1] - run["at_s"].iloc[0]
        assert (run["deducted_per_s"] * width_s).sum() == pytest.approx(STOCK)


def test_a_store_whose_counter_nobody_sees_has_no_curve(tmp_path: Path) -> None:
    path = write_comparison(tmp_path, RIVALS[:1])
    for run in load(path).runs():
        nothing = {"at_ns": [0, 1], "remaining": [0, 0], "copied": [None, None]}
        RunFolder(run).write_table("timeline", nothing | {"wal_bytes": [1, 2], "commands": [1, 2]})
    assert list(stock_curves(load(path))) == []


def with_copies(path: Path, behind_s: float, opening: int = STOCK) -> tuple[Comparison, set[Path]]:
    """One rival whose rows show, at each look, what had been promised so long ago."""
    comparison = load(write_comparison(path, RIVALS[:1]))
    for run in comparison.runs():
        attempts = comparison.attempts(run)
        sold = attempts[attempts["outcome"] == "deducted"]
        replied_s = np.sort(sold["replied_ns"].to_numpy(dtype="float64")) / 1e9
        at_s = np.linspace(0.0, replied_s[-1], 60)
        copied = opening - np.searchsorted(replied_s, at_s - behind_s, side="right")
        seen = {
            "at_ns": (at_s * 1e9).astype("int64"),
            "remaining": [STOCK] * len(at_s),
            "copied": copied,
        }
        counts = dict.fromkeys(("wal_bytes", "commands"), [None] * len(at_s))
        RunFolder(run).write_table("timeline", seen | counts)
    return comparison, set(comparison.runs())


def test_a_copy_is_as_old_as_the_oldest_promise_that_it_does_not_know(tmp_path: Path) -> None:
    comparison, runs = with_copies(tmp_path, behind_s=0.02)
    (curve,) = copy_curves(comparison)
    assert curve.folder in runs
    assert curve.age_ms[0] == 0.0
    later = curve.age_ms[curve.at_s > 0.03]
    assert 15.0 < later.min() <= later.max() <= 20.0
    drawing = lag.draw(comparison)
    assert drawing is not None
    assert drawing.title == f"The rows of {curve.label} were at most 20.0 ms behind its keys"


def test_rows_that_know_everything_are_not_behind(tmp_path: Path) -> None:
    comparison, _ = with_copies(tmp_path, behind_s=0.0)
    (curve,) = copy_curves(comparison)
    assert curve.age_ms.max() == 0.0


def test_rows_that_began_with_another_stock_are_no_copy(tmp_path: Path) -> None:
    comparison, _ = with_copies(tmp_path, behind_s=0.05, opening=0)
    assert copy_curves(comparison) == ()
    assert lag.draw(comparison) is None


def test_where_nothing_follows_there_is_no_lag(tmp_path: Path) -> None:
    assert copy_curves(load(write_comparison(tmp_path, RIVALS[:1]))) == ()
