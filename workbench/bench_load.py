"""What our users of Locust send beside plain ones, on the same endpoint, in slices in turn.

A shop's front door is bound by the shop; a server that answers at once shows what the users
themselves can send.
"""

from __future__ import annotations

from dataclasses import replace

from rich.table import Table

from inventory_core.stores.servers import Servers, Settings
from inventory_core.strategy.registry import find_strategy, make
from scenarios.demand import make_demand
from scenarios.loading.house import channel_for, served
from scenarios.loading.job import Front
from scenarios.loading.side_by_side import SideBySide, side_by_side
from scenarios.loading.tiny_server import tiny_server
from scenarios.scenario import Scenario, Shop, load_scenario
from scenarios.serving.place import shop_on, stack_of_shop

ENGINE = "conditional_update"
USERS, SECONDS = 8, 6.0
GOAL = 0.5
QUIET = ("demand.duplicates=0", "stock.quantity=1000000", "run.seconds=60")
"""One order, one article, sent once: as plain users send them."""


def load(users: int = USERS, seconds: float = SECONDS) -> Table:
    """Locust's users: ours beside plain FastHttpUsers on the same endpoint, in slices in turn."""
    table = Table("endpoint", "ours /s", "plain /s", "ratio", "goal", box=None)
    scenario = load_scenario("flash_sale", QUIET)
    with tiny_server() as url:
        front = Front(url, "web", "east/hill/oak", ("bench.0123456789abcdef",))
        _row(table, "a server that answers at once", side_by_side(scenario, front, users, seconds))
    _row(table, "POST /v1/orders of a served shop", _at_a_shop(scenario, users, seconds))
    table.caption = f"{users} users of each kind, {seconds:g} s each"
    return table


def _at_a_shop(scenario: Scenario, users: int, seconds: float) -> SideBySide:
    stock = replace(scenario.stock, place="channel:web")
    demand = make_demand(replace(scenario, stock=stock), 1, seconds)
    for_sale = {opening.cell.sku: opening.quantity for opening in demand.openings}
    channel = channel_for(ENGINE, "order", scenario.demand.hold_s)
    with (
        Servers(Settings()) as servers,
        shop_on(servers.open(stack_of_shop(find_strategy(ENGINE))), ENGINE) as here,
        served(here, channel, make(ENGINE), for_sale, Shop(), 1) as house,
    ):
        return side_by_side(scenario, house.front, users, seconds)


def _row(table: Table, endpoint: str, found: SideBySide) -> None:
    rates = (f"{count / found.seconds:,.0f}" for count in (found.ours, found.plain))
    table.add_row(endpoint, *rates, f"{found.ratio:.2f}", f"{GOAL:g}")
