"""A small mall to try the services in: two channels, three warehouses, three articles.

warehouse   kind         regions (rank)                     tea   cup   pot
north       own          east (1), west (2)                   6     4     0
south       third party  east (2), west (1)                   4     4     2
depot       own, backup  east (3), west (3)                  10     0     0

sellable: mall tea 12, cup 8, pot 2; street tea 5. Unassigned: tea 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from inventory_core.domain import Cell, Opening
from inventory_core.drivers import carry_out
from inventory_core.records import (
    Channel,
    DeductAt,
    Kind,
    OpenedCell,
    Service,
    ShopOrder,
    Unassigned,
    Warehouse,
    WarehouseKind,
    WarehouseStock,
)
from inventory_core.services import journal
from inventory_core.services.contract import LineRequest, OrderRequest, OrderView
from inventory_core.services.order_flow import OrderFlow
from inventory_core.services.stock_management import StockManagement
from inventory_core.steps import Plan, rows, sql
from inventory_core.steps.engine import on
from inventory_core.strategy import Strategy

PHYSICAL = {
    ("tea", "north"): 6,
    ("tea", "south"): 4,
    ("tea", "depot"): 10,
    ("cup", "north"): 4,
    ("cup", "south"): 4,
    ("pot", "south"): 2,
}
SELLABLE = {
    ("tea", "channel:mall"): 12,
    ("cup", "channel:mall"): 8,
    ("pot", "channel:mall"): 2,
    ("tea", "channel:street"): 5,
}
UNASSIGNED = {"tea": 3, "cup": 0, "pot": 0}


class Session(Protocol):
    """What a client holds: a connection that performs steps."""

    def perform(self, step: Any) -> Any:
        """Carry out a step."""

    def close(self) -> None:
        """Hang up."""


@dataclass
class Mall:
    """The services over some stores. `later` lets time pass (on the model) or waits (live)."""

    engines: Mapping[str, Strategy]
    connect: Callable[[], Session]
    later: Callable[[float], None]
    session: Session

    @property
    def flow(self) -> OrderFlow:
        """The order flow under trial."""
        return OrderFlow(self.engines)

    @property
    def stock(self) -> StockManagement:
        """Stock management under trial."""
        return StockManagement(self.engines)

    def do(self, plan: Plan[Any]) -> Any:
        """Carry a plan out on the first session."""
        return carry_out(plan, self.session.perform)

    def place(self, number: str, *lines: tuple[Any, ...], **changes: Any) -> Any:
        """Place an order of (SKU, quantity[, activity]) lines for somebody in the east."""
        return self.do(self.flow.place(request(number, *lines, **changes)))

    def order(self, order_id: str) -> ShopOrder:
        """An order's row."""
        view: OrderView = self.do(self.flow.find(order_id))
        return view.order

    def at(self, warehouse: str, sku: str) -> tuple[int, int]:
        """Physical and pre-occupied."""
        stock = self.do(_got(WarehouseStock, (sku, warehouse)))
        return (stock.physical, stock.pre_occupied)

    def sellable(self, sku: str, place: str = "channel:mall") -> int:
        """What a place may still promise."""
        engine = next(iter(self.engines))
        cells = [Cell(sku, place)]
        return int(self.do(on(engine, self.engines[engine].read(cells)))[0])

    def settle(self) -> None:
        """Let others finish what was left, until nothing is."""
        self.later(6.0)
        for _ in range(1_000):
            worked = [self.do(turn()) for turn in (self.flow.finish, self.stock.finish_moves)]
            if not any(worked) and not self.do(self.stock.tick()):
                return
        raise AssertionError("there is always something left to finish")


def request(number: str, *lines: tuple[Any, ...], **changes: Any) -> OrderRequest:
    """An order of (SKU, quantity[, activity]) lines."""
    asked = {"channel": "mall", "buyer": "ann", "address": "east/hill/oak", **changes}
    wanted = tuple(LineRequest(*line) for line in lines)
    return OrderRequest(number=number, lines=wanted, **asked)


async def furnish(engines: Mapping[str, Strategy], deduct_at: DeductAt, hold_s: int) -> None:
    """Open the mall; the first engine is everybody's."""
    engine = next(iter(engines))
    async with sql.transaction():
        for code in ("mall", "street"):
            await rows.Insert(Channel(code, code, engine, deduct_at, hold_s))
        await rows.Insert(Warehouse("north", "North", WarehouseKind.OWN, "east/hill"))
        await rows.Insert(Warehouse("south", "South", WarehouseKind.THIRD_PARTY, "west/bay"))
        await rows.Insert(Warehouse("depot", "Depot", WarehouseKind.OWN, "east/hill", backup=True))
        for code, east, west in (("north", 1, 2), ("south", 2, 1), ("depot", 3, 3)):
            await rows.Insert(Service(code, "east", east, east, 100 * east))
            await rows.Insert(Service(code, "west", west, west, 100 * west))
        for (sku, warehouse), units in PHYSICAL.items():
            await rows.Insert(WarehouseStock(sku, warehouse, units))
            await journal.post("opening", sku, Kind.PHYSICAL, warehouse, units, "opening", 0)
        for sku, units in UNASSIGNED.items():
            await rows.Insert(Unassigned(sku, units))
            await journal.post("opening", sku, Kind.UNASSIGNED, "", units, "opening", 0)
        for sku, place in SELLABLE:
            await rows.Insert(OpenedCell(engine, sku, place))
    openings = [Opening(Cell(sku, place), units) for (sku, place), units in SELLABLE.items()]
    await on(engine, engines[engine].load(openings))


async def _got(kind: Any, key: Sequence[Any]) -> Any:
    return await rows.Get(kind, tuple(key))
