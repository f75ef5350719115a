"""The services of a run, as every process of it opens them: the order flow, and what runs beside.

Tests hand over another `PlanOf`, with a planted bug.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from inventory_core.domain import Limits
from inventory_core.services.order_flow import OrderFlow
from inventory_core.services.stock_management import StockManagement
from inventory_core.steps import Plan
from inventory_core.steps.engine import on
from inventory_core.strategy import Strategy
from inventory_core.strategy.registry import make
from scenarios.scenario import Scenario, Shop
from scenarios.serving.agenda import Kind, kinds_of

SWEEPER = "sweeper"
"""The engines' own sweepers stay at home: the order flow expires its orders itself."""

Turn = Callable[[], Plan[bool]]


@dataclass(frozen=True)
class ShopPlan:
    """One process's services: the flow that buyers ask, and turns of work beside them."""

    shop: Shop
    flow: OrderFlow
    daemons: tuple[Turn, ...]
    kinds: Mapping[Kind, str]


class Wanted(Protocol):
    """What services are opened for: a worker's job, or a simulated run."""

    @property
    def strategy(self) -> str:
        """The engine."""

    @property
    def limits(self) -> Limits:
        """Its bounds."""

    @property
    def scenario(self) -> Scenario:
        """With a table `[shop]`, under one rule."""


PlanOf = Callable[[Wanted], ShopPlan]


def plan_of(job: Wanted) -> ShopPlan:
    """The services as they are."""
    flow = OrderFlow({job.strategy: make(job.strategy, job.limits)})
    return staffed(job, flow, flow.sweep, partial(manage, flow))


def staffed(job: Wanted, flow: OrderFlow, sweep: Turn, care: Turn) -> ShopPlan:
    """A flow with its sweepers, whoever takes care of the rest, and its engines' own daemons."""
    shop = job.scenario.shop
    assert shop is not None, f"{job.scenario.name} has no table [shop]"
    daemons = [sweep] * shop.sweepers + [care]
    for name, engine in flow.engines.items():
        daemons += [
            partial(_at, name, engine, number)
            for number, daemon in enumerate(engine.daemons())
            if daemon.name != SWEEPER
        ]
    return ShopPlan(shop, flow, tuple(daemons), kinds_of(shop))


async def manage(flow: OrderFlow) -> bool:
    """Finish what somebody left, and open and close activities by the store's clock."""
    stock = StockManagement(flow.engines, flow.limits)
    worked = [await flow.finish(), await stock.finish_moves(), await stock.tick()]
    return any(worked)


async def _at(name: str, engine: Strategy, number: int) -> bool:
    return await on(name, engine.daemons()[number].turn())
