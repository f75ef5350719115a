"""Every study runs, is drawn, and agrees with its theory where the theory is exact."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from reports.studies import write_study
from scenarios.predicting.profile import load_profile
from scenarios.studies.catalogue import STUDIES
from scenarios.studies.study import Point, Study, _point

PROFILE = load_profile("one_machine")


def points_of(study: Study, values: tuple[float, ...]) -> list[Point]:
    work = [(study.name, series, value, PROFILE) for series in study.series for value in values]
    with ThreadPoolExecutor(2) as executor:
        return list(executor.map(_point, work))


def test_the_studies_are_those_that_were_promised() -> None:
    assert set(STUDIES) == {
        "hot_row_convoy", "retry_storm", "pool_hold_time", "lease_shorter_than_pause",
        "cache_lag", "bucket_fragmentation", "group_commit_window",
    }  # fmt: skip
    assert all(study.explains and len(study.points) > 3 for study in STUDIES.values())


@pytest.mark.parametrize(
    "name, values, within",
    [
        ("hot_row_convoy", (8.0, 16.0), 0.25),
        ("pool_hold_time", (1.0, 4.0), 0.15),
        ("group_commit_window", (3_000.0, 10_000.0), 0.25),
        ("bucket_fragmentation", (4.0, 16.0), 0.0),
        ("retry_storm", (4.0, 8.0), 0.15),
        ("cache_lag", (400.0,), 0.25),
    ],
)
def test_simulation_agrees_with_theory(name: str, values: tuple[float, ...], within: float) -> None:
    for point in points_of(STUDIES[name], values):
        assert point.theory is not None
        assert point.simulated == pytest.approx(point.theory, rel=within, abs=0.01), point


@pytest.mark.slow
def test_a_lease_protects_as_long_as_it_lasts_and_a_fence_for_ever() -> None:
    study = STUDIES["lease_shorter_than_pause"]
    found = {(p.series, p.value): p for p in points_of(study, (0.5, 1.5))}
    assert found["redis_lock", 0.5].simulated == 0
    assert found["redis_lock", 1.5].simulated > 0
    assert found["redis_lock_fenced", 1.5].simulated == 0


def test_a_study_is_drawn(tmp_path: Path) -> None:
    study = replace(STUDIES["bucket_fragmentation"], points=(1.0, 4.0))
    record = {
        "study": study.name, "title": study.title, "turns": study.turns, "reads": study.reads,
        "logarithmic": True, "points": [asdict(p) for p in points_of(study, study.points)],
    }  # fmt: skip
    (tmp_path / "study.json").write_text(json.dumps(record), encoding="utf-8")
    svg = write_study(tmp_path).read_text("utf-8")
    assert "split_rows, in theory" in svg
    assert "units left over" in svg
