"""A mall with one article to sell, over real stores, and its state at rest read from all sides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from inventory_core.api.engines import engines_of
from inventory_core.domain import Cell
from inventory_core.domain.law import Breach
from inventory_core.drivers import carry_out
from inventory_core.records import DeductAt, ShopOrder
from inventory_core.services.contract import ServiceLimits
from inventory_core.services.order_flow import OrderFlow
from inventory_core.services.order_rows import view_of
from inventory_core.services.stock_management import StockManagement
from inventory_core.steps import Plan, rows
from inventory_core.steps.engine import on
from inventory_core.stores.audit import Book
from inventory_core.stores.kv import RedisStore
from inventory_core.stores.service import ServiceAddress, ServiceStores
from inventory_core.stores.session import Session
from inventory_core.stores.sql.audit import read_book
from inventory_core.strategy import Needs, registry
from tests.services.live.judge import End
from tests.services.live.worker import STALE_MS
from tests.services.mall import furnish

T = TypeVar("T")
CELL = Cell("tea", "channel:mall")
SKU_UNITS = 12
"""Of tea, that the mall may sell (`SELLABLE` of the mall)."""
TURNS_MOST = 5_000


@dataclass(frozen=True)
class Market:
    """The mall of one engine, freshly furnished. Holds are due as soon as they are made."""

    address: ServiceAddress
    session: Session

    @property
    def flow(self) -> OrderFlow:
        """The order flow, as every process has it."""
        return OrderFlow(engines_of(self.address.engines), ServiceLimits(intent_stale_ms=STALE_MS))

    @property
    def stock(self) -> StockManagement:
        """Stock management, over the same engines."""
        return StockManagement(engines_of(self.address.engines), self.flow.limits)

    def do(self, plan: Plan[T]) -> T:
        """Carry out a plan here."""
        return carry_out(plan, self.session.perform)

    def stock_up(self, units: int) -> None:
        """Bring tea: on the shelf of the north, and all of it for sale."""
        self.do(self.stock.receive("more", "north", "tea", units))
        self.do(self.stock.assign("more", "tea", "mall", units))

    def come_to_rest(self) -> None:
        """Sweep and finish until nothing is left, engines' workers included."""
        (name,) = self.address.engines
        engine = self.flow.engines[name]
        for _ in range(TURNS_MOST):
            turns = [self.flow.sweep(), self.flow.finish(), self.stock.finish_moves()]
            turns += [on(name, one.turn()) for one in engine.daemons() if one.name != "sweeper"]
            worked = [self.do(turn) for turn in turns]
            if not any(worked) and not self.intents():
                self.do(on(name, engine.recover()))
                return
        raise AssertionError("it does not come to rest")

    def intents(self) -> int:
        """Orders that somebody is at, or was when it died."""
        return sum(order.intent.value != "none" for order in self.orders())

    def orders(self) -> tuple[ShopOrder, ...]:
        """Every order that there is."""
        return self.do(_selected())

    def breaches(self) -> tuple[Breach, ...]:
        """Where the law is broken."""
        return self.do(self.stock.audit())

    def sellable(self) -> int:
        """What the channel may still promise, by the engine."""
        (name,) = self.address.engines
        return self.do(on(name, self.flow.engines[name].read([CELL])))[0]

    def ends(self) -> dict[str, End]:
        """Where every order stands, by its rows and by the engine's books."""
        book, found = self.book(), {}
        for order in self.orders():
            view = self.do(view_of(order.order_id))
            assert view is not None
            parts = [one for key, one in book.orders.items() if _is_of(key, order.order_id)]
            found[order.order_id] = End(
                order.state,
                order.generation,
                order.intent.value != "none",
                sum(line.quantity for line in view.lines),
                sum(sum(part.units().values()) for part in parts),
                sum(one.quantity for one in view.allocations if one.state.open),
            )
        return found

    def book(self) -> Book:
        """The engine's own log."""
        (name,) = self.address.engines
        return book_of(self.address, name)


def book_of(address: ServiceAddress, engine: str) -> Book:
    """An engine's log, read around the code under test."""
    if Needs.SQL in registry.find_strategy(engine).needs:
        return read_book(address.sql_url, address.schema)
    book = RedisStore(address.kv_url, address.prefix_of(engine)).book()
    assert book is not None, f"nothing was ever counted in {engine}"
    return book


async def _selected() -> tuple[ShopOrder, ...]:
    return await rows.Select(ShopOrder, limit=10_000)


def _is_of(key: str, order_id: str) -> bool:
    return key.rpartition("#")[0] == order_id


@contextmanager
def opened(postgresql_url: str, valkey_url: str, engine: str, hold_s: int = 0) -> Iterator[Market]:
    """A market on fresh stores, removed at the end."""
    name = f"stockproof_live_{engine}"
    address = ServiceAddress(postgresql_url, name, valkey_url, f"{name}:", (engine,))
    stores = ServiceStores(address)
    stores.create()
    session = stores.connect()
    try:
        stores.clear()
        carry_out(furnish(engines_of((engine,)), DeductAt.ORDER, hold_s), session.perform)
        yield Market(address, session)
    finally:
        session.close()
        stores.remove()
