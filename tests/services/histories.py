"""Histories of a mall: bursts of deeds that happen at once, drawn by hypothesis, with deaths.

A deed names a verb of a service and some small numbers, from which its arguments follow; so a
history is a list of lists of numbers, and shrinks to the shortest one that breaks the law.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from inventory_core.problems import Problem
from inventory_core.records import Activity, MovementKind, WarehouseStock
from inventory_core.steps import Plan, rows
from tests.services.mall import Mall, request

ORDERS = 8
SKUS = ("tea", "cup", "pot")
WAREHOUSES = ("north", "south", "depot")
CHANNELS = ("mall", "street")


@dataclass(frozen=True)
class Deed:
    """One operation: its verb, and numbers that say on what."""

    verb: str
    who: int
    what: int
    much: int

    @property
    def order_id(self) -> str:
        """The order that it is about, if it is about one."""
        return f"mall/{self.who}"

    @property
    def sku(self) -> str:
        """The article that it is about."""
        return SKUS[self.what % len(SKUS)]

    @property
    def warehouse(self) -> str:
        """The warehouse that it is about."""
        return WAREHOUSES[self.what // len(SKUS) % len(WAREHOUSES)]

    @property
    def key(self) -> str:
        """An idempotency key, which other deeds may share."""
        return f"k{self.who}.{self.what}"


def _place(mall: Mall, deed: Deed) -> Plan[Any]:
    """The body follows from the number, but for every seventh, which lies about it."""
    first, second = SKUS[deed.who % 3], SKUS[(deed.who + 1) % 3]
    much = deed.who % 4 + 1 + (deed.much == 7)
    lines: list[tuple[Any, ...]] = [(first, much), (second, 1)][: deed.who % 2 + 1]
    address = ("east/hill/oak", "west/bay")[deed.who % 2]
    return mall.flow.place(
        request(str(deed.who), *lines, address=address, partial=deed.who % 3 == 0)
    )


async def _ship(mall: Mall, deed: Deed) -> Any:
    """Some warehouse that has still to ship ships; one that has not is drawn, too."""
    return await mall.flow.ship(deed.order_id, await _open_at(mall, deed))


async def _refuse_dispatch(mall: Mall, deed: Deed) -> Any:
    return await mall.flow.refuse_dispatch(deed.order_id, await _open_at(mall, deed), "no van")


async def _open_at(mall: Mall, deed: Deed) -> str:
    view = await mall.flow.find(deed.order_id)
    there = [one.warehouse for one in view.allocations if one.state.open] if view else []
    return there[deed.much % len(there)] if there and deed.much else deed.warehouse


Perform = Callable[[Mall, Deed], Plan[Any]]
ORDER_VERBS: Mapping[str, Perform] = {
    "place": _place,
    "pay": lambda mall, deed: mall.flow.pay(deed.order_id),
    "cancel": lambda mall, deed: mall.flow.cancel(deed.order_id),
    "expire": lambda mall, deed: mall.flow.expire(deed.order_id),
    "sweep": lambda mall, _: mall.flow.sweep(),
    "finish": lambda mall, _: mall.flow.finish(),
    "dispatch": lambda mall, deed: mall.flow.dispatch(deed.order_id),
    "refuse_dispatch": _refuse_dispatch,
    "ship": _ship,
    "refund": lambda mall, deed: mall.flow.refund(
        deed.order_id, str(deed.much), [(deed.what % 2 + 1, deed.much % 3 + 1)]
    ),
    "return": lambda mall, deed: mall.flow.return_goods(
        deed.order_id, f"{deed.order_id}b{deed.what}", 1, 1, "dent"
    ),
}
"""The verbs of the order flow."""


def _other(deed: Deed) -> str:
    """Another warehouse than the deed's."""
    return WAREHOUSES[(WAREHOUSES.index(deed.warehouse) + 1) % len(WAREHOUSES)]


def _activity(deed: Deed) -> str:
    return f"sale{deed.who % 2}"


async def _plan_activity(mall: Mall, deed: Deed) -> Any:
    """Planned, and opened and closed by deeds of their own; the window is wide."""
    engine = next(iter(mall.engines))
    limit = deed.much % 3
    plan = Activity(_activity(deed), "sale", "mall", engine, 0, 2**40, limit, hold_s=3)
    return await mall.stock.plan_activity(plan, [(deed.sku, deed.much % 3 + 1)])


def _place_in_activity(mall: Mall, deed: Deed) -> Plan[Any]:
    lines = [(deed.sku, deed.much % 2 + 1, _activity(deed)), (SKUS[deed.who % 3], 1)]
    return mall.flow.place(request(f"a{deed.who}", *lines))


async def _count(mall: Mall, deed: Deed) -> Any:
    """A count a little beside what is there, as of some movement."""
    there = await rows.Get(WarehouseStock, (deed.sku, deed.warehouse))
    counted = max(0, (there.physical if there else 0) + deed.much - 4)
    return await mall.stock.apply_count(deed.key, deed.warehouse, deed.sku, counted, deed.who)


def _movement(mall: Mall, deed: Deed) -> Plan[Any]:
    """A receipt, or a shipment of an order that the feed brings before the order flow has it."""
    shipment = deed.much % 2
    kind = MovementKind.SHIPMENT if shipment else MovementKind.RECEIPT
    delta = -1 if shipment else deed.much + 1
    reference = deed.order_id if shipment else deed.key
    return mall.stock.record_movement(
        deed.warehouse, deed.who * 10 + deed.much, deed.sku, kind, delta, reference
    )


STOCK_VERBS: Mapping[str, Perform] = {
    "receive": lambda mall, deed: mall.stock.receive(
        deed.key, deed.warehouse, deed.sku, deed.much + 1
    ),
    "adjust_physical": lambda mall, deed: mall.stock.adjust_physical(
        deed.key, deed.warehouse, deed.sku, deed.much - 4 or 1, "found"
    ),
    "assign": lambda mall, deed: mall.stock.assign(
        f"a{deed.key}", deed.sku, CHANNELS[deed.who % 2], deed.much + 1
    ),
    "withdraw": lambda mall, deed: mall.stock.withdraw(
        f"w{deed.key}", deed.sku, CHANNELS[deed.who % 2], deed.much + 1
    ),
    "transfer": lambda mall, deed: mall.stock.transfer(
        f"t{deed.key}", deed.sku, *CHANNELS[:: (-1) ** deed.who], deed.much + 1
    ),
    "count": _count,
    "movement": _movement,
    "reclaim": lambda mall, deed: mall.stock.reclaim(deed.sku, deed.warehouse),
    "plan_transfer": lambda mall, deed: mall.stock.plan_transfer(
        f"t{deed.who}", deed.warehouse, _other(deed), [(deed.sku, deed.much + 1)]
    ),
    "send_transfer": lambda mall, deed: mall.stock.send_transfer(f"t{deed.who}"),
    "receive_transfer": lambda mall, deed: mall.stock.receive_transfer(f"t{deed.who}"),
    "receive_less": lambda mall, deed: mall.stock.receive_transfer(
        f"t{deed.who}", {deed.sku: deed.much % 3}
    ),
    "cancel_transfer": lambda mall, deed: mall.stock.cancel_transfer(f"t{deed.who}"),
    "plan_activity": _plan_activity,
    "place_in_activity": _place_in_activity,
    "pay_in_activity": lambda mall, deed: mall.flow.pay(f"mall/a{deed.who}"),
    "cancel_in_activity": lambda mall, deed: mall.flow.cancel(f"mall/a{deed.who}"),
    "open_activity": lambda mall, deed: mall.stock.open_activity(_activity(deed)),
    "close_activity": lambda mall, deed: mall.stock.close_activity(_activity(deed)),
    "tick": lambda mall, _: mall.stock.tick(),
    "finish_moves": lambda mall, _: mall.stock.finish_moves(),
}
"""The verbs of stock management, and orders from activities."""

VERBS = {**ORDER_VERBS, **STOCK_VERBS}


PROLOGUE = [
    Deed(verb, who, what, much)
    for verb, who, what, much in (
        ("plan_activity", 0, 0, 5),
        ("open_activity", 0, 0, 0),
        ("place_in_activity", 0, 0, 0),
        ("place", 1, 0, 0),
        ("place", 3, 0, 0),
        ("place", 4, 0, 0),
        ("pay", 1, 0, 0),
        ("pay", 3, 0, 0),
        ("plan_transfer", 0, 0, 1),
        ("send_transfer", 0, 0, 0),
    )
]
"""What has happened before a history begins, so that it comes further than to its orders."""


async def complained(plan: Plan[Any]) -> Any:
    """A plan whose complaints about its arguments are answers."""
    try:
        return await plan
    except (Problem, ValueError) as complaint:
        return complaint


def bursts(verbs: Mapping[str, Perform]) -> st.SearchStrategy[list[list[Deed]]]:
    """Up to twelve bursts of up to six deeds; placing is drawn more often than the rest."""
    names = [name for name in verbs for _ in range(_OFTEN.get(name, 2))]
    small = st.integers(0, 8)
    deed = st.builds(Deed, st.sampled_from(names), st.integers(0, ORDERS - 1), small, small)
    return st.lists(st.lists(deed, min_size=1, max_size=6), min_size=4, max_size=14)


_OFTEN = {
    "place": 8,
    "place_in_activity": 8,
    "plan_activity": 4,
    "pay": 6,
    "ship": 6,
    "cancel": 1,
    "expire": 1,
}
"""So that orders come far enough to be shipped, refunded and returned."""
