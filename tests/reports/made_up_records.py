"""Test data: folders of made-up records, in the shape that comparisons leave behind.

Nothing in here was measured. The numbers follow simple formulas, so that a test can know what a
page has to say about them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scenarios.history import FORMAT, RunFolder

STOCK = 500


@dataclass(frozen=True, slots=True)
class Rival:
    """How one made-up strategy behaves."""

    name: str
    goodput_per_s: float
    stack: str = "postgresql"
    family: str = "row"
    oversold: int = 0
    control: bool = False
    latency_ms: float = 2.0
    refuses: bool = True
    durability: str = "synchronous commit"
    verdict: str = ""

    @property
    def said(self) -> str:
        """The verdict of its row."""
        return self.verdict or ("void" if self.oversold else "holds")


RIVALS = (
    Rival("conditional_update", 8200),
    Rival("row_lock", 4100, latency_ms=4),
    Rival("optimistic_version", 3900, latency_ms=5),
    Rival("redis_lock_fenced", 900, "postgresql+redis", "lock", latency_ms=12),
    Rival("redis_script", 31000, "redis", "redis", latency_ms=0.4, durability="AOF everysec"),
    Rival("redis_with_task", 3600, "postgresql+redis", "redis", latency_ms=5),
    Rival("naive_read_write", 5200, family="control", oversold=37, control=True),
    Rival("redis_lock", 1100, "postgresql+redis", "control", control=True, latency_ms=10),
    Rival("noop", 450000, "null", "floor", latency_ms=0.002, refuses=False),
)

COUNTEREXAMPLE = (
    {"actor": "buyer 1", "step": "Read 1@mall", "answer": "1 left"},
    {"actor": "buyer 2", "step": "Read 1@mall", "answer": "1 left"},
    {"actor": "buyer 1", "step": "Write 1@mall, 0", "answer": "done", "told": "deducted"},
    {"actor": "buyer 2", "step": "Write 1@mall, 0", "answer": "done", "told": "deducted"},
    {"actor": "buyer 3", "step": "Read 1@mall", "kind": "reply_lost", "fault": "reply_lost"},
)


WHOLE = {
    "case": "last unit, 1 line",
    "promise": "never oversells",
    "sentence": "2 units are promised and there was 1",
}


FLOOR = {
    "strategy": "conditional_update",
    "stack": "postgresql",
    "step_cost_ns": 520.0,
    "steps": 4,
    "driver_us": 21.0,
    "latency_us_p50": 350.0,
    "share": 0.06,
}


def write_comparison(
    folder: Path,
    rivals: Sequence[Rival] = RIVALS,
    *,
    repetitions: int = 3,
    attempts: int = 800,
    grade: str = "demo",
    proved: Sequence[Mapping[str, Any]] | None = None,
    **about: Any,
) -> Path:
    """Write a whole made-up comparison below `folder`, and return its folder."""
    path = folder / "flash_sale-7"
    dice = np.random.default_rng(7)
    rows = []
    for rival in rivals:
        runs = [f"{rivals.index(rival):02}-{number}" for number in range(repetitions)]
        for name in runs:
            _write_run(path / name, rival, attempts, dice)
        rows.append(_row(rival, runs, attempts))
    content = {
        "format": FORMAT,
        "scenario": "flash_sale",
        "title": "Flash sale",
        "description": "One article, five hundred units, and many times as many buyers at once.",
        "seed": 7,
        "grade": grade,
        "repetitions": repetitions,
        "seconds": 3,
        "started_at": "2026-01-02T03:04:05Z",
        "command": f"stockproof compare flash_sale --grade {grade} --seed 7",
        "machine": {"cpu": "made-up processor", "cores": 2, "memory_gib": 8, "platform": "Linux"},
        "floor": FLOOR,
        "rows": rows,
        "proved": [_proof(rival) for rival in rivals] if proved is None else list(proved),
        "notes": [],
        "skipped": [],
    }
    RunFolder(path).write_json("comparison", content | about)
    return path


def _row(rival: Rival, runs: Sequence[str], attempts: int) -> dict[str, Any]:
    deducted = min(STOCK + rival.oversold, attempts) if rival.refuses else attempts
    return {
        "strategy": rival.name,
        "stack": rival.stack,
        "world": "measured",
        "connections": 16,
        "durability": rival.durability if rival.stack != "null" else "none",
        "fsync_us": 31.0 if rival.stack != "null" else None,
        "repetitions": len(runs),
        "goodput_per_s": rival.goodput_per_s,
        "goodput_per_s_low": rival.goodput_per_s * 0.93,
        "goodput_per_s_high": rival.goodput_per_s * 1.06,
        "sold_out_after_s": STOCK / rival.goodput_per_s if rival.refuses else None,
        "attempts": attempts,
        "deducted": deducted,
        "replayed": 0,
        "refused": attempts - deducted,
        "contended": 0,
        "errors": 0,
        "unknown": 0,
        "dropped": 0,
        "accepted_latency_ms_p50": rival.latency_ms,
        "accepted_latency_ms_p99": rival.latency_ms * 6,
        "refused_latency_ms_p99": rival.latency_ms * 4 if rival.refuses else None,
        "oversold_units": rival.oversold,
        "undersold_units": 0,
        "undersold_by_cause": {},
        "units_left_over": 0,
        "duplicated_orders": 2 if rival.oversold else 0,
        "lost_orders": 0,
        "leaked_units": 0,
        "driver_bound": rival.stack == "null",
        "verdict": rival.said,
        "promises_broken": ["never oversells"] if rival.oversold else [],
        "control": rival.control,
        "family": rival.family,
        "round_trips": 4,
        "runs": list(runs),
        "refused_by_reason": {"out of stock": attempts - deducted},
        "driver_cpu_share": 0.41,
    }


def _write_run(path: Path, rival: Rival, attempts: int, dice: np.random.Generator) -> None:
    folder = RunFolder(path)
    sent = np.sort(dice.uniform(0, attempts / rival.goodput_per_s, attempts) * 1e9).astype("int64")
    waited = (dice.lognormal(0, 0.6, attempts) * rival.latency_ms * 1e6).astype("int64")
    sold = STOCK + rival.oversold if rival.refuses else attempts
    outcome = np.where(np.arange(attempts) < sold, "deducted", "refused").tolist()
    folder.write_table(
        "attempts",
        {
            "operation": np.arange(attempts),
            "client": np.arange(attempts, dtype="int32") % 16,
            "order_number": [f"order-{number}" for number in range(attempts)],
            "lines": ["1@mall=1"] * attempts,
            "units": np.ones(attempts, "int32"),
            "kind": ["deduct"] * attempts,
            "delivery": np.zeros(attempts, "int16"),
            "attempt": np.zeros(attempts, "int16"),
            "intended_ns": sent,
            "sent_ns": sent,
            "replied_ns": sent + waited,
            "outcome": outcome,
            "observed": [None] * attempts,
            "token": [None] * attempts,
        },
    )
    at = np.linspace(0, attempts / rival.goodput_per_s, 40)
    left = np.maximum(0, STOCK - at * rival.goodput_per_s).astype("int64")
    seen = {"at_ns": (at * 1e9).astype("int64"), "remaining": left}
    unread = dict.fromkeys(("copied", "wal_bytes", "commands"), [None] * len(at))
    folder.write_table("timeline", seen | unread)
    folder.write_json("run", {"strategy": rival.name, "seed": 7})
    row = {"oversold_units": rival.oversold, "warm_up_s": 0.0}
    folder.write_json("verdict", {"row": row, "findings": _findings(rival)})


def _findings(rival: Rival) -> list[dict[str, Any]]:
    oversold = {"check": 1, "name": "oversold", "promise": "never oversells", "count": 0}
    if not rival.oversold:
        return [oversold | {"state": "holds"}]
    breach = {"at_s": 0.25, "size": 1, "what": f"{STOCK + 1} promised of {STOCK}"}
    worst = breach | {"at_s": None, "size": rival.oversold, "what": "the last of them"}
    found = {"state": "broken", "count": rival.oversold, "first": breach, "worst": worst}
    return [oversold | found | {"last": worst}]


def _proof(rival: Rival) -> dict[str, Any]:
    caught = rival.control
    return {
        "strategy": rival.name,
        "control": rival.control,
        "holds": not caught,
        "promises_broken": ["never oversells"] if caught else [],
        "schedules": 184_756,
        "states": 2_310,
        "states_per_s": 104_000.0,
        "bounded": False,
        "cases": [{"case": "last unit, 1 line", "states": 2_310, "broken": []}],
        "counterexample": list(COUNTEREXAMPLE) if caught else None,
        "counterexample_of": WHOLE if caught else None,
        "timeline": "buyer 1: Read 1@mall -> 1 left\nbuyer 2: Read 1@mall -> 1 left"
        if caught
        else "",
    }
