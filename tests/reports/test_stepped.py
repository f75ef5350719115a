"""Steps of load: the knee is in the title, in the picture and on the page; laws are in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.figures import stepped
from reports.laws import curve_title, knee_said, knee_title, law_said
from reports.load import load
from reports.writing import write_everything
from scenarios.history import RunFolder
from tests.reports.made_up_records import RIVALS, write_comparison

STEPS = [
    {"rate_per_s": rate, "p99_ms": p99, "why": why}
    for rate, p99, why in (
        (1_000.0, None, ""),
        (2_000.0, 4.0, ""),
        (2_800.0, 30.0, ""),
        (4_000.0, 200.0, "p99 200.0 ms"),
    )
]
KNEE = {
    "strategy": "row_lock",
    "stack": "postgresql",
    "limit_ms": 50.0,
    "knee_per_s": 2_800.0,
    "fails_at_per_s": 4_000.0,
    "steps": STEPS,
}
LAW = {
    "alone_per_s": 900.0,
    "waits": 0.1,
    "waits_low": 0.08,
    "waits_high": 0.12,
    "talks": 0.001,
    "talks_low": 0.0,
    "talks_high": 0.002,
    "peak_clients": 30.0,
    "r_squared": 0.97,
}
CURVE = {
    "strategy": "row_lock",
    "points": [{"clients": n, "goodput_per_s": 900.0 * n**0.5} for n in (1, 2, 4, 8)],
    "law": LAW,
}


def written(folder: Path, **fields: Any) -> str:
    """The page of a record with steps in it."""
    path = write_comparison(folder, RIVALS[1:2], repetitions=1, proved=[])
    record = RunFolder(path).json("comparison")
    RunFolder(path).write_json("comparison", record | fields)
    return write_everything(path).read_text("utf-8")


@pytest.mark.slow
def test_a_knee_is_drawn_with_its_limit_and_told_in_the_headline(tmp_path: Path) -> None:
    page = written(tmp_path, knee=[KNEE])
    assert "<h1>Kept up with: row_lock 2,800/s.</h1>" in page
    assert "p99 of accepted orders, ms" in page
    assert 'id="latency"' not in page
    assert (tmp_path / "flash_sale-7" / "knees.svg").exists()


def test_who_keeps_up_with_nothing_is_said_to() -> None:
    none = KNEE | {"strategy": "redis_lock", "knee_per_s": None}
    assert knee_title([none, KNEE]) == (
        "Kept up with: row_lock 2,800/s, redis_lock: below every rate tried"
    )
    assert knee_said(none) == "redis_lock: no rate that was tried had a p99 within 50 ms"
    assert knee_said(KNEE).endswith("up to 2,800 orders/s; at 4,000/s it no longer did")


@pytest.mark.slow
def test_a_curve_is_drawn_with_and_without_its_law(tmp_path: Path) -> None:
    none = CURVE | {"strategy": "redis_lock", "law": None, "why": "few"}
    page = written(tmp_path, usl=[CURVE, none])
    assert "clients, logarithmic" in page
    assert "redis_lock: no law fitted, because few." in page
    assert "10.0% of the work one at a time (8.0% to 12.0%)" in page
    assert curve_title([CURVE]) == "At its best: row_lock 2,546/s with 8 clients"


def test_a_law_that_does_not_fit_is_not_put_into_words() -> None:
    assert "its parameters say nothing" in law_said(CURVE | {"law": LAW | {"r_squared": 0.2}})


@pytest.mark.slow
def test_records_without_steps_have_no_such_picture(made_up: Path) -> None:

    for picture in (stepped.KNEES, stepped.CURVES):
        assert picture.draw(load(made_up), False) is None
