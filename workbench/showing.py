"""A comparison on the terminal: the table, the answer, and where its records are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inventory_core.problems import Problem
from workbench.remarks import remarks
from workbench.screen import results
from workbench.verdict_table import verdict_table


def show_comparison(record: Mapping[str, Any], folder: Path, report: str | None = None) -> None:
    """Print it, given its folder and the content of its `comparison.json`."""
    rivals = not any(record.get(word) for word in ("against", "knee", "usl"))
    lines = [headline(folder)] if rivals else []
    lines += remarks(record, record.get("proved") or ())
    lines += [f"report: {report}"] if report else []
    console = results()
    console.print(verdict_table(record["rows"]))
    console.print()
    for line in [*lines, f"records: {folder}"]:
        console.print(line, soft_wrap=True, markup=False)


def headline(folder: Path) -> str:
    """The answer in one sentence, the same that the report begins with."""
    from reports.findings import answer_of  # pandas takes a while, and is wanted at the end
    from reports.load import Unreadable, load

    try:
        return answer_of(load(folder)).headline
    except Unreadable as error:
        raise Problem(str(error)) from None
