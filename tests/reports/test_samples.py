"""From attempts to percentiles and curves, checked on records whose answer is known."""

from pathlib import Path

import numpy as np
import pytest

from reports.load import load
from reports.samples import latencies, percentiles, stock_curves, throughput
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
        nothing = {"at_ns": [0, 1], "remaining": [0, 0]}
        RunFolder(run).write_table("timeline", nothing | {"wal_bytes": [1, 2], "commands": [1, 2]})
    assert list(stock_curves(load(path))) == []
