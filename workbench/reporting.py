"""`stockproof report`: everything that is written of a comparison again, from its records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inventory_core.problems import Problem
from reports.load import Unreadable
from reports.writing import write_everything
from workbench.options import Json
from workbench.run_folders import find_comparison
from workbench.screen import print_json


def report_command(
    runs: Annotated[list[str], typer.Argument(help="Comparison folders, or their names.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write into this folder; of several, one folder each in it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write page, tables (Markdown, CSV) and pictures of comparisons again, from their records."""
    if out is not None and (out.suffix == ".html" or out.is_file()):
        raise Problem(f"--out names a folder, and the page in it is report.html: {out} is none")
    found = [find_comparison(name) for name in runs]
    names = [comparison.resolve().name for comparison in found]
    if out is not None and len(set(names)) < len(names):
        raise Problem("two of the comparisons have the same name: write them one by one")
    several = len(found) > 1
    pages = [
        str(page_of(comparison, out / name if out and several else out))
        for comparison, name in zip(found, names, strict=True)
    ]
    if as_json:
        print_json({"reports": pages})
    else:
        print("\n".join(pages))


def page_of(comparison: Path, out: Path | None = None) -> Path:
    """Write everything of one comparison; answers where the page is."""
    try:
        return write_everything(comparison, out)
    except Unreadable as error:
        raise Problem(str(error)) from None
