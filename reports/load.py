"""Read what a comparison left behind into tidy frames: one row a strategy, a proof, an attempt.

    comparison = load("runs/flash_sale-…")     # or the folder that `stockproof runs list` names
    comparison.rows                            # one row a strategy, as the table shows it
    comparison.attempts(comparison.runs()[0])  # one row an attempt, only the columns asked for

Errors: `Unreadable`, one sentence that says what to do; the command line makes it its own kind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow.parquet as pq

from scenarios.history import FORMAT, SCHEMAS, RunFolder

PUBLISHED = Path(__file__).parent / "published"
"""Comparisons that were worth keeping, committed with what is needed to make their pages again."""

_Kind = TypeVar("_Kind")

FIGURES = (
    "connections",
    "fsync_us",
    "repetitions",
    "goodput_per_s",
    "goodput_per_s_low",
    "goodput_per_s_high",
    "sold_out_after_s",
    "attempts",
    "deducted",
    "replayed",
    "refused",
    "contended",
    "errors",
    "unknown",
    "dropped",
    "accepted_latency_ms_p50",
    "accepted_latency_ms_p99",
    "refused_latency_ms_p99",
    "oversold_units",
    "undersold_units",
    "units_left_over",
    "duplicated_orders",
    "lost_orders",
    "leaked_units",
    "phantom_orders",
    "answers_changed",
    "surplus_units",
    "round_trips",
    "driver_cpu_share",
)
"""The columns of `Comparison.rows` that are figures: NaN where the run did not take them."""

WORDS = {
    "stack": "",
    "world": "measured",
    "durability": "",
    "family": "",
    "verdict": "unknown",
    "note": "",
    "rule": "",
}
LISTS = ("promises_broken", "runs")
MARKS = ("control", "driver_bound")
MAPPINGS = ("undersold_by_cause", "refused_by_reason", "shop", "cost", "faults")

# What makes two machines unlike: figures from one must not stand beside figures from the other.
_MACHINE = ("cpu", "cpu_model", "processor", "cores", "cpus", "memory_gib", "platform", "system")


class Unreadable(ValueError):
    """The records cannot be read, or not together. The text is one sentence a user can act on."""


@dataclass(frozen=True, slots=True, eq=False)  # itself and no other: results are kept by it
class Comparison:
    """One comparison's records: what it was, its table, its proofs, and where its runs lie."""

    path: Path
    about: Mapping[str, Any]
    rows: pd.DataFrame
    proofs: tuple[Mapping[str, Any], ...]

    def runs(self, label: str | None = None) -> tuple[Path, ...]:
        """The run folders of the row called `label`, or of all rows, that are there to be read."""
        rows = self.rows if label is None else self.rows[self.rows["label"] == label]
        names = [name for runs in rows["runs"] for name in runs]
        return tuple(self.path / name for name in names if (self.path / name).is_dir())

    def attempts(self, run: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One row an attempt; only `columns`, since a run may hold millions of them."""
        return _frame(run, "attempts", columns)

    def judged(self, run: Path) -> Mapping[str, Any]:
        """The row that this one run was given when it was judged; empty if it has none."""
        return _part(run, "row", {})

    def findings(self, run: Path) -> Sequence[Mapping[str, Any]]:
        """What each check found in this one run."""
        return _part(run, "findings", [])

    def asked(self, run: Path) -> Mapping[str, Any]:
        """What this one run was asked, its seed among it; empty if that was not kept."""
        path = run / "run.json"
        return _json(path) if path.exists() else {}

    def faults(self, run: Path) -> pd.DataFrame:
        """One row a fault that happened while this run went on."""
        return _frame(run, "faults", None)

    def timeline(self, run: Path) -> pd.DataFrame:
        """The stock left, as seen from outside while the run went on."""
        return _frame(run, "timeline", None)

    def steps(self, run: Path) -> pd.DataFrame:
        """One row a step of the operations whose steps were timed."""
        return _frame(run, "steps", None)


def load(path: Path | str) -> Comparison:
    """Read the comparison in the folder `path`."""
    folder = Path(path)
    about = _json(folder / "comparison.json")
    if about.get("format") != FORMAT:
        raise Unreadable(
            f"{folder} has records of format {about.get('format')!r} and this version reads format"
            f" {FORMAT}: run the comparison again, or read it with the version that wrote it."
        )
    rows = [dict(row) for row in about.pop("rows", None) or ()]
    proofs = tuple(about.pop("proved", None) or ())
    return Comparison(folder, about, _rows_frame(rows), proofs)


def load_all(paths: Sequence[Path | str], unlike_machines: bool = False) -> tuple[Comparison, ...]:
    """Read several comparisons to stand side by side; unlike machines only if told so."""
    comparisons = tuple(load(path) for path in paths)
    if unlike_machines:
        return comparisons
    for other in comparisons[1:]:
        if differing := _differences(comparisons[0], other):
            raise Unreadable(
                f"{comparisons[0].path.name} and {other.path.name} come from unlike machines"
                f" ({'; '.join(differing)}): compare runs of one machine, or say that unlike"
                " machines are wanted."
            )
    return comparisons


def side_by_side(comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """The rows of all comparisons in one tidy frame, with a column that says which."""
    named = [c.rows.assign(comparison=c.path.name, seed=c.about.get("seed")) for c in comparisons]
    return pd.concat(named, ignore_index=True) if named else pd.DataFrame()


def absent(path: Path) -> Comparison:
    """A comparison of which nothing is there: no row, no proof, no run."""
    return Comparison(path, {}, _rows_frame([]), ())


def _rows_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "strategy": [str(row.get("strategy", "")) for row in rows],
            **{name: [row.get(name) or absent for row in rows] for name, absent in WORDS.items()},
            **{name: [tuple(row.get(name) or ()) for row in rows] for name in LISTS},
            **{name: [dict(row.get(name) or {}) for row in rows] for name in MAPPINGS},
            **{name: _marks([row.get(name) for row in rows]) for name in MARKS},
            **{name: _figures([row.get(name) for row in rows]) for name in FIGURES},
            # None where it was not recorded, which is not the same as nothing.
            "loses": [row.get("loses") for row in rows],
        }
    )
    # The floor asks nothing of any store: it is no rival, and must not be ranked.
    frame["floor"] = (frame["family"] == "floor") | (frame["stack"] == "null")
    frame["label"] = _labels(frame)
    return frame


def _marks(values: list[Any]) -> pd.Series:
    """Typed even when empty: `~` on a column of objects would not negate it."""
    return pd.Series([bool(value) for value in values], dtype="bool")


def _figures(values: list[Any]) -> pd.Series:
    return pd.to_numeric(pd.Series(values, dtype="object"), errors="coerce").astype("float64")


_TELLS_APART = (
    ("rule", "at {} time"),
    ("stack", "on {}"),
    ("world", "{}"),
    ("connections", "× {:g}"),
)


def _labels(rows: pd.DataFrame) -> list[str]:
    """The strategy's name, and beside it only what tells its rows apart."""
    labels = rows["strategy"].tolist()
    for column, words in _TELLS_APART:
        if len(set(labels)) == len(labels):
            break
        values = rows.groupby("strategy")[column].transform("nunique")
        labels = [
            f"{label} {words.format(value)}" if several > 1 else label
            for label, value, several in zip(labels, rows[column], values, strict=True)
        ]
    return list(labels)


def _frame(run: Path, table: str, columns: Sequence[str] | None) -> pd.DataFrame:
    path = run / f"{table}.parquet"
    if not path.exists():
        schema = SCHEMAS[table]
        empty = RunFolder(run).table(table).to_pandas()
        return empty[list(columns)] if columns is not None else empty[list(schema.names)]
    wanted = None if columns is None else list(columns)
    return pq.read_table(path, columns=wanted).to_pandas()


def _part(run: Path, name: str, absent: _Kind) -> _Kind:
    """A part of a run's verdict."""
    path = run / "verdict.json"
    found = _json(path).get(name) if path.exists() else None
    return absent if found is None else found


def _json(path: Path) -> dict[str, Any]:
    try:
        loaded = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise Unreadable(
            f"{path.parent} is no comparison (it has no {path.name}): name a folder that"
            " `stockproof runs list` shows."
        ) from None
    except ValueError as error:
        raise Unreadable(
            f"{path} is damaged ({error}): remove the folder and run the comparison again."
        ) from None
    if not isinstance(loaded, dict):
        raise Unreadable(f"{path} holds no comparison: remove the folder and run it again.")
    return loaded


def _differences(one: Comparison, other: Comparison) -> list[str]:
    ours, theirs = (dict(c.about.get("machine") or {}) for c in (one, other))
    return [
        f"{key}: {ours.get(key)} and {theirs.get(key)}"
        for key in _MACHINE
        if ours.get(key) != theirs.get(key)
    ]
