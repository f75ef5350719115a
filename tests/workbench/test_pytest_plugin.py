"""A strategy of somebody else's gets the whole conformance suite from pytest, wherever it lives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.proving.cases import CASES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

GOOD = '''
from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import sql
from inventory_core.strategy import Needs, Promises, RowHolds


class Mine(RowHolds):
    family: ClassVar = "row"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                if not await sql.TakeIfEnough(take.cell, take.quantity):
                    return await sql.Refuse(order, take)
        return Outcome.DEDUCTED


class TakesBlindly(Mine):
    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                left = (await sql.ReadCell(take.cell)).sellable
                if left < take.quantity:
                    return await sql.Refuse(order, take)
                await sql.WriteCell(take.cell, left - take.quantity)
        return Outcome.DEDUCTED


class ForgetsWhoCame(Mine):
    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            await sql.RecordOrder(order)
            for take in order.takes:
                if not await sql.TakeIfEnough(take.cell, take.quantity):
                    return await sql.Refuse(order, take)
        return Outcome.DEDUCTED


class Unfinished(RowHolds):
    """It has no deduct."""
'''
USAGE = 4


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A package outside of the repository."""
    package = tmp_path / "my_shop"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "stock.py").write_text(GOOD)
    (package / "raises.py").write_text("raise RuntimeError('not today')\n")
    return tmp_path


def tried(where: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Pytest in that directory, as its own user would call it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    command = [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", "-q", *words]
    return subprocess.run(command, cwd=where, env=kept, capture_output=True, text=True, check=False)


def test_a_good_one_passes_all_of_it_proof_and_servers_included(shop: Path) -> None:
    done = tried(shop, "--stockproof-strategy", "my_shop.stock:Mine", "-vv")
    assert done.returncode == 0, done.stdout + done.stderr
    for title in CASES:
        assert f"[my_shop.stock:Mine-{title}] PASSED" in done.stdout
    crowd = "test_a_crowd_gets_exactly_what_there_is[my_shop.stock:Mine"
    for world in ("postgresql", "mariadb", "mariadb@repeatable-read"):
        assert f"{crowd}-{world}] PASSED" in done.stdout
        assert f"_paid_and_shipped[my_shop.stock:Mine-{world}] PASSED" in done.stdout
    assert "conditional_update" not in done.stdout, "only what was named is tried"


@pytest.mark.parametrize(
    "name, promise", [("TakesBlindly", "never oversells"), ("ForgetsWhoCame", "exactly once")]
)
def test_a_bad_one_fails_with_the_promise_and_how_it_falls(
    shop: Path, name: str, promise: str
) -> None:
    path = f"my_shop.stock:{name}"
    done = tried(shop, "--stockproof-strategy", path, "-k", "schedule and last")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{path} breaks: " in done.stdout
    assert promise in done.stdout
    assert "order 1" in done.stdout


def test_a_bad_one_fails_in_the_crowd_with_the_promise(shop: Path) -> None:
    path = "my_shop.stock:ForgetsWhoCame"
    done = tried(shop, "--stockproof-strategy", path, "-k", "one_effect and postgresql")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "breaks: exactly once; the crowd was told deducted" in done.stdout


@pytest.mark.parametrize(
    "path, why",
    [
        ("my_shop.stock:Nobody", "Nobody"),
        ("my_shop.nowhere:Mine", "my_shop.nowhere"),
        ("my_shop.stock:Unfinished", "is not whole: write deduct"),
        ("my_shop.raises:Mine", "RuntimeError: not today"),
        ("nothing_of_the_kind", "choose among"),
    ],
)
def test_one_that_cannot_be_loaded_is_told_in_a_sentence(shop: Path, path: str, why: str) -> None:
    done = tried(shop, "--stockproof-strategy", path)
    assert done.returncode == USAGE
    assert why in done.stderr
    assert "Traceback" not in done.stderr


def test_the_suite_runs_beside_tests_that_are_named(shop: Path) -> None:
    (shop / "test_own.py").write_text("def test_own():\n    pass\n")
    words = ("test_own.py", "--stockproof-strategy", "my_shop.stock:Mine", "--collect-only")
    said = tried(shop, *words).stdout
    assert "test_own.py::test_own" in said
    assert "test_crowds.py" in said


def test_the_console_script_looks_where_it_is_called(shop: Path) -> None:
    script = Path(sys.executable).with_name("stockproof")
    command = [script, "prove", "my_shop.raises:Mine"]
    done = subprocess.run(command, cwd=shop, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "RuntimeError: not today" in done.stderr


def test_without_the_option_nothing_is_collected_or_loaded(shop: Path) -> None:
    (shop / "test_own.py").write_text(
        "import sys\n\ndef test_own():\n    assert 'inventory_core' not in sys.modules\n"
    )
    done = tried(shop, "-p", "no:schemathesis")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
