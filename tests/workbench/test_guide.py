"""The guide is followed, page by page: every command of it, or it is listed with the reason."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workbench.command import BOOT
from tests.workbench.guide_pages import Command, File, Page, read_page
from workbench.command_line import run

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "workbench" / "guide"
PAGES = {path.stem: read_page(path) for path in sorted(GUIDE.glob("*.md")) if path.stem != "README"}
LISTED = re.compile(r"^\| `(.+)` \| .+ \|$", re.MULTILINE)

LOOKS_FIRST = """\
                left = (await sql.ReadCell(take.cell)).sellable
                if left < take.quantity:
                    return await sql.Refuse(order, take)
                await sql.WriteCell(take.cell, left - take.quantity)
"""
TAKES = """\
                if not await sql.TakeIfEnough(take.cell, take.quantity):
                    return await sql.Refuse(order, take)
"""


def desk(folder: Path) -> dict[str, str]:
    """An environment in which `stockproof` and `pytest` are those of this tree."""
    programs = folder / "programs"
    programs.mkdir()
    for name, how in (("stockproof", f"-c '{BOOT}'"), ("pytest", "-P -m pytest")):
        script = programs / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {how} "$@"\n')
        script.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return kept | {"PATH": f"{programs}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)}


def written(files: tuple[File, ...], folder: Path) -> None:
    for file in files:
        path = folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, "utf-8")


def carried_out(
    command: Command, folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command.line],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", PAGES.values(), ids=list(PAGES))
def test_a_page_can_be_followed(page: Page, tmp_path: Path) -> None:
    environment, desktop = desk(tmp_path), tmp_path / "desktop"
    desktop.mkdir()
    written(page.files, desktop)
    for command in page.commands:
        done = carried_out(command, desktop, environment)
        said = f"$ {command.line}\n{done.stdout}\n{done.stderr}"
        assert done.returncode in command.statuses, said


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES.values(), ids=list(PAGES))
def test_what_a_page_measures_is_understood(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(page.files, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for command in page.commands:
        program, *words = shlex.split(command.line)
        if program == "stockproof" and words[0] == "measure":
            assert run([*words, "--dry-run"]) == 0, command.line


def test_what_is_not_tried_is_listed_with_a_reason_and_nothing_else_is() -> None:
    listed = LISTED.findall((GUIDE / "README.md").read_text("utf-8"))
    untried = {command for page in PAGES.values() for command in page.untried}
    assert untried == set(listed)


def test_every_page_is_for_somebody_and_has_commands_that_are_tried() -> None:
    index = (GUIDE / "README.md").read_text("utf-8")
    for name, page in PAGES.items():
        assert f"]({name}.md)" in index
        assert len(page.commands) >= 3, name


@pytest.mark.live
@pytest.mark.slow
def test_the_example_for_pytest_catches_a_strategy_that_looks_before_it_takes(
    tmp_path: Path,
) -> None:
    page, environment = PAGES["ci_job"], desk(tmp_path)
    written(page.files, tmp_path)
    stock = tmp_path / "my_shop" / "stock.py"
    assert TAKES in stock.read_text("utf-8")
    stock.write_text(stock.read_text("utf-8").replace(TAKES, LOOKS_FIRST), "utf-8")
    done = carried_out(Command("pytest test_stock.py", "", (1,)), tmp_path, environment)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "never oversells" in done.stdout


def test_a_block_that_says_nothing_of_itself_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ stockproof doctor\n```\n", "utf-8")
    with pytest.raises(ValueError, match="neither a file nor tried"):
        read_page(page)
