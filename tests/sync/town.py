"""A town with two warehouses that have a system: what the shop believes, beside what lies there.

    east (rank 1), west (rank 2), for whoever lives in `hill`; one channel, `mall`

The warehouse system is the real one, in this process or in one of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from inventory_core.domain import Cell, Opening
from inventory_core.drivers.blocking import carry_out
from inventory_core.records import (
    Allocation,
    Channel,
    Entry,
    Kind,
    Movement,
    OpenedCell,
    Service,
    SyncRun,
    Unassigned,
    Warehouse,
    WarehouseKind,
    WarehouseStock,
)
from inventory_core.services import journal
from inventory_core.services.contract import LineRequest, OrderRequest
from inventory_core.services.order_flow import OrderFlow
from inventory_core.services.stock_management import StockManagement
from inventory_core.steps import Plan, clock, rows, sql
from inventory_core.steps.engine import on
from inventory_core.strategy import Strategy, registry
from inventory_core.sync.alternating import alternate
from inventory_core.sync.dispatching import Dispatching, Told
from inventory_core.sync.limits import SyncLimits
from inventory_core.sync.questions import Question
from inventory_core.sync.synchronisation import Synchronisation
from inventory_core.sync.warehouse_client import WarehouseClient

ENGINE = "conditional_update"
ENGINES: dict[str, Strategy] = {ENGINE: registry.make(ENGINE)}


@dataclass
class Town:
    """The shop on one session, and the warehouse system beside it."""

    connect: Callable[[], Any]
    client: WarehouseClient
    system: httpx.Client
    limits: SyncLimits = field(default_factory=SyncLimits)

    def __post_init__(self) -> None:
        self.session = self.connect()
        self.flow = OrderFlow(ENGINES)
        self.sync = Synchronisation(StockManagement(ENGINES), self.limits)
        self.dispatching = Dispatching(self.flow, self.sync)

    def do(self, plan: Plan[Any]) -> Any:
        """Carry a plan out; it may ask the warehouses."""
        return alternate(plan, self.carry, self.client)

    def carry(self, plan: Plan[Any]) -> Any:
        """Carry out a plan that asks nobody."""
        return carry_out(plan, self.session.perform)

    def ask(self, question: Question[Any]) -> Any:
        """Ask the warehouse system something ourselves."""
        return self.client.answer(question)

    def moves(
        self, what: str, reference: str, *lines: tuple[str, int], code: str = "east"
    ) -> httpx.Response:
        """Something happens in a warehouse."""
        name = "delta" if what == "adjustments" else "quantity"
        told = [{"sku": sku, name: units} for sku, units in lines]
        body = {"reference": reference, "lines": told}
        return self.system.post(f"/warehouses/{code}/{what}", json=body)

    def lies(self, sku: str, code: str = "east") -> int:
        """What really lies on a shelf."""
        return int(self.system.get(f"/warehouses/{code}/counts/{sku}").json()["quantity"])

    def buy(self, number: str, *lines: tuple[str, int]) -> None:
        """Place and pay an order."""
        wanted = tuple(LineRequest(sku, units) for sku, units in lines)
        request = OrderRequest("mall", number, "ann", "hill", wanted)
        placed = self.do(self.flow.place(request))
        assert placed.said.value == "placed", placed
        paid = self.do(self.flow.pay(f"mall/{number}"))
        assert paid.said.value == "paid", paid

    def tell(self, number: str) -> list[str]:
        """Tell the warehouses of an order; what was made of each answer."""
        told: tuple[Told, ...] = self.do(self.dispatching.one(f"mall/{number}"))
        return [one.said.value if one.said else "no answer" for one in told]

    def settle(self) -> None:
        """Let others finish what was left with orders."""
        self.do(clock_sleep(6.0))
        while self.do(self.flow.finish()):
            pass

    def stock(self, sku: str, code: str = "east") -> tuple[int, int, int]:
        """Physical, pre-occupied, shortfall, as the shop believes."""
        at = self.do(_got(WarehouseStock, (sku, code))) or WarehouseStock(sku, code)
        return (at.physical, at.pre_occupied, at.shortfall)

    def unassigned(self, sku: str) -> int:
        """Units that no channel was given."""
        row = self.do(_got(Unassigned, (sku,)))
        return row.quantity if row else 0

    def sellable(self, sku: str) -> int:
        """What the channel may still promise."""
        strategy = ENGINES[ENGINE]
        return int(self.do(on(ENGINE, strategy.read([Cell(sku, "channel:mall")])))[0])

    def run(self, name: str) -> SyncRun:
        """How a run stands."""
        run: SyncRun = self.do(_got(SyncRun, (name,)))
        return run

    def law(self, sku: str) -> None:
        """The law holds for an article, and its shelves equal their journal."""
        shelves = self.do(_all(WarehouseStock, ("sku", "=", sku)))
        physical = sum(one.physical for one in shelves)
        promised = sum(one.pre_occupied for one in shelves)
        owed = sum(one.shortfall for one in shelves)
        shop = self.sellable(sku) + promised + self.unassigned(sku) - owed
        assert physical == shop, f"{sku}: {physical} lie there, {shop} are promised or free"
        entries = self.do(_all(Entry, ("sku", "=", sku)))
        for one in shelves:
            told = [
                entry.delta
                for entry in entries
                if (entry.kind, entry.place) == (Kind.PHYSICAL, one.warehouse)
            ]
            assert sum(told) == one.physical, f"{one} and its journal, {told}"


async def clock_sleep(seconds: float) -> None:
    """Let time pass."""
    await clock.Sleep(seconds)


async def build(url: str) -> None:
    """The places, without any stock."""
    async with sql.transaction():
        await rows.Insert(Channel("mall", "Mall", ENGINE))
        for rank, code in enumerate(("east", "west"), 1):
            kind = WarehouseKind.THIRD_PARTY if rank == 1 else WarehouseKind.OWN
            await rows.Insert(Warehouse(code, code, kind, "hill", system_url=url))
            await rows.Insert(Service(code, "hill", rank, rank, 100 * rank))


async def give_to_channel(sku: str, units: int) -> None:
    """Let the channel sell units that nobody was given."""
    await on(ENGINE, ENGINES[ENGINE].load([Opening(Cell(sku, "channel:mall"), units)]))
    async with sql.transaction():
        assert await journal.unassign(f"opened:{sku}", sku, -units, 0)
        await rows.Insert(OpenedCell(ENGINE, sku, "channel:mall"))


async def allocations(order_id: str) -> list[tuple[str, int, str]]:
    """Warehouse, units and state of an order's allocations."""
    where = (("order_id", "=", order_id),)
    there = await rows.Select(Allocation, where, ("line", "piece"))
    return [(one.warehouse, one.quantity, one.state.value) for one in there]


async def movements(warehouse: str) -> list[tuple[int, str, int, bool]]:
    """What the shop knows of a warehouse's movements."""
    there = await rows.Select(Movement, (("warehouse", "=", warehouse),), ("sequence",))
    return [(one.sequence, one.kind.value, one.delta, one.applied) for one in there]


async def _got(kind: Any, key: tuple[Any, ...]) -> Any:
    return await rows.Get(kind, key)


async def _all(kind: Any, *where: Any) -> Any:
    return await rows.Select(kind, where, limit=10_000)
