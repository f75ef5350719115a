"""Telling warehouses what to ship, and the order flow what they said.

    paid, reserved --dispatch--> dispatched under a reference --told--> shipped
                                                              --told--> refused: another takes over

A reference names what was told together; the warehouse answers it the same for ever. So whoever
dies anywhere on the way leaves something that any other process tells again, with one effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inventory_core.records import (
    Allocation,
    AllocationState,
    Intent,
    OrderState,
    ShopOrder,
    Warehouse,
)
from inventory_core.services.contract import Answer, Said
from inventory_core.steps import rows
from inventory_core.sync.contract import Shipping, at_of, with_systems
from inventory_core.sync.questions import (
    At,
    Moved,
    TellToShip,
    WarehouseDisagrees,
    WarehouseGone,
    WarehouseRefused,
    WarehouseTrouble,
)
from inventory_core.sync.synchronisation import Synchronisation

SHIPPED = frozenset({Said.SHIPPED, Said.PART_SHIPPED, Said.ALREADY_SHIPPED})
ROUNDS = 5
"""How often an order is told in one go: a refusal sends it elsewhere, where it is told again."""
ALLOCATIONS_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one shipment that a warehouse was told of."""

    order_id: str
    warehouse: str
    reference: str
    said: Said | None  # what the order flow made of the warehouse's answer; None: there was none
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the line of paid orders the next turn goes on."""

    placed_ms: int = 0
    order_id: str = ""


FRONT = Place()
"""The oldest paid order is the next."""


@dataclass(frozen=True)
class Dispatching:
    """Dispatches paid orders to the warehouses that have a system."""

    flow: Shipping
    sync: Synchronisation

    async def turn(self, code: str, place: Place = FRONT) -> tuple[tuple[Told, ...], Place]:
        """Tell a warehouse of the next paid orders, oldest first; and where to go on.

        That is the front again after the last of them, and here if the warehouse does not answer.
        """
        warehouse = await rows.Get(Warehouse, (code,))
        at = at_of(warehouse) if warehouse is not None else None
        if at is None:
            return (), FRONT
        paid = await self._paid(place)
        mine = await self._allocated_at(code, paid)
        systems, told = {code: at}, list[Told]()
        for order in paid:
            if order.order_id in mine:
                told += await self._tell(order.order_id, systems)
            if not systems:
                return tuple(told), place
        more = len(paid) == self.sync.limits.orders
        return tuple(told), Place(paid[-1].placed_ms, paid[-1].order_id) if more else FRONT

    async def _paid(self, place: Place) -> tuple[ShopOrder, ...]:
        """The paid orders that are next in line, and that nobody is at."""
        where = (
            ("state", "in", (OrderState.PAID, OrderState.PART_SHIPPED)),
            ("intent", "=", Intent.NONE),
        )
        after = (place.placed_ms, place.order_id) if place.order_id else None
        most = self.sync.limits.orders
        return await rows.Select(ShopOrder, where, ("placed_ms",), after, most)

    async def _allocated_at(self, code: str, orders: Sequence[ShopOrder]) -> frozenset[str]:
        """Which of the orders this warehouse has still to ship something of."""
        if not orders:
            return frozenset()
        where = (
            ("order_id", "in", tuple(order.order_id for order in orders)),
            ("warehouse", "=", code),
        )
        there = await rows.Select(Allocation, where, limit=ALLOCATIONS_MOST)
        if len(there) == ALLOCATIONS_MOST:  # too many for one look: look at each
            return frozenset(order.order_id for order in orders)
        return frozenset(one.order_id for one in there if one.state.open)

    async def one(self, order_id: str) -> tuple[Told, ...]:
        """Tell the warehouses of one order now."""
        return tuple(await self._tell(order_id, await self._systems()))

    async def _systems(self) -> dict[str, At]:
        there = await with_systems(self.sync.limits.warehouses)
        return {one.code: at for one in there if (at := at_of(one)) is not None}

    async def _tell(self, order_id: str, systems: dict[str, At]) -> list[Told]:
        """Tell of everything open, and again of what a refusal has sent elsewhere.

        A warehouse that does not answer is asked no more in this turn: it leaves `systems`.
        """
        told: list[Told] = []
        for _ in range(ROUNDS):
            open_now = await self._dispatched(order_id, systems)
            moved_on = False
            for reference, group in open_now.items():
                if group[0].warehouse in systems:
                    told.append(await self._tell_one(reference, group, systems))
                    moved_on |= told[-1].said is Said.REDISPATCHED
            if not moved_on:
                break
        return told

    async def _dispatched(
        self, order_id: str, systems: dict[str, At]
    ) -> dict[str, list[Allocation]]:
        """What warehouses are to be told, by reference; marked as dispatched first."""
        mine = await self._open(order_id)
        reserved = AllocationState.RESERVED
        if any(one.state is reserved and one.warehouse in systems for one in mine):
            await self.flow.dispatch(order_id)
            mine = await self._open(order_id)
        groups: dict[str, list[Allocation]] = {}
        for one in mine:
            if one.state is AllocationState.DISPATCHED and one.shipment:
                groups.setdefault(one.shipment, []).append(one)
        return groups

    async def _open(self, order_id: str) -> tuple[Allocation, ...]:
        where = (("order_id", "=", order_id),)
        mine = await rows.Select(Allocation, where, ("line", "piece"), limit=ALLOCATIONS_MOST)
        return tuple(one for one in mine if one.state.open)

    async def _tell_one(
        self, reference: str, group: Sequence[Allocation], systems: dict[str, At]
    ) -> Told:
        order_id, warehouse = group[0].order_id, group[0].warehouse
        try:
            moved = await TellToShip(systems[warehouse], reference, _lines(group))
        except WarehouseRefused as refused:
            answer = await self.flow.refuse_dispatch(order_id, warehouse, refused.reason, reference)
            return Told(order_id, warehouse, reference, answer.said, refused.reason)
        except (WarehouseGone, WarehouseDisagrees) as trouble:
            if isinstance(trouble, WarehouseGone):
                del systems[warehouse]
            return Told(order_id, warehouse, reference, None, str(trouble))
        answer = await self._shipped(order_id, warehouse, moved, reference)
        reason = "" if answer.said in SHIPPED else answer.reason or answer.said.value
        return Told(order_id, warehouse, reference, answer.said, reason)

    async def _shipped(
        self, order_id: str, warehouse: str, moved: Sequence[Moved], reference: str
    ) -> Answer:
        """The warehouse has shipped. If our shelf has fewer, we are behind: catch up, and again."""
        sequences = tuple((one.sku, one.sequence) for one in moved)
        answer = await self.flow.ship(order_id, warehouse, sequences, reference)
        if answer.said is not Said.TOO_MANY:
            return answer
        try:
            await self.sync.read_feed(warehouse)
            for one in moved:
                await self.sync.one(warehouse, one.sku)
        except WarehouseTrouble:
            return answer  # the next turn tells it again, and hears the same
        return await self.flow.ship(order_id, warehouse, sequences, reference)


def _lines(group: Sequence[Allocation]) -> tuple[tuple[str, int], ...]:
    """Units by article."""
    units: dict[str, int] = {}
    for one in group:
        units[one.sku] = units.get(one.sku, 0) + one.quantity
    return tuple(sorted(units.items()))
