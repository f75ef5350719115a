"""The table of a comparison on a terminal: speed and correctness in the same row.

It fits 100 columns: heads have two lines, each kind of damage has a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table

SYMBOLS = {"holds": "✓ holds", "void": "✗ void", "unknown": "? unknown"}
STYLES = {"holds": "green", "void": "red", "unknown": "yellow"}
CONTROL = "†"
DAMAGES = (
    ("oversold_units", "oversold"),
    ("duplicated_orders", "duplicated"),
    ("lost_orders", "lost"),
    ("phantom_orders", "phantom"),
    ("answers_changed", "changed"),
    ("leaked_units", "leaked"),
    ("surplus_units", "surplus"),
    ("undersold_units", "undersold"),
)
_HEADS = (
    ("strategy", "left"),
    ("stack", "left"),
    ("verdict", "left"),
    ("goodput\nper s", "right"),
    ("sold\nout s", "right"),
    ("p50\nms", "right"),
    ("p99\nms", "right"),
    ("damage", "left"),
)


def verdict_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Strategies that hold first, by goodput; unknown and void ones, controls, then the floor.

    `rows` are those of `compare --json`.
    """
    table = Table(box=None, pad_edge=False)
    for head, side in _HEADS:
        table.add_column(head, justify="right" if side == "right" else "left", overflow="fold")
    section, rows = -1, list(rows)
    rules = {row.get("rule") for row in rows}
    for row in sorted(rows, key=_place):
        if section not in (-1, _section(row)):
            table.add_row()
        section = _section(row)
        name, *cells = _cells(row)
        if len(rules) > 1:  # a shop under both rules
            name += f"\nat {row['rule']} time"
        if row.get("side"):  # one of two that took turns
            name += f"\n({', '.join(filter(None, (row['side'], row['told'])))})"
        table.add_row(name, *cells, style="dim" if section == _FLOOR else None)
    return table


_JUDGED, _CONTROL, _FLOOR = 0, 1, 2


def _section(row: Mapping[str, Any]) -> int:
    if row.get("family") == "floor" or row.get("stack") == "null":
        return _FLOOR  # nothing was stored, so there is nothing to judge
    return _CONTROL if row.get("control") else _JUDGED


def is_judged(row: Mapping[str, Any]) -> bool:
    """Is this a strategy, and not a control or the floor?"""
    return _section(row) == _JUDGED


def _place(row: Mapping[str, Any]) -> tuple[int, int, float]:
    standing = ("holds", "unknown", "void").index(row["verdict"])
    return _section(row), standing, -(row.get("goodput_per_s") or 0.0)


def _cells(row: Mapping[str, Any]) -> list[str]:
    floor = _section(row) == _FLOOR
    colour = STYLES[row["verdict"]]
    verdict = "floor" if floor else f"[{colour}]{SYMBOLS[row['verdict']]}[/{colour}]"
    return [
        f"{row['strategy']}{f' {CONTROL}' if row.get('control') else ''}",
        str(row.get("stack", "")),
        verdict,
        goodput(row),
        _number(row.get("sold_out_after_s")),
        _number(row.get("accepted_latency_ms_p50")),
        _number(row.get("accepted_latency_ms_p99")),
        "\n".join(damages(row)) or ("" if floor else "none"),
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


def damages(row: Mapping[str, Any]) -> list[str]:
    """What went wrong, a phrase each; empty if nothing did."""
    late = ["rows too late"] if row.get("settled_after_s", 0.0) is None else []
    return [*(f"{row[key]:,} {word}" for key, word in DAMAGES if row.get(key)), *late]


def _number(value: float | None) -> str:
    """Three digits that mean something: more would be noise, and would not fit."""
    if value is None:
        return "–"
    decimals = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{value:,.{decimals}f}"
