"""The columns of the table, once for the page, Markdown and CSV."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from reports.style import VERDICTS
from reports.wording import ABSENT, count, figure, is_figure


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what heads it, what explains it, and how a row's cell reads.

    `kind` is how its cells are set: "word", "figure", "harm" (anything above zero is marked), or
    "verdict".
    """

    group: str
    head: str
    explains: str
    cell: Callable[[pd.Series], str]
    kind: str = "figure"
    below: Callable[[pd.Series], str] | None = None  # in small type, below the figure

    @property
    def aligned(self) -> str:
        """`word` to the left, `figure` to the right."""
        return "figure" if self.kind in {"figure", "harm"} else "word"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it is shown; `kind` is "word", "figure", "harm" or a verdict."""

    text: str
    kind: str
    below: str = ""


def _measured(group: str, head: str, explains: str, name: str) -> Column:
    return Column(group, head, explains, lambda row: figure(row[name]))


def _counted(group: str, head: str, explains: str, name: str) -> Column:
    return Column(group, head, explains, lambda row: count(row[name]))


def _harm(
    head: str, explains: str, name: str, below: Callable[[pd.Series], str] | None = None
) -> Column:
    return Column("harm", head, explains, lambda row: count(row[name]), "harm", below)


def _rare(name: str, words: str) -> Callable[[pd.Series], str]:
    """Harm too rare for a column of its own: told below its nearest relative, when there is any."""
    return lambda row: f"{count(row[name])} {words}" if row[name] > 0 else ""


def _words(group: str, head: str, explains: str, cell: Callable[[pd.Series], str]) -> Column:
    return Column(group, head, explains, lambda row: cell(row) or ABSENT, "word")


def verdict_words(row: pd.Series) -> str:
    """Symbol and word: `✓ holds`. The floor asks nothing of a store, so it has none to keep."""
    if row["floor"]:
        return ABSENT
    return f"{VERDICTS.get(row['verdict'], '?')} {row['verdict']}"


def _interval(row: pd.Series) -> str:
    low, high = row["goodput_per_s_low"], row["goodput_per_s_high"]
    if not is_figure(low) or not is_figure(high):
        return ""
    return f"{figure(low)} to {figure(high)}"


def causes_of(row: pd.Series) -> str:
    """`9 fragmented, 3 stranded`: by which cause buyers were turned away."""
    causes = row["undersold_by_cause"].items()
    return ", ".join(
        f"{count(units)} {cause.replace('_', ' ')}" for cause, units in causes if units
    )


def _reasons(row: pd.Series) -> str:
    reasons = row["refused_by_reason"].items()
    return ", ".join(f"{count(times)} {why.replace('_', ' ')}" for why, times in reasons)


def _driver(row: pd.Series) -> str:
    share = row["driver_cpu_share"]
    return f"{figure(share * 100, 2)} %" if is_figure(share) else ABSENT


def _verdict_means(row: pd.Series) -> str:
    if row["floor"]:
        return "not judged"
    return _CAUGHT.get(row["verdict"], "") if row["control"] else ""


def _fsync(row: pd.Series) -> str:
    known = is_figure(row["fsync_us"]) and not row["floor"]
    return f"fsync {figure(row['fsync_us'])} µs" if known else ""


_CAUGHT = {"void": "caught", "holds": "not caught here"}

COLUMNS: tuple[Column, ...] = (
    Column(
        "",
        "verdict",
        "holds: every check of the records passed",
        verdict_words,
        "verdict",
        below=_verdict_means,
    ),
    Column(
        "speed",
        "goodput/s",
        "first-time deductions a second; below it the bootstrap interval over the repetitions",
        lambda row: figure(row["goodput_per_s"]),
        below=_interval,
    ),
    _measured("speed", "sold out, s", "time from the start to the last unit", "sold_out_after_s"),
    _measured("accepted", "p50, ms", "half waited longer", "accepted_latency_ms_p50"),
    _measured("accepted", "p99, ms", "one in a hundred waited longer", "accepted_latency_ms_p99"),
    _measured("refused", "p99, ms", "one in a hundred waited longer", "refused_latency_ms_p99"),
    _harm(
        "oversold",
        "units sold that never were",
        "oversold_units",
        _rare("surplus_units", "sold and still for sale"),
    ),
    _harm(
        "undersold",
        "units refused though there was stock; below it by which cause",
        "undersold_units",
        causes_of,
    ),
    _harm(
        "duplicated",
        "orders deducted twice",
        "duplicated_orders",
        _rare("answers_changed", "answered in two ways"),
    ),
    _harm(
        "lost",
        "orders acknowledged, then gone",
        "lost_orders",
        _rare("phantom_orders", "took effect unasked"),
    ),
    _harm("leaked", "units gone that no order owns", "leaked_units"),
    _counted("cost", "round trips", "to the stores, an order", "round_trips"),
    Column(
        "cost",
        "durability",
        "what a yes survives; below it what a flush to this disk takes",
        lambda row: row["durability"] or ABSENT,
        "word",
        below=_fsync,
    ),
)
"""The main table."""

_OUTCOMES = ("deducted", "replayed", "refused", "contended", "errors", "unknown", "dropped")

ACCOUNT: tuple[Column, ...] = (
    _counted("", "attempts", "all that were due", "attempts"),
    *(_counted("which were", name, "", name) for name in _OUTCOMES),
    _words("refused", "by reason", "", _reasons),
    _counted("at the end", "units left over", "against a serial run", "units_left_over"),
    Column("load driver", "CPU share", "above nine tenths, the driver is the limit", _driver),
    _words("load driver", "bound", "", lambda row: "yes" if row["driver_bound"] else "no"),
)
"""What became of every attempt."""


def cells(row: pd.Series, columns: tuple[Column, ...]) -> list[Cell]:
    """A row's cells."""
    return [_cell(row, column) for column in columns]


def groups(columns: tuple[Column, ...]) -> list[tuple[str, int]]:
    """The heads above the heads: each group and how many columns it spans."""
    spans: list[tuple[str, int]] = []
    for column in columns:
        if spans and spans[-1][0] == column.group:
            spans[-1] = (column.group, spans[-1][1] + 1)
        else:
            spans.append((column.group, 1))
    return spans


def _cell(row: pd.Series, column: Column) -> Cell:
    text, kind = column.cell(row), column.kind
    if kind == "verdict":
        kind = row["verdict"] if row["verdict"] in VERDICTS else "unknown"
        kind = "word" if row["floor"] else kind
    below = column.below(row) if column.below else ""
    if kind == "harm" and text in {"0", ABSENT} and not below:
        kind = "figure"
    return Cell(text, kind, below)
