"""Steps of load as a picture: the knee is in the title, and in the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from reports.figures.stepped import curve_title, knee_title, write_steps

STEPS = [
    {"rate_per_s": rate, "p99_ms": p99}
    for rate, p99 in ((1_000.0, None), (2_000.0, 4.0), (2_800.0, 30.0), (4_000.0, 200.0))
]
KNEE = {
    "strategy": "row_lock",
    "stack": "postgresql",
    "limit_ms": 50.0,
    "knee_per_s": 2_800.0,
    "fails_at_per_s": 4_000.0,
    "steps": STEPS,
}
LAW = {"alone_per_s": 900.0, "waits": 0.1, "talks": 0.001}
CURVE = {
    "strategy": "row_lock",
    "points": [{"clients": n, "goodput_per_s": 900.0 * n**0.5} for n in (1, 2, 4, 8)],
    "law": LAW,
}


def written(folder: Path, **record: Any) -> str:
    (folder / "comparison.json").write_text(json.dumps(record), "utf-8")
    path = write_steps(folder)
    assert path is not None
    return path.read_text("utf-8")


def test_a_knee_is_drawn_with_its_limit_and_told_in_the_title(tmp_path: Path) -> None:
    svg = written(tmp_path, knee=[KNEE])
    assert "Kept up with: row_lock 2,800/s" in svg
    assert "p99 of accepted orders, ms" in svg


def test_who_keeps_up_with_nothing_is_said_to() -> None:
    none = KNEE | {"strategy": "redis_lock", "knee_per_s": None}
    assert knee_title([none, KNEE]) == (
        "Kept up with: row_lock 2,800/s, redis_lock: below every rate tried"
    )


def test_a_curve_is_drawn_with_and_without_its_law(tmp_path: Path) -> None:
    assert "clients" in written(tmp_path, usl=[CURVE, CURVE | {"law": None, "why": "few"}])
    assert curve_title([CURVE]) == "At its best: row_lock 2,546/s with 8 clients"


def test_records_without_steps_have_no_picture(tmp_path: Path) -> None:
    (tmp_path / "comparison.json").write_text("{}", "utf-8")
    assert write_steps(tmp_path) is None
