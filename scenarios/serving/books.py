"""The shop's own books at rest: every record that the law speaks of, read without the services."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from inventory_core.records import (
    Activity,
    ActivityQuota,
    Allocation,
    BuyerCount,
    Entry,
    Intent,
    MoveState,
    OrderLine,
    OrderState,
    ShopOrder,
    StockMove,
    TransferLine,
    Unassigned,
    WarehouseStock,
)
from inventory_core.steps import rows
from inventory_core.steps.rows import Record

PAGE = 1_000
PAGES_MOST = 10_000

R = TypeVar("R", bound=Record)

UNDER_WAY = (MoveState.ASKED, MoveState.TAKEN)


@dataclass(frozen=True, slots=True)
class ShopBooks:
    """What the records say."""

    orders: tuple[ShopOrder, ...] = ()
    lines: tuple[OrderLine, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    shelves: tuple[WarehouseStock, ...] = ()
    unassigned: tuple[Unassigned, ...] = ()
    in_transit: tuple[TransferLine, ...] = ()
    entries: tuple[Entry, ...] = ()
    moves: tuple[StockMove, ...] = ()
    activities: tuple[Activity, ...] = ()
    quotas: tuple[ActivityQuota, ...] = ()
    counts: tuple[BuyerCount, ...] = ()

    def by_number(self) -> dict[str, ShopOrder]:
        """Orders by their number in the channel."""
        return {order.number: order for order in self.orders}

    def units_of(self) -> dict[str, int]:
        """The units that each order (by id) has taken, whatever became of them."""
        return _summed((line.order_id, line.taken) for line in self.lines)


async def read_books() -> ShopBooks:
    """Read everything; nobody else may be at work."""
    return ShopBooks(
        await _all(ShopOrder),
        await _all(OrderLine),
        await _all(Allocation),
        await _all(WarehouseStock),
        await _all(Unassigned),
        await _all(TransferLine),
        await _all(Entry),
        await _all(StockMove),
        await _all(Activity),
        await _all(ActivityQuota),
        await _all(BuyerCount),
    )


async def work_left() -> bool:
    """Is an order held or begun, a move under way, an activity still to close?"""
    held = (("state", "=", OrderState.HELD),)
    begun = (("intent", "!=", Intent.NONE),)
    for where in (held, begun):
        if await rows.Select(ShopOrder, where, limit=1):
            return True
    return bool(await rows.Select(StockMove, (("state", "in", UNDER_WAY),), limit=1))


async def _all(kind: type[R]) -> tuple[R, ...]:
    """Every row of a kind, page by page, by key."""
    found: list[R] = []
    after: tuple[object, ...] | None = None
    for _ in range(PAGES_MOST):
        page = await rows.Select(kind, after=after, limit=PAGE)
        found += page
        if len(page) < PAGE:
            return tuple(found)
        after = tuple(getattr(page[-1], name) for name in kind.KEY)
    raise AssertionError(f"more than {PAGE * PAGES_MOST} rows of {kind.__name__}")


def _summed(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for name, units in pairs:
        total[name] = total.get(name, 0) + units
    return total
