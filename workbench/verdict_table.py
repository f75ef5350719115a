"""The table of a comparison on a terminal: speed and correctness in the same row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table

SYMBOLS = {"holds": "✓ holds", "void": "✗ void", "unknown": "? unknown"}
STYLES = {"holds": "green", "void": "red", "unknown": "yellow"}
DAMAGES = (
    ("oversold_units", "oversold"),
    ("duplicated_orders", "duplicated"),
    ("lost_orders", "lost"),
    ("leaked_units", "leaked"),
    ("undersold_units", "undersold"),
)
_HEADS = ("strategy", "stack", "verdict", "goodput/s", "sold out", "p50 ms", "p99 ms", "damage")


def verdict_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Strategies that hold first, by goodput; void ones after them, then controls, then the floor.

    `rows` are those of `compare --json`.
    """
    table = Table(*_HEADS, box=None, pad_edge=False)
    for column in table.columns[3:7]:
        column.justify = "right"
    section = -1
    for row in sorted(rows, key=_place):
        if section not in (-1, _section(row)):
            table.add_section()
        section = _section(row)
        table.add_row(*_cells(row), style="dim" if section == _FLOOR else None)
    return table


_JUDGED, _CONTROL, _FLOOR = 0, 1, 2


def _section(row: Mapping[str, Any]) -> int:
    if row.get("family") == "floor":
        return _FLOOR
    return _CONTROL if row.get("control") else _JUDGED


def _place(row: Mapping[str, Any]) -> tuple[int, int, float]:
    standing = ("holds", "unknown", "void").index(row["verdict"])
    return _section(row), standing, -(row.get("goodput_per_s") or 0.0)


def _cells(row: Mapping[str, Any]) -> list[str]:
    floor = _section(row) == _FLOOR
    verdict = "harness floor" if floor else SYMBOLS[row["verdict"]]
    control = " (control)" if row.get("control") else ""
    colour = STYLES[row["verdict"]]
    return [
        f"{row['strategy']}{control}",
        str(row.get("stack", "")),
        verdict if floor else f"[{colour}]{verdict}[/{colour}]",
        goodput(row),
        _number(row.get("sold_out_after_s"), ".2f", " s"),
        _number(row.get("accepted_latency_ms_p50"), ".2f"),
        _number(row.get("accepted_latency_ms_p99"), ".2f"),
        damage(row) or ("" if floor else "none"),
    ]


def goodput(row: Mapping[str, Any]) -> str:
    """First-time deductions a second, with the half-width of its interval."""
    middle = row.get("goodput_per_s")
    if middle is None:
        return "–"
    low, high = row.get("goodput_per_s_low"), row.get("goodput_per_s_high")
    if low is None or high is None or row.get("repetitions", 1) < 2:
        return f"{middle:,.0f}"
    return f"{middle:,.0f} ±{(high - low) / 2:,.0f}"


def damage(row: Mapping[str, Any]) -> str:
    """What went wrong, in words; empty if nothing did."""
    return ", ".join(f"{row[key]:,} {word}" for key, word in DAMAGES if row.get(key))


def _number(value: float | None, form: str, unit: str = "") -> str:
    return "–" if value is None else f"{value:{form}}{unit}"
