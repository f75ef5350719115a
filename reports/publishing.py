"""Keep a comparison that is worth keeping: the records that pages and notebooks read, made small.

    publish(Path("runs/flash_sale-…"), PUBLISHED / "flash_sale")

What is kept says everything that the full records say about speed and correctness: the table, the
verdicts, the stock over time, the faults that lasted, five columns of every attempt, times to the
microsecond, and the steps of a few hundred accepted orders a run. Left out are order numbers, the
other sampled steps, the audit's entries, deaths of single clients, and the attempts of the harness
floor. Of a large campaign, the attempts of a few repetitions are enough:

    publish(folder, PUBLISHED / "campaign" / "flash_sale", attempts_of=1)
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from reports.faults import CLIENT
from reports.load import Comparison, Unreadable, load
from reports.writing import write_everything

KEPT = ("kind", "outcome", "units", "intended_ns", "replied_ns")
"""The columns of an attempt that pictures and notebooks read."""

TIMED_MOST = 300
"""Accepted orders of a run whose steps are kept: enough for a mean, and a few kilobytes."""

_TIMES = ("intended_ns", "replied_ns")
_STEP_TIMES = ("sent_ns", "replied_ns")
_ACCEPTED = (("kind", "deduct"), ("outcome", "deducted"))
_NS_PER_US = 1_000


def publish(comparison: Path, out: Path, attempts_of: int | None = None) -> Path:
    """Write the small records of a comparison, its page, table and pictures into `out`.

    Of each strategy, the attempts of the first `attempts_of` repetitions are kept, and of the
    others what was judged; the page says so. Without it, of all.
    """
    loaded = load(comparison)
    _make_room(out, comparison)
    _write_about(comparison, out, attempts_of)
    rivals = _rivals(loaded, attempts_of)
    for run in loaded.runs():
        _publish_run(run, out / run.name, with_attempts=run in rivals)
    write_everything(out)
    return out


def _make_room(out: Path, comparison: Path) -> None:
    """Only what was published before gives way."""
    if out.exists() and any(out.iterdir()):
        if not (out / "comparison.json").exists() or out.samefile(comparison):
            raise Unreadable(f"{out} holds something else: publish into a new or an empty folder.")
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)


def _write_about(comparison: Path, out: Path, attempts_of: int | None) -> None:
    if attempts_of is None:
        shutil.copyfile(comparison / "comparison.json", out / "comparison.json")
        return
    about = json.loads((comparison / "comparison.json").read_text("utf-8"))
    text = json.dumps(about | {"attempts_of": attempts_of}, ensure_ascii=False, indent=1)
    (out / "comparison.json").write_text(text + "\n", "utf-8")


def _rivals(comparison: Comparison, attempts_of: int | None) -> set[Path]:
    rows = comparison.rows[~comparison.rows["floor"]]
    return {run for label in rows["label"] for run in comparison.runs(label)[:attempts_of]}


def _publish_run(run: Path, out: Path, *, with_attempts: bool) -> None:
    out.mkdir()
    for name in ("run.json", "verdict.json", "timeline.parquet"):
        if (run / name).exists():
            shutil.copyfile(run / name, out / name)
    if (run / "faults.parquet").exists():
        _write_lasting(run, out / "faults.parquet")
    if with_attempts and (run / "attempts.parquet").exists():
        _write_small(_small(run), out / "attempts.parquet", ("kind", "outcome", "units"), _TIMES)
        if (run / "steps.parquet").exists():
            differing = ("operation", "place", *_STEP_TIMES)
            _write_small(_steps(run), out / "steps.parquet", ("step",), differing)


def _small(run: Path) -> pa.Table:
    return _to_microseconds(pq.read_table(run / "attempts.parquet", columns=list(KEPT)), _TIMES)


def _to_microseconds(table: pa.Table, names: Sequence[str]) -> pa.Table:
    for name in names:
        whole = pc.multiply(pc.divide(table[name], _NS_PER_US), _NS_PER_US)
        table = table.set_column(table.schema.get_field_index(name), name, whole)
    return table


def _steps(run: Path) -> pa.Table:
    """The steps of orders that were deducted, of orders spread evenly over the run."""
    attempts = pq.read_table(run / "attempts.parquet", columns=["operation", "kind", "outcome"])
    accepted = pc.and_(*(_is(attempts, *each) for each in _ACCEPTED))
    deducted = attempts.filter(accepted)["operation"].unique()
    steps = pq.read_table(run / "steps.parquet")
    timed = steps.filter(pc.is_in(steps["operation"], deducted))["operation"].unique()
    spread = np.linspace(0, len(timed) - 1, min(len(timed), TIMED_MOST)).astype("int64")
    kept = steps.filter(pc.is_in(steps["operation"], timed.take(pa.array(spread))))
    return _to_microseconds(kept, _STEP_TIMES)


def _is(table: pa.Table, column: str, word: str) -> pa.ChunkedArray:
    return pc.equal(table[column].cast(pa.string()), word)


def _write_small(
    table: pa.Table, path: Path, words: Sequence[str], differing: Sequence[str]
) -> None:
    """Neighbouring times differ by little: written as differences they take two bytes each."""
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=list(words),
        column_encoding=dict.fromkeys(differing, "DELTA_BINARY_PACKED"),
    )


def _write_lasting(run: Path, path: Path) -> None:
    """Pictures shade faults that lasted; of those of single clients the table has the number."""
    table = pq.read_table(run / "faults.parquet")
    lasting = table.filter(pc.not_equal(table["whom"], CLIENT))
    if lasting.num_rows:
        pq.write_table(lasting, path, compression="zstd")
