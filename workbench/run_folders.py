"""`stockproof runs`: the records that there are, and how to be rid of them."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from inventory_core.problems import Problem
from scenarios.history import RunFolder
from workbench.options import Json
from workbench.screen import print_json, results
from workbench.showing import show_comparison
from workbench.verdict_table import SYMBOLS

RUNS = Path("runs")
DAY_S = 86_400.0
Root = Annotated[Path, typer.Option("--root", help="Where the runs are.")]

app = typer.Typer(help="List, show and prune the records of comparisons.")


def comparisons(root: Path) -> Iterator[Path]:
    """The comparison folders under a root, oldest first."""
    if root.is_dir():
        yield from sorted(p for p in root.iterdir() if (p / "comparison.json").is_file())


def find_comparison(name: str, root: Path = RUNS) -> Path:
    """A comparison by its path, or by its name under the root."""
    for path in (Path(name), root / name):
        if (path / "comparison.json").is_file():
            return path
    raise Problem(f"{name} is not a comparison: name a folder that `stockproof runs list` shows")


def record_of(path: Path) -> dict[str, Any]:
    """The content of a comparison's `comparison.json`."""
    try:
        record: Any = RunFolder(path).json("comparison")
    except ValueError as error:
        raise Problem(f"{path / 'comparison.json'} is damaged ({error}): remove {path}") from None
    found: dict[str, Any] = record if isinstance(record, dict) else {}
    rows = found.get("rows")
    if not isinstance(rows, list) or not all(_is_row(row) for row in rows):
        raise Problem(f"{path / 'comparison.json'} holds no comparison: remove {path}")
    return found


def _is_row(row: Any) -> bool:
    return isinstance(row, dict) and "strategy" in row and row.get("verdict") in SYMBOLS


@app.command("list")
def list_command(root: Root = RUNS, as_json: Json = False) -> None:
    """The comparisons that there are."""
    rows = [_row(path) for path in comparisons(root)]
    if as_json:
        print_json({"rows": rows})
        return
    table = Table("comparison", "scenario", "grade", "rows", "runs", "MB", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("–" if value is None else str(value) for value in row.values()))
    results().print(table if rows else f"there are no runs under {root}")


def _row(path: Path) -> dict[str, Any]:
    try:
        record = record_of(path)
    except Problem:
        record = {"grade": "damaged", "rows": []}  # the others are to be listed all the same
    size = sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
    return {
        "comparison": path.name,
        "scenario": record.get("scenario"),
        "grade": record.get("grade"),
        "rows": len(record["rows"]),
        "runs": sum(1 for _ in RunFolder(path).runs()),
        "megabytes": round(size / 1e6, 1),
    }


@app.command("show")
def show_command(name: str, root: Root = RUNS, as_json: Json = False) -> None:
    """The table of one comparison, from its records."""
    path = find_comparison(name, root)
    record = record_of(path)
    if as_json:
        print_json(record)
    else:
        show_comparison(record, path)


@app.command("prune")
def prune_command(
    keep: Annotated[
        int | None, typer.Option(min=0, help="Keep so many of the newest (else 5).")
    ] = None,
    older_than: Annotated[
        float | None, typer.Option("--older-than", min=0, help="Only those of so many days ago.")
    ] = None,
    root: Root = RUNS,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
) -> None:
    """Remove old comparisons; folders that are not comparisons are left alone."""
    found = [path for path in comparisons(root) if not path.is_symlink()]
    going = _old(found, keep, older_than)
    if not going:
        print(f"there is nothing to remove under {root}")
        return
    for path in going:
        print(f"would remove {path}")
    if dry_run or not (yes or _agreed(len(going))):
        return
    for path in going:
        shutil.rmtree(path)
    print(f"removed {len(going)}")


def _old(found: list[Path], keep: int | None, older_than: float | None) -> list[Path]:
    """All but the newest; of these, those whose record was last written so many days ago."""
    kept = (5 if older_than is None else 0) if keep is None else keep
    by_age = sorted(found, key=_written_at_s)
    before_s = time.time() - DAY_S * (older_than or 0.0)
    return [path for path in by_age[: max(0, len(by_age) - kept)] if _written_at_s(path) < before_s]


def _written_at_s(path: Path) -> float:
    return (path / "comparison.json").stat().st_mtime


def _agreed(count: int) -> bool:
    if not sys.stdin.isatty():
        raise Problem(f"nobody is there to ask about {count} folders: say --yes to remove them")
    return typer.confirm(f"remove these {count}?")
