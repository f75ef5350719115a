"""`make bench`: the performance tables, each with the command that repeats it.

Figures move from machine to machine and from hour to hour; ratios within one run are what counts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.table import Table

from inventory_core.problems import Problem
from inventory_core.stores.servers import Servers, Settings
from inventory_core.stores.stacks import find_stack
from scenarios.measuring.floor import Floor, floor_of, step_cost_ns
from scenarios.measuring.history_cost import history_cost
from scenarios.measuring.peers.peers import BARE_TAKE
from scenarios.measuring.pool_sizes import STRATEGIES, best_of, pool_sizes
from scenarios.measuring.pooled import pooled
from scenarios.proving import reference_rate
from workbench.bench_load import load
from workbench.bench_report import report
from workbench.bench_serve import serve
from workbench.bench_simulate import simulate
from workbench.screen import results

COMMAND = "python -m workbench.bench"
FLOORS = (("conditional_update", "postgresql"), ("redis_script", "redis"))
HISTORIES = ((BARE_TAKE, "postgresql", 8), ("redis_script", "redis", 256))
TRIES = 3


def explorer() -> Table:
    """The explorer: distinct states of a fixed set of cases, on one core."""
    table = Table("distinct states", "wall s", "states/s", box=None)
    best = max((reference_rate() for _ in range(TRIES)), key=lambda each: each["states_per_s"])
    table.add_row(f"{best['states']:,}", f"{best['wall_s']:.2f}", f"{best['states_per_s']:,.0f}")
    return table


def steps() -> Table:
    """The plan machinery: what awaiting a step costs over calling its function directly."""
    table = Table("ns a step, over a direct call", box=None)
    table.add_row(f"{min(step_cost_ns() for _ in range(TRIES)):.0f}")
    return table


def floor() -> Table:
    """The harness: driver, plan and history beside one client's median latency on real stores."""
    table = Table("strategy", "stack", "steps", "harness µs", "p50 µs", "harness share", box=None)
    for name, stack in FLOORS:
        found = _floor(name, stack)
        table.add_row(
            found.strategy,
            found.stack,
            str(found.steps),
            f"{found.driver_us:.1f}",
            f"{found.latency_us_p50:.0f}",
            f"{found.share:.1%}",
        )
    return table


def _floor(strategy: str, stack: str) -> Floor:
    with Servers(Settings()) as servers, servers.open(find_stack(stack)) as place:
        return floor_of(place, strategy)


def pool() -> Table:
    """The pool of the API: orders through it beside blocking connections, in slices in turn."""
    table = Table(
        "strategy", "connections", "pool /s", "× one blocking", "× as many on threads", box=None
    )
    with Servers(Settings()) as servers, servers.open(find_stack("postgresql")) as place:
        found = pooled(place, "conditional_update")
    table.add_row(
        found.strategy,
        str(found.connections),
        f"{found.pool_per_s:,.0f}",
        f"{found.ratio_to_one:.2f}",
        f"{found.ratio_to_threads:.2f}",
    )
    return table


def merged() -> Table:
    """One hot row, 256 buyers in flight: orders settled in groups beside one by one, by pool."""
    with TemporaryDirectory(prefix="stockproof-") as folder:
        rows = pool_sizes(Path(folder), progress=lambda said: print(said, file=sys.stderr))
    heads = ("strategy", "pool", "goodput /s", "deductions /s", "p99 ms", "verdict", "driver")
    table = Table(*heads, box=None)
    for row in rows:
        p99 = "–" if row.latency_ms_p99 is None else f"{row.latency_ms_p99:.1f}"
        bound = "bound" if row.driver_bound else ""
        speed = (f"{row.goodput_per_s:,.0f}", f"{row.deductions_per_s:,.0f}")
        table.add_row(row.strategy, str(row.pool), *speed, p99, row.verdict, bound)
    first, other = (best_of(rows, name) for name in STRATEGIES)
    table.caption = (
        f"each at its best pool: {first.goodput_per_s / other.goodput_per_s:.1f} times "
        f"({first.strategy} {first.pool}, {other.strategy} {other.pool})"
    )
    return table


def history() -> Table:
    """The history: slices with and without it in turn, and what a million attempts keep."""
    heads = ("strategy", "clients", "with /s", "without /s", "ratio", "bytes an attempt")
    table = Table(*heads, box=None)
    for name, stack, clients in HISTORIES:
        with Servers(Settings()) as servers, servers.open(find_stack(stack)) as place:
            found = history_cost(place, name, clients)
        table.add_row(
            found.strategy.rpartition(".")[2],
            str(found.clients),
            f"{found.with_per_s:,.0f}",
            f"{found.without_per_s:,.0f}",
            f"{found.ratio:.3f}",
            f"{found.bytes_an_attempt:.0f}",
        )
    return table


BENCHES: dict[str, Callable[[], Table]] = {
    "explorer": explorer,
    "steps": steps,
    "floor": floor,
    "pool": pool,
    "merged": merged,
    "history": history,
    "serve": serve,
    "simulate": simulate,
    "load": load,
    "report": report,
}


def main(names: Sequence[str]) -> int:
    """Print the tables named, or every one."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"there is no table {unknown[0]!r}; choose among {', '.join(BENCHES)}")
        return 2
    console = results()
    for name in names or BENCHES:
        console.print(f"[bold]{BENCHES[name].__doc__}[/bold]")
        try:
            console.print(BENCHES[name]())
        except Problem as problem:
            print(problem, file=sys.stderr)
            return 2
        console.print(f" again: {COMMAND} {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
