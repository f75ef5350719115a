"""The same table as Markdown and CSV: for a README, a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from reports.costs import COSTS, has_costs
from reports.faults import FAULTS, has_faults
from reports.findings import answer_of
from reports.load import Comparison, load
from reports.proofs import proof_title
from reports.shop import columns_of
from reports.standing import Standing, standing_of
from reports.table import Cell, Column, cells

_MAPPINGS = ("undersold_by_cause", "refused_by_reason", "shop", "cost", "faults", "loses")
_ACROSS = str.maketrans({"|": "\\|", "\n": " ", "<": "&lt;", ">": "&gt;"})


def write_markdown(comparison: Path, out: Path | None = None) -> Path:
    """Write the answer and the table as Markdown, to `report.md` in the folder unless told."""
    path = out or Path(comparison) / "report.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(markdown_of(load(comparison)), encoding="utf-8")
    return path


def write_csv(comparison: Path, out: Path | None = None) -> Path:
    """Write the rows as CSV; `out` is `report.csv` in the folder unless told."""
    path = out or Path(comparison) / "report.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(csv_of(load(comparison)), encoding="utf-8", newline="\n")
    return path


def csv_of(comparison: Comparison) -> str:
    """The rows as CSV, figures unrounded."""
    rows = standing_of(comparison).in_order
    everything = pd.concat([rows, comparison.rows.drop(rows.index)])
    flat = everything.drop(columns=["label", "floor"])
    for column in ("promises_broken", "runs"):
        flat[column] = flat[column].map("; ".join)
    rare = ("rule", "shop", "cost", "faults", "loses")
    flat = flat.drop(columns=[name for name in rare if not flat[name].map(bool).any()])
    for column in flat.columns.intersection(list(_MAPPINGS)):
        flat[column] = flat[column].map(_flat)
    text: str = flat.to_csv(index=False, lineterminator="\n")
    return text


def _flat(named: Mapping[str, Any] | None) -> str:
    items = named.items() if isinstance(named, Mapping) else ()
    return "; ".join(f"{name} {value}" for name, value in items)


def markdown_of(comparison: Comparison, pictures: Sequence[tuple[str, str]] = ()) -> str:
    """The answer, the tables, pictures (name and title), and the proof's sentence as Markdown."""
    answer = answer_of(comparison)
    title = comparison.about.get("title") or comparison.path.name
    parts = [
        f"# {_safe(str(title))}",
        f"**{_safe(answer.headline)}**",
        *(f"> {_safe(warning)}" for warning in answer.warnings),
        "\n".join(f"- {_safe(sentence)}" for sentence in answer.sentences),
        _table(standing_of(comparison), columns_of(comparison)),
        *_further(comparison),
        *(f"![{_safe(found)}]({name}.svg)" for name, found in pictures),
        f"Proof: {_safe(proof_title(comparison))}.",
        f"    {comparison.about.get('command') or 'no command was recorded'}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _further(comparison: Comparison) -> Iterator[str]:
    """The tables beside the main one, where there is something to put into them."""
    standing = standing_of(comparison)
    if has_costs(comparison):
        yield f"What it costs:\n\n{_table(standing, COSTS)}"
    if has_faults(comparison):
        yield f"What the faults did:\n\n{_table(standing, FAULTS)}"


def _table(standing: Standing, columns: tuple[Column, ...]) -> str:
    heads = ["strategy", *(_head(column) for column in columns)]
    right = [":--", *("--:" if column.aligned == "figure" else ":--" for column in columns)]
    lines = [heads, right]
    for _, row in standing.in_order.iterrows():
        kind = " (control)" if row["control"] else " (floor)" if row["floor"] else ""
        shown = [_cell(cell) for cell in cells(row, columns)]
        lines.append([f"{_safe(row['label'])}{kind}", *shown])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _head(column: Column) -> str:
    own = column.head.startswith("p") or column.group in _NAMED_WITH_GROUP
    return f"{column.group} {column.head}" if own else column.head


_NAMED_WITH_GROUP = {"acknowledged", "units stranded", "per success"}
"""Groups without whose name a head says nothing."""


def _cell(cell: Cell) -> str:
    text = f"{cell.text} ({cell.below})" if cell.below else cell.text
    return f"**{_safe(text)}**" if cell.kind in {"harm", "void"} else _safe(text)


def _safe(text: str) -> str:
    return text.translate(_ACROSS)
