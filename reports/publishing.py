"""Keep a comparison that is worth keeping: the records that pages and notebooks read, made small.

    publish(Path("runs/flash_sale-…"), PUBLISHED / "flash_sale")

What is kept says everything that the full records say about speed and correctness: the table, the
verdicts, the stock over time, the faults that lasted, and five columns of every attempt, times to
the microsecond. Left out are order numbers, sampled steps, the audit's entries, deaths of single
clients, and the attempts of the harness floor.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from reports.faults import CLIENT
from reports.load import Comparison, Unreadable, load
from reports.writing import write_everything

KEPT = ("kind", "outcome", "units", "intended_ns", "replied_ns")
"""The columns of an attempt that pictures and notebooks read."""

_TIMES = ("intended_ns", "replied_ns")
_NS_PER_US = 1_000


def publish(comparison: Path, out: Path) -> Path:
    """Write the small records of a comparison, its page, table and pictures into `out`."""
    loaded = load(comparison)
    _make_room(out, comparison)
    shutil.copyfile(comparison / "comparison.json", out / "comparison.json")
    rivals = _rivals(loaded)
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


def _rivals(comparison: Comparison) -> set[Path]:
    rows = comparison.rows[~comparison.rows["floor"]]
    return {run for label in rows["label"] for run in comparison.runs(label)}


def _publish_run(run: Path, out: Path, *, with_attempts: bool) -> None:
    out.mkdir()
    for name in ("run.json", "verdict.json", "timeline.parquet"):
        if (run / name).exists():
            shutil.copyfile(run / name, out / name)
    if (run / "faults.parquet").exists():
        _write_lasting(run, out / "faults.parquet")
    if with_attempts and (run / "attempts.parquet").exists():
        _write_small(_small(run), out / "attempts.parquet")


def _small(run: Path) -> pa.Table:
    table = pq.read_table(run / "attempts.parquet", columns=list(KEPT))
    for name in _TIMES:
        whole = pc.multiply(pc.divide(table[name], _NS_PER_US), _NS_PER_US)
        table = table.set_column(table.schema.get_field_index(name), name, whole)
    return table


def _write_small(table: pa.Table, path: Path) -> None:
    """Neighbouring times differ by little: written as differences they take two bytes each."""
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=["kind", "outcome", "units"],
        column_encoding=dict.fromkeys(_TIMES, "DELTA_BINARY_PACKED"),
    )


def _write_lasting(run: Path, path: Path) -> None:
    """Pictures shade faults that lasted; of those of single clients the table has the number."""
    table = pq.read_table(run / "faults.parquet")
    lasting = table.filter(pc.not_equal(table["whom"], CLIENT))
    if lasting.num_rows:
        pq.write_table(lasting, path, compression="zstd")
