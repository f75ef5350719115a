"""How fast a simulation goes, and how much memory it takes: a million orders of one flash sale.

    simulated -> judged: orders a second on one core, memory beyond the history, by order
    plain SimPy before and after: how many of its events an order costs, on any processor
    a sweep on one processor and on all of them, each point a run of its own

The runs are processes of their own, so that the peak of their memory is theirs.
`python -m workbench.bench_simulate 100000` simulates fewer orders.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

from rich.table import Table

from scenarios.history import RunFolder
from scenarios.measuring.machine import available_cores
from scenarios.predicting.buyers import ATTEMPT_BYTES
from scenarios.predicting.profile import load_profile
from scenarios.predicting.run import Asked, judged_row, play_of
from scenarios.predicting.side_by_side import workers
from scenarios.predicting.sweep import Sweep, read_axes
from scenarios.predicting.yardstick import plain_events_per_s
from scenarios.scenario import load_scenario
from workbench.screen import results

ORDERS = 1_000_000
AGAIN = 1.06  # deliveries an order: some come twice
STRATEGY = "conditional_update"
PROFILE = "one_machine"
GRID = ("connections=4,6,8,10,12,14,16,18", "flush_us=50,150")
SAYS = "a run of {orders:,} orders of flash_sale, {strategy}"


def one_run(orders: int) -> dict[str, Any]:
    """Simulate and judge so many orders, in this process; bytes are of its resident memory."""
    profile, scenario = load_profile(PROFILE), load_scenario("flash_sale")
    short = play_of(Asked(scenario, STRATEGY, profile, 1, 0.5)).run()
    seconds = AGAIN * orders / (len(short.results[0].position) / 0.5)
    del short
    asked = Asked(scenario, STRATEGY, profile, 1, seconds)
    play = play_of(asked)
    plain = [plain_events_per_s()]
    before = _resident()
    began_s = time.perf_counter()
    played = play.run()
    took_s = time.perf_counter() - began_s
    after, attempts = _peak(), len(played.results[0].position)
    plain.append(plain_events_per_s())
    judging_s = time.perf_counter()
    with TemporaryDirectory(prefix="stockproof-") as place:
        row = judged_row(asked, play, played, RunFolder(Path(place) / "run"))
    return {
        "orders": row["operations"],
        "simulated_s": took_s,
        "plain_events_per_s": mean(plain),
        "judged_s": time.perf_counter() - judging_s,
        "virtual_s": seconds,
        "beyond_bytes": (after - before - attempts * ATTEMPT_BYTES) / row["operations"],
        "peak_bytes": _peak(),
        "verdict": row["verdict"],
    }


def sweep_s(processes: int) -> float:
    """How long a sweep takes on so many processors, its processes started before."""
    scenario = load_scenario("flash_sale", ["run.seconds=6"])
    with TemporaryDirectory(prefix="stockproof-") as place, workers(most=processes) as executor:
        list(executor.map(_nothing, range(4 * processes)))
        sweep = Sweep(scenario, (STRATEGY,), load_profile(PROFILE), read_axes(GRID), Path(place))
        began_s = time.perf_counter()
        sweep.run(executor, lambda _: None)
        return time.perf_counter() - began_s


def simulate(orders: int = ORDERS) -> Table:
    """Simulating: a large run with history and verdict, and a sweep on every processor."""
    load = os.getloadavg()[0]
    command = [sys.executable, "-m", "workbench.bench_simulate", f"{orders}", "--child"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    table = Table(SAYS.format(orders=found["orders"], strategy=STRATEGY), "figure", box=None)
    table.add_row("orders/s, one core", f"{found['orders'] / found['simulated_s']:,.0f}")
    plain_per_s = found["plain_events_per_s"]
    table.add_row("plain SimPy, events/s on the same core", f"{plain_per_s:,.0f}")
    an_order = plain_per_s * found["simulated_s"] / found["orders"]
    table.add_row("an order costs as much as so many of them", f"{an_order:.0f}")
    table.add_row("seconds, and of virtual time",
                  f"{found['simulated_s']:.1f}, {found['virtual_s']:.0f}")  # fmt: skip
    table.add_row("bytes an order, beyond the history", f"{found['beyond_bytes']:.0f}")
    table.add_row("seconds to judge and to write", f"{found['judged_s']:.1f}")
    table.add_row("peak memory of all of it, MB", f"{found['peak_bytes'] / 1e6:,.0f}")
    table.add_row("verdict", found["verdict"])
    cores = available_cores()
    alone_s, together_s = sweep_s(1), sweep_s(cores)
    points = f"sweep of 16 points: seconds on 1 and on {cores} processors"
    table.add_row(points, f"{alone_s:.1f}, {together_s:.1f}: {alone_s / together_s:.2f} times")
    table.caption = f"{cores} cores, load {load:.2f} before"
    return table


def _nothing(_: int) -> None:
    """Makes a worker import what it needs."""
    play_of(Asked(load_scenario("flash_sale"), STRATEGY, load_profile(PROFILE), 1, 0.01)).run()


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * resource.getpagesize()


def _peak() -> int:
    """The most that was ever resident; kilobytes on Linux."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    wanted = [word for word in sys.argv[1:] if word != "--child"]
    orders = int(wanted[0]) if wanted else ORDERS
    if "--child" in sys.argv:
        print(json.dumps(one_run(orders)))
    else:
        results().print(simulate(orders))
