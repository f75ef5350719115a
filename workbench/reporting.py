"""`stockproof report`: the page of a comparison again, from its records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inventory_core.problems import Problem
from reports.load import Unreadable
from reports.markdown import write_csv, write_markdown
from reports.page import write_report
from workbench.options import Json
from workbench.run_folders import find_comparison
from workbench.screen import print_json


def report_command(
    runs: Annotated[list[str], typer.Argument(help="Comparison folders, or their names.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write the page here.")] = None,
    as_json: Json = False,
) -> None:
    """Write the HTML page (and the table as Markdown and CSV) of comparisons, from records."""
    if out is not None and len(runs) > 1:
        raise Problem("--out names one page: give it one comparison")
    pages = [str(page_of(find_comparison(name), out)) for name in runs]
    if as_json:
        print_json({"reports": pages})
    else:
        print("\n".join(pages))


def page_of(comparison: Path, out: Path | None = None) -> Path:
    """Write page, Markdown and CSV of one comparison; answers where the page is."""
    try:
        write_markdown(comparison)
        write_csv(comparison)
        return write_report(comparison, out)
    except Unreadable as error:
        raise Problem(str(error)) from None
