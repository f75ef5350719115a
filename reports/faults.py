"""What the faults of a comparison did: their table, and when they struck, for the pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from reports.load import Comparison
from reports.style import VOID
from reports.table import Column, causes_of
from reports.wording import ABSENT, count, figure, is_figure, listed

CLIENT = "a client"
"""Whom the records name when one attempt of one client was befallen: no span of time."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when a fault lasted, and which."""

    began_s: float
    over_s: float
    kind: str
    whom: str

    @property
    def words(self) -> str:
        """`server killed (valkey)`."""
        return f"{self.kind.replace('_', ' ')} ({self.whom})"


def has_faults(comparison: Comparison) -> bool:
    """Was any fault brought about?"""
    return any(struck_of(row) for _, row in comparison.rows.iterrows())


def struck_of(row: pd.Series) -> Mapping[str, int]:
    """How often each fault struck in the runs of a row."""
    struck: Mapping[str, int] = row["faults"].get("struck") or {}
    return struck


def spans_of(comparison: Comparison, run: Path) -> list[Span]:
    """The faults of a run that lasted for a time, in order."""
    found = comparison.faults(run)
    lasting = found[found["whom"] != CLIENT].sort_values("began_ns", kind="stable")
    return [
        Span(began / 1e9, over / 1e9, str(kind), str(whom))
        for began, over, kind, whom in zip(
            lasting["began_ns"], lasting["over_ns"], lasting["kind"], lasting["whom"], strict=True
        )
    ]


def mark(axes: Axes, spans: list[Span]) -> None:
    """Shade the time of every fault; one that was over at once is a line."""
    for span in {(span.began_s, span.over_s): span for span in spans}.values():
        axes.axvspan(span.began_s, span.over_s, color=VOID, alpha=0.14, linewidth=0)
        axes.axvline(span.began_s, color=VOID, linewidth=0.8, linestyle=(0, (1, 1)))


def told(spans: list[Span]) -> str:
    """The faults in words, for who cannot see them."""
    return listed([f"{one.words} from {one.began_s:.1f} to {one.over_s:.1f} s" for one in spans])


def _of(row: pd.Series, name: str) -> Any:
    return row["faults"].get(name)


def _counted(group: str, head: str, explains: str, name: str, kind: str = "figure") -> Column:
    return Column(group, head, explains, lambda row: count(_of(row, name)), kind)


def _timed(group: str, head: str, explains: str, name: str) -> Column:
    return Column(group, head, explains, lambda row: figure(_of(row, name)))


def _struck(row: pd.Series) -> str:
    times = struck_of(row).items()
    return ", ".join(f"{many:,} × {kind.replace('_', ' ')}" for kind, many in times) or ABSENT


def _lost_below(row: pd.Series) -> str:
    share, span_s = _of(row, "lost_share"), _of(row, "lost_span_s")
    if not share or not is_figure(span_s):
        return ""
    return f"{figure(share * 100, 2)} % of them, over {figure(span_s, 2)} s"


FAULTS: tuple[Column, ...] = (
    Column("", "struck", "in all repetitions", _struck, "word"),
    _counted(
        "acknowledged",
        "before the crash",
        "orders that somebody was told yes for before the last crash",
        "acknowledged_before_crash",
    ),
    Column(
        "acknowledged",
        "lost",
        "of those, gone after recovery; below it the share, and over what time before the crash",
        lambda row: count(_of(row, "lost_acknowledgements")),
        "harm",
        below=_lost_below,
    ),
    _counted(
        "units stranded",
        "before recover",
        "that no order owns, or on which two stores differ",
        "stranded_before_recover",
    ),
    _counted(
        "units stranded", "after", "the same, when all is at rest", "stranded_after_recover", "harm"
    ),
    Column(
        "",
        "undersold",
        "units refused though there was stock; below it by which cause",
        lambda row: count(row["undersold_units"]),
        "harm",
        below=causes_of,
    ),
    _timed("longest", "away, s", "until the server answered, or the process went on", "down_s"),
    _timed(
        "longest",
        "until back, s",
        "from then until goodput was nine tenths of before",
        "back_after_s",
    ),
)
"""What the faults did, worst repetition of each."""


def sentences(comparison: Comparison) -> Iterator[str]:
    """What the page says of faults in plain words."""
    for _, row in comparison.rows.iterrows():
        lost = _of(row, "lost_acknowledgements")
        if lost:
            how = "as it declares" if not row["lost_orders"] else "which it does not declare"
            yield (
                f"{row['label']} lost {count(lost)} acknowledged orders in a crash, {how}:"
                f" {_lost_below(row)} before it."
            )
