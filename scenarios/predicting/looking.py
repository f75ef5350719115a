"""Looks at real servers for a moment: how fast a plan goes there, and what its steps take.

What a calibration needs of a live run: orders a second, processor time of the clients and of
everybody else, and how long each kind of step took.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow.compute as pc

from scenarios.history import RunFolder
from scenarios.measuring.campaign import Progress, measure
from scenarios.measuring.hands import Hands
from scenarios.measuring.machine import available_cores
from scenarios.predicting.levelling import Beside, Level, faster_each
from scenarios.scenario import Scenario

US = 1e6


@dataclass(frozen=True, slots=True)
class Look:
    """What one run showed. `steps_us`: by kind, every timed step; `per_order`: steps an order.

    A statement outside a transaction commits by itself; its kind is `alone` then.
    """

    strategy: str
    orders_per_s: float
    client_us: float  # of processor time an order
    other_us: float  # of everybody else: the servers, above all
    order_us: float  # wall time an order, of one client
    p99_ms: float | None
    steps_us: Mapping[str, np.ndarray[Any, Any]]
    per_order: Mapping[str, float]
    beside: Beside
    alone: frozenset[str] = frozenset()

    def at_pace(self, faster: float) -> Look:
        """What a machine would have shown that is so many times as fast."""
        return replace(
            self,
            orders_per_s=self.orders_per_s * faster,
            client_us=self.client_us / faster,
            other_us=self.other_us / faster,
            order_us=self.order_us / faster,
            p99_ms=None if self.p99_ms is None else self.p99_ms / faster,
            steps_us={kind: took_us / faster for kind, took_us in self.steps_us.items()},
        )


def at_level(looks: Sequence[Look], level: Level) -> list[Look]:
    """Looks in a row, as if the machine had been at its usual pace for all of them."""
    each = faster_each([one.beside for one in looks], level)
    return [one.at_pace(faster) for one, faster in zip(looks, each, strict=True)]


def look(
    scenario: Scenario,
    names: Sequence[str],
    hands: Hands,
    seconds: float,
    stack: str | None = None,
    seen: Callable[[str], None] = lambda _: None,
) -> list[Look]:
    """Run each strategy once, for so many seconds; in the order in which they were run."""
    rows: list[Mapping[str, Any]] = []

    def ended(progress: Progress) -> None:
        if progress.row:
            rows.append(progress.row)
            seen(progress.strategy)

    with tempfile.TemporaryDirectory(prefix="stockproof-") as place:
        out = Path(place) / "looks"
        measure(
            scenario,
            names,
            stack=stack,
            seconds=seconds,
            repetitions=1,
            out=out,
            hands=hands,
            settles=False,
            progress=ended,
        )
        return [_look(row, RunFolder(out / row["runs"][0]), seconds) for row in rows]


def _look(row: Mapping[str, Any], folder: RunFolder, seconds: float) -> Look:
    attempts = folder.table("attempts")
    mine = attempts.filter(pc.greater_equal(attempts["client"], 0))
    wall_ns = (pc.subtract(mine["replied_ns"], mine["sent_ns"])).to_numpy()
    orders = mine.num_rows
    assert orders, f"{row['strategy']} answered nobody within {seconds:g} s"
    cores = available_cores()
    client_s = row["driver_cpu_share"] * seconds * cores
    busy_s = (1 - row["machine_idle_share"]) * seconds * cores
    steps = folder.table("steps")
    kinds = steps["step"].cast("string").to_pylist()
    took_us = (pc.subtract(steps["replied_ns"], steps["sent_ns"])).to_numpy() / 1e3
    by_kind: dict[str, list[float]] = defaultdict(list)
    for kind, us in zip(kinds, took_us.tolist(), strict=True):
        by_kind[kind].append(us)
    timed = max(len(set(steps["operation"].to_pylist())), 1)
    return Look(
        row["strategy"],
        pc.sum(pc.less_equal(mine["replied_ns"], round(seconds * 1e9))).as_py() / seconds,
        client_s / orders * US,
        max(busy_s - client_s, 0.0) / orders * US,
        float(wall_ns.mean()) / 1e3,
        row["accepted_latency_ms_p99"],
        {kind: np.asarray(values) for kind, values in by_kind.items()},
        {kind: len(values) / timed for kind, values in by_kind.items()},
        beside_run(row, folder),
        frozenset(_alone(zip(steps["operation"].to_pylist(), kinds, strict=True))),
    )


def beside_run(row: Mapping[str, Any], folder: RunFolder) -> Beside:
    """How fast the reference work went around a run, or after a look."""
    slices = folder.json("run")["reference_per_s"]
    return Beside(median(slices), "postgresql" in row["stack"])


def _alone(steps: Iterable[tuple[int, str]]) -> Iterator[str]:
    """The kinds of those steps that stand outside a transaction."""
    inside, last = False, -1
    for operation, kind in steps:
        if operation != last:
            inside, last = False, operation
        if kind == "Begin":
            inside = True
        elif kind in ("Commit", "Rollback"):
            inside = False
        elif not inside:
            yield kind
