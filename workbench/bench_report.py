"""How long a report of a million attempts takes, how much memory, and how large its page is.

    made-up records, written as runs write theirs -> page, tables and pictures -> seconds, bytes

The records are of twelve strategies with five repetitions each, or of one strategy with one run.
What is measured is a process of its own, so that the peak of its memory is its own; its seconds
count from before Python started. `python -m workbench.bench_report 100000` takes fewer attempts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from rich.table import Table

from scenarios.history import FORMAT, RunFolder
from workbench.screen import results

ATTEMPTS = 1_000_000
GOALS = "30 s, 1,000 MB, 3.0 MB"
STRATEGIES = (
    *("conditional_update", "row_lock", "optimistic_version", "split_rows", "claimed_units"),
    *("merged_update", "redis_script", "redis_decrement", "redis_with_task", "redis_lock_fenced"),
    *("naive_read_write", "redis_lock"),
)
REPETITIONS, CLIENTS, SOLD = 5, 256, 0.6
SHAPES = {
    "12 strategies, 5 runs each": (STRATEGIES, REPETITIONS),
    "one strategy, one run": (STRATEGIES[:1], 1),
}


def report(attempts: int = ATTEMPTS) -> Table:
    """Reports: page, tables and pictures of a million attempts, from records on disk."""
    table = Table("attempts", "records", "seconds", "peak MB", "page MB", "goal", box=None)
    for words, (strategies, repetitions) in SHAPES.items():
        with TemporaryDirectory(prefix="stockproof-") as place:
            folder = Path(place) / "made_up"
            write_records(folder, strategies, repetitions, attempts)
            found = _built(folder)
        figures = (f"{found['seconds']:.1f}", f"{found['peak_bytes'] / 1e6:,.0f}")
        table.add_row(f"{attempts:,}", words, *figures, f"{found['page_bytes'] / 1e6:.2f}", GOALS)
    return table


def _built(folder: Path) -> dict[str, float]:
    """Build the report of a folder in a process of its own."""
    began_s = time.perf_counter()
    command = [sys.executable, "-m", "workbench.bench_report", "--child", str(folder)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    return {"seconds": time.perf_counter() - began_s, **json.loads(ended.stdout)}


def build(folder: Path) -> dict[str, float]:
    """Build the report in this process: its peak memory, and how large the page is."""
    from reports.writing import write_everything  # its import is a part of what is measured

    page = write_everything(folder)
    return {"peak_bytes": _peak_bytes(), "page_bytes": page.stat().st_size}


def _peak_bytes() -> int:
    """The most that was ever resident. (getrusage counts the program that started this, too.)"""
    status = Path("/proc/self/status").read_text("utf-8")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def write_records(folder: Path, strategies: Sequence[str], repetitions: int, attempts: int) -> None:
    """Records of so many attempts in all, as runs leave them. Nothing in them was measured."""
    dice, rows = np.random.default_rng(1), []
    each = attempts // (len(strategies) * repetitions)
    for place, strategy in enumerate(strategies):
        runs = [f"{strategy}-postgresql-{number + 1}" for number in range(repetitions)]
        per_s = 40_000 / (1 + place)
        for run in runs:
            _write_run(RunFolder(folder / run), each, per_s, dice)
        rows.append(_row(strategy, runs, each * repetitions, per_s))
    about = {"format": FORMAT, "scenario": "made_up", "title": "Made up", "seed": 1, "rows": rows}
    RunFolder(folder).write_json("comparison", about)


def _write_run(folder: RunFolder, attempts: int, per_s: float, dice: np.random.Generator) -> None:
    number = np.arange(attempts)
    sent_ns = np.sort(dice.uniform(0, attempts / per_s * 1e9, attempts)).astype("int64")
    waited_ns = (dice.lognormal(0, 0.7, attempts) * CLIENTS / per_s * 1e9).astype("int64")
    sold = int(SOLD * attempts)
    nothing = np.zeros(attempts, "int64")
    attempted: dict[str, Any] = {
        "operation": number,
        "client": (number % CLIENTS).astype("int32"),
        "order_number": [f"order-{each}" for each in range(attempts)],
        "lines": ["1@online=1"] * attempts,
        "units": np.ones(attempts, "int32"),
        "kind": ["deduct"] * attempts,
        "delivery": nothing.astype("int16"),
        "attempt": nothing.astype("int16"),
        "intended_ns": sent_ns,
        "sent_ns": sent_ns,
        "replied_ns": sent_ns + waited_ns,
        "outcome": ["deducted"] * sold + ["refused"] * (attempts - sold),
        "observed": [None] * attempts,
        "token": [None] * attempts,
    }
    folder.write_table("attempts", attempted)
    at_ns = np.linspace(0, attempts / per_s * 1e9, 2_000).astype("int64")
    left = np.maximum(0, sold - at_ns * per_s / 1e9).astype("int64")
    unread = [None] * len(at_ns)
    seen: dict[str, Any] = {
        "at_ns": at_ns,
        "remaining": left,
        "copied": [None] * len(left),
        "wal_bytes": unread,
        "commands": unread,
    }
    folder.write_table("timeline", seen)
    folder.write_json("run", {"seed": 10_000})
    folder.write_json("verdict", {"row": {"warm_up_s": 0.0}, "findings": []})


def _row(strategy: str, runs: Sequence[str], attempts: int, per_s: float) -> Mapping[str, Any]:
    return {
        "strategy": strategy,
        "stack": "postgresql",
        "world": "measured",
        "durability": "fsync, commit on",
        "repetitions": len(runs),
        "runs": list(runs),
        "goodput_per_s": per_s,
        "goodput_per_s_low": per_s * 0.95,
        "goodput_per_s_high": per_s * 1.05,
        "attempts": attempts,
        "deducted": int(SOLD * attempts),
        "refused": attempts - int(SOLD * attempts),
        "accepted_latency_ms_p50": CLIENTS / per_s * 1e3,
        "accepted_latency_ms_p99": 5 * CLIENTS / per_s * 1e3,
        "undersold_units": 0,
        "verdict": "holds",
    }


if __name__ == "__main__":
    if "--child" in sys.argv:
        print(json.dumps(build(Path(sys.argv[-1]))))
    else:
        results().print(report(int(sys.argv[1]) if sys.argv[1:] else ATTEMPTS))
