"""What there is: as a table for people, as one object for scripts."""

from __future__ import annotations

import json

import pytest

from inventory_core.strategy import registry
from workbench.command_line import run

pytestmark = pytest.mark.slow


def test_strategies_are_listed_with_needs_promises_and_round_trips(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["list", "strategies", "--json"]) == 0
    rows = {row["strategy"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
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


@pytest.mark.parametrize(
    "what, named",
    [("strategies", "row_lock"), ("scenarios", "flash_sale"), ("stacks", "postgresql+redis")],
)
def test_every_list_is_readable_and_has_its_json(
    what: str, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["list", what]) == 0
    said = capsys.readouterr().out
    assert named in said
    assert "…" not in said
    assert run(["list", what, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"]
