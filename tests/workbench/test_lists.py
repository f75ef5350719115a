"""What there is: as a table for people, as one object for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inventory_core.strategy import registry
from tests.workbench.command import stockproof

pytestmark = pytest.mark.slow


def test_strategies_are_listed_with_needs_promises_and_round_trips() -> None:
    ended = stockproof("list", "strategies", "--json")
    assert ended.returncode == 0, ended.stderr
    rows = {row["strategy"]: row for row in json.loads(ended.stdout)["rows"]}
    assert list(rows) == list(registry.strategies())
    assert set(rows["noop"]) == {
        "strategy",
        "family",
        "control",
        "needs",
        "promises",
        "round_trips",
    }
    assert rows["conditional_update"]["round_trips"] == 3
    assert rows["redis_script"]["round_trips"] == 1
    assert rows["noop"]["round_trips"] == 0
    assert rows["naive_read_write"]["control"] is True
    assert rows["redis_with_task"]["needs"] == ["sql", "kv"]


@pytest.mark.parametrize("what, named", [("strategies", "row_lock"), ("scenarios", "flash_sale"),
                                         ("stacks", "postgresql+redis")])  # fmt: skip
def test_every_list_is_readable_and_has_its_json(what: str, named: str) -> None:
    assert named in stockproof("list", what).stdout
    assert json.loads(stockproof("list", what, "--json").stdout)["rows"]


def test_runs_are_listed_shown_and_pruned_and_nothing_else_is_touched(tmp_path: Path) -> None:
    row = {"strategy": "row_lock", "stack": "postgresql", "verdict": "holds", "goodput_per_s": 9.0}
    for name in ("one", "two"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        content = {
            "format": 1,
            "scenario": "flash_sale",
            "grade": "demo",
            "repetitions": 3,
            "seconds": 3.0,
            "proved": [],
            "skipped": [],
            "rows": [row],
        }
        (tmp_path / "runs" / name / "comparison.json").write_text(json.dumps(content), "utf-8")
    (tmp_path / "runs" / "mine").mkdir()
    listed = json.loads(stockproof("runs", "list", "--json", cwd=tmp_path).stdout)["rows"]
    assert [each["comparison"] for each in listed] == ["one", "two"]
    assert "row_lock" in stockproof("runs", "show", "two", cwd=tmp_path).stdout
    assert "would remove" in stockproof("runs", "prune", "--keep", "1", "--dry-run",
                                        cwd=tmp_path).stdout  # fmt: skip
    assert stockproof("runs", "prune", "--keep", "1", cwd=tmp_path).returncode == 0
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["mine", "two"]
