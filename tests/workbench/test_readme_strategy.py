"""The strategy that the README shows is complete: listed, proved and measured from outside."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.workbench.command import stockproof

pytestmark = [pytest.mark.slow, pytest.mark.live]

README = Path(__file__).parents[2] / "README.md"
EXAMPLE = re.compile(r"<!-- example: (\w+)\.py -->\n```python\n(.*?)```", re.DOTALL)
LINES_MOST = 40


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with the README's file and an entry point, as an installer would leave it."""
    found = EXAMPLE.search(README.read_text("utf-8"))
    assert found, "the README shows no strategy"
    name, text = found.groups()
    assert len(text.splitlines()) < LINES_MOST
    (tmp_path / "my_shop").mkdir()
    (tmp_path / "my_shop" / "__init__.py").touch()
    (tmp_path / "my_shop" / f"{name}.py").write_text(text, encoding="utf-8")
    info = tmp_path / "my_shop-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-shop\nVersion: 1\n", "utf-8")
    (info / "entry_points.txt").write_text(
        f"[stockproof.strategies]\n{name} = my_shop.{name}:RepeatableUpdate\n", encoding="utf-8"
    )
    return tmp_path


def test_one_file_is_listed_proved_and_measured(package: Path) -> None:
    here = {"PYTHONPATH": str(package)}
    listed = json.loads(stockproof("list", "strategies", "--json", **here).stdout)["rows"]
    assert "repeatable_update" in [row["strategy"] for row in listed]

    proved = stockproof("prove", "repeatable_update", "--json", within_s=110, **here)
    assert proved.returncode == 0, proved.stderr + proved.stdout
    row = json.loads(proved.stdout)["rows"][0]
    assert row["holds"]
    assert not row["bounded"]

    measured = stockproof(
        *("measure", "flash_sale", "--strategy", "repeatable_update", "--json"),
        *("--seconds", "0.5", "--repeat", "1", "--set", "stock.quantity=40"),
        cwd=package,
        **here,
    )
    assert measured.returncode == 0, measured.stderr + measured.stdout
    assert json.loads(measured.stdout)["rows"][0]["verdict"] == "holds"


def test_a_strategy_may_be_named_by_its_path(package: Path) -> None:
    path = "my_shop.repeatable_update:RepeatableUpdate"
    proved = stockproof("prove", path, "--json", within_s=110, PYTHONPATH=str(package))
    assert proved.returncode == 0, proved.stderr + proved.stdout
    assert json.loads(proved.stdout)["rows"][0]["holds"]
