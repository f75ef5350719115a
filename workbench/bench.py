"""`make bench`: the performance tables, each with the command that repeats it.

Figures move from machine to machine and from hour to hour; ratios within one run are what counts.
"""

from __future__ import annotations

from rich.table import Table

from inventory_core.stores.servers import Servers, Settings
from inventory_core.stores.stacks import find_stack
from scenarios.measuring.floor import Floor, floor_of
from scenarios.proving import reference_rate
from workbench.screen import results

COMMAND = "python -m workbench.bench"
FLOORS = (("conditional_update", "postgresql"), ("redis_script", "redis"))


def main() -> None:
    """Print every table."""
    console = results()
    reference = reference_rate()
    explorer = Table("reference set", "distinct states", "wall s", "states/s", box=None)
    explorer.add_row(
        "the explorer on one core",
        f"{reference['states']:,}",
        f"{reference['wall_s']:.2f}",
        f"{reference['states_per_s']:,.0f}",
    )
    console.print(explorer)
    console.print(_floor_table([_floor(*pair) for pair in FLOORS]))
    console.print(f"again: {COMMAND}")


def _floor(strategy: str, stack: str) -> Floor:
    with Servers(Settings()) as servers, servers.open(find_stack(stack)) as place:
        return floor_of(place, strategy)


def _floor_table(floors: list[Floor]) -> Table:
    """Driver, plan and history as a share of one client's median latency."""
    heads = ("one client", "stack", "steps", "ns a step", "driver µs", "p50 µs", "driver share")
    table = Table(*heads, box=None)
    for floor in floors:
        table.add_row(
            floor.strategy,
            floor.stack,
            str(floor.steps),
            f"{floor.step_cost_ns:.0f}",
            f"{floor.driver_us:.1f}",
            f"{floor.latency_us_p50:.0f}",
            f"{floor.share:.1%}",
        )
    return table


if __name__ == "__main__":
    main()
