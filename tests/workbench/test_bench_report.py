"""The table of reports: records as runs write them, and a page of them in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.load import load
from workbench import bench_report
from workbench.bench import BENCHES


def test_the_records_hold_so_many_attempts_and_are_a_comparison(tmp_path: Path) -> None:
    bench_report.write_records(tmp_path / "made", ("row_lock", "redis_script"), 2, 400)
    comparison = load(tmp_path / "made")
    runs = comparison.runs()
    assert len(runs) == 4
    assert sum(len(comparison.attempts(run)) for run in runs) == 400
    assert set(comparison.rows["verdict"]) == {"holds"}


@pytest.mark.slow
def test_the_table_has_seconds_memory_and_the_size_of_the_page(tmp_path: Path) -> None:
    assert BENCHES["report"] is bench_report.report
    bench_report.write_records(tmp_path / "made", bench_report.STRATEGIES[:2], 1, 2_000)
    found = bench_report._built(tmp_path / "made")
    assert found["page_bytes"] == (tmp_path / "made" / "report.html").stat().st_size
    assert found["peak_bytes"] > 50e6
    assert found["seconds"] > 0
