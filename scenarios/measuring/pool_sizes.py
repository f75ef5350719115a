"""How many connections should stand before one hot row? Every strategy at its own best pool.

A crowd of buyers shares a pool of database connections; the same sale is run with pools of several
sizes, in random order, and each strategy is judged by the one that suits it best. A comparison at a
pool of one's own choice flatters whoever it suits.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from scenarios.measuring.campaign import measure
from scenarios.scenario import load_scenario

POOLS = (1, 2, 4, 8, 32, 256)
STRATEGIES = ("merged_update", "conditional_update")
SCENARIO = "deep_stock"


@dataclass(frozen=True, slots=True)
class PoolSize:
    """One strategy at one pool: medians over the repetitions; `verdict`: the worst of them.

    Goodput counts orders; each of their lines is a deduction of its own, with a row in the log.
    """

    strategy: str
    pool: int
    goodput_per_s: float
    deductions_per_s: float
    latency_ms_p99: float | None  # of accepted orders, from the intended time
    driver_bound: bool
    verdict: str


def pool_sizes(
    out: Path,
    strategies: Sequence[str] = STRATEGIES,
    pools: Sequence[int] = POOLS,
    seconds: float = 3.0,
    repetitions: int = 3,
    progress: Callable[[str], None] = lambda _: None,
) -> list[PoolSize]:
    """Measure each strategy at each pool, repetition by repetition, the pools in random order."""
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    dice = random.Random(1)
    for repetition in range(repetitions):
        for pool in dice.sample(pools, len(pools)):
            progress(f"[{repetition + 1}/{repetitions}] pool of {pool}")
            scenario = load_scenario(SCENARIO, [f"demand.pool={pool}"])
            comparison = measure(
                scenario,
                strategies,
                seconds=seconds,
                repetitions=1,
                seed=repetition + 1,
                out=out / f"pool-{pool}-{repetition + 1}",
            )
            for row in comparison.rows:
                found.setdefault((row["strategy"], pool), []).append(row)
    lines = fmean(load_scenario(SCENARIO).demand.lines)
    return [_combined(name, pool, lines, rows) for (name, pool), rows in sorted(found.items())]


def best_of(rows: Sequence[PoolSize], strategy: str) -> PoolSize:
    """A strategy at the pool that suits it best, of those at which it held."""
    mine = [row for row in rows if row.strategy == strategy and row.verdict == "holds"]
    assert mine, f"{strategy} held at no pool"
    return max(mine, key=lambda row: row.goodput_per_s)


def _combined(strategy: str, pool: int, lines: float, rows: Sequence[dict[str, Any]]) -> PoolSize:
    goodput_per_s = median(row["goodput_per_s"] for row in rows)
    latencies = [row["accepted_latency_ms_p99"] for row in rows]
    timed = [each for each in latencies if each is not None]
    bad = [row["verdict"] for row in rows if row["verdict"] != "holds"]
    return PoolSize(
        strategy,
        pool,
        goodput_per_s,
        goodput_per_s * lines,
        median(timed) if timed else None,
        any(row["driver_bound"] for row in rows),
        bad[0] if bad else "holds",
    )
