"""Who is beaten at everything, and how much acknowledged work a crash may take."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from reports.figures import frontier as picture
from reports.frontier import frontier_title, points_of
from reports.load import Comparison, load
from reports.losses import loss_window
from scenarios.history import RunFolder
from tests.reports.made_up_records import Rival, write_comparison

FLUSHED, EVERY_SECOND = "fsync, commit on", "aof everysec"
FAST = Rival("fast", 9_000, "redis", durability=EVERY_SECOND, latency_ms=1)
SAFE = Rival("safe", 3_000, durability=FLUSHED, latency_ms=2)
SLOW = Rival("slow", 2_000, durability=FLUSHED, latency_ms=3)
VOID = Rival("dream_machine", 90_000, oversold=3, durability=FLUSHED)


def comparison_of(folder: Path, *rivals: Rival, **fields: Any) -> Comparison:
    path = write_comparison(folder, rivals, repetitions=1, attempts=60)
    record = RunFolder(path).json("comparison")
    record["rows"] = [row | fields for row in record["rows"]]
    RunFolder(path).write_json("comparison", record)
    return load(path)


def test_who_is_beaten_at_everything_is_not_on_it_and_who_is_void_not_at_all(
    tmp_path: Path,
) -> None:
    points = {
        one.label: one for one in points_of(comparison_of(tmp_path, FAST, SAFE, SLOW, VOID))[0]
    }
    assert set(points) == {"fast", "safe", "slow"}
    assert points["slow"].beaten_by == ("safe",)
    assert points["fast"].beaten_by == points["safe"].beaten_by == ()
    assert frontier_title(list(points.values())) == (
        "The choice is among fast and safe; one is beaten at everything"
    )


def test_units_undersold_may_be_what_keeps_one_on_it(tmp_path: Path) -> None:
    comparison = comparison_of(tmp_path, SAFE, SLOW)
    comparison.rows.loc[comparison.rows["label"] == "safe", "undersold_units"] = 5
    points, latency = points_of(comparison)
    assert latency == "p99"
    assert [point.beaten_by for point in points] == [(), ()]
    assert frontier_title(points) == (
        "Each has something that no other has: nobody is beaten at everything"
    )


def test_equals_do_not_beat_each_other(tmp_path: Path) -> None:
    twins = (SAFE, Rival("twin", 3_000, durability=FLUSHED, latency_ms=2))
    assert [point.beaten_by for point in points_of(comparison_of(tmp_path, *twins))[0]] == [(), ()]


def test_a_frontier_of_one_is_no_picture(tmp_path: Path) -> None:
    assert picture.draw(comparison_of(tmp_path / "one", SAFE)) is None
    drawing = picture.draw(comparison_of(tmp_path / "two", FAST, SAFE), True)
    assert drawing is not None
    assert "fast: 9,000/s, p99 6 ms, a power cut takes at most 1 s" in drawing.words.replace(
        "6.00", "6"
    ).replace("1.0 s", "1 s")


@pytest.mark.parametrize(
    "durability, loses, seconds, words",
    [
        (FLUSHED, None, 0.0, "none"),
        ("fsync, commit off", None, 0.6, "at most 0.60 s"),
        ("no fsync, commit on", None, math.inf, "no bound"),
        (EVERY_SECOND, None, 1.0, "at most 1.0 s"),
        (f"{FLUSHED}; {EVERY_SECOND}", None, 1.0, "at most 1.0 s"),
        (f"{FLUSHED}; {EVERY_SECOND}", {}, 0.0, "none"),
        (f"{FLUSHED}; {EVERY_SECOND}", {"power_lost": "about 1 s"}, 1.0, "at most 1.0 s"),
        ("flush at commit 1, read committed", None, 0.0, "none"),
        ("who knows", None, math.nan, "–"),
    ],
)
def test_the_weakest_store_bounds_what_a_power_cut_takes(
    tmp_path: Path, durability: str, loses: dict[str, str] | None, seconds: float, words: str
) -> None:
    comparison = comparison_of(tmp_path, SAFE, durability=durability, loses=loses)
    window = loss_window(comparison.rows.iloc[0])
    assert window.words == words
    assert window.seconds == seconds or math.isnan(seconds) == math.isnan(window.seconds)


def test_what_a_power_cut_took_is_told_instead_of_a_bound(tmp_path: Path) -> None:
    faults = {"struck": {"power_lost": 1}, "lost_span_s": 0.61}
    comparison = comparison_of(tmp_path, FAST, faults=faults)
    assert loss_window(comparison.rows.iloc[0]).words == "0.61 s, measured"
    killed = faults | {"struck": {"server_killed": 1}}
    comparison = comparison_of(tmp_path / "killed", FAST, faults=killed)
    assert loss_window(comparison.rows.iloc[0]).words == "at most 1.0 s"


def test_without_a_p99_the_median_wait_is_compared(tmp_path: Path) -> None:
    comparison = comparison_of(tmp_path, FAST, SAFE, accepted_latency_ms_p99=None)
    points, latency = points_of(comparison)
    assert (latency, [point.latency_ms for point in points]) == ("p50", [1, 2])
    comparison.rows.loc[comparison.rows["label"] == "fast", "accepted_latency_ms_p99"] = 6.0
    points, latency = points_of(comparison)
    assert (latency, [point.label for point in points]) == ("p99", ["fast"])
