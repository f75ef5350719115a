"""The order flow: place, pay, cancel, expire, refund, dispatch, ship, return. Every verb is a plan.

    flow = OrderFlow({"conditional_update": make("conditional_update")})
    answer = carry_out(flow.place(request), session.perform)

Every verb may be delivered twice, in parallel, late, or before the one that it follows; who comes
second gets a typed answer. Any number of processes may serve the same orders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inventory_core.domain.stock import refuse_control_characters
from inventory_core.records import DeductAt, Intent, OrderState, ShopOrder
from inventory_core.services import paying, placing, refunding, shipping, sweeping, undoing
from inventory_core.services.contract import (
    Answer,
    OrderRequest,
    OrderView,
    Said,
    ServiceLimits,
)
from inventory_core.services.desk import Desk
from inventory_core.services.order_rows import lines_of, locked, settle, view_of
from inventory_core.services.parts import Engines
from inventory_core.steps import rows, sql
from inventory_core.strategy import Strategy

_SETTLED = {
    OrderState.PAID: Said.ALREADY_PAID,
    OrderState.PART_SHIPPED: Said.ALREADY_SHIPPED,
    OrderState.SHIPPED: Said.ALREADY_SHIPPED,
    OrderState.REFUSED: Said.ALREADY_REFUSED,
    OrderState.CANCELLED: Said.ALREADY_CANCELLED,
    OrderState.TOMBSTONE: Said.ALREADY_CANCELLED,
    OrderState.REFUNDED: Said.ALREADY_REFUNDED,
    OrderState.EXPIRED: Said.ALREADY_EXPIRED,
}
"""What the second to settle an order is told, by where it stands."""

_TRIES = 3
"""How often a verb looks again at an order whose stale intent it has just finished."""


@dataclass(frozen=True)
class OrderFlow:
    """The verbs of the order flow, over the engines that channels and activities name."""

    engines: Mapping[str, Strategy]
    limits: ServiceLimits = field(default_factory=ServiceLimits)

    @property
    def desk(self) -> Desk:
        """What the verbs share."""
        return Desk(Engines(self.engines), self.limits)

    async def place(self, request: OrderRequest) -> Answer:
        """Take an order: held, or unheld where the channel deducts at payment.

        Answers placed, refused, mismatched, in_progress or contended.
        """
        return await placing.place(self.desk, request)

    async def find(self, order_id: str) -> OrderView | None:
        """An order as it stands; None if there is none."""
        return await view_of(order_id)

    async def pay(self, order_id: str) -> Answer:
        """Confirm a hold, deduct what was placed unheld, or deduct an expired order again.

        Answers paid, paid_late, refused or refunded (no money is taken), or already_...
        """
        order = await self._settled(order_id)
        if isinstance(order, Answer):
            return order
        if order.state not in paying.PAYABLE:
            return await self._told(order)
        begun = await paying.begin_payment(self.desk, order)
        if isinstance(begun, Answer):
            return begun
        return await paying.carry_payment(self.desk, begun)

    async def cancel(self, order_id: str) -> Answer:
        """Give an order's units back: before payment, or as a refund before shipment.

        Before the order came, it leaves a tombstone that refuses it. Answers cancelled, refunded,
        tombstoned, or already_... (already_dispatched: a warehouse was told to ship it; it may
        refuse, or the buyer may send it back).
        """
        buried = await self._bury(order_id)
        if buried is not None:
            return buried
        order = await self._settled(order_id)
        if isinstance(order, Answer):
            return order
        if order.state is OrderState.UNHELD:
            return await self._cancel_unheld(order)
        if order.state not in (OrderState.HELD, OrderState.PAID):
            return await self._told(order)
        lines = await lines_of(order_id)
        if any(line.refunded for line in lines):
            rest = refunding.rest_of(lines)
            return await refunding.refund(self.desk, order, "rest", rest)
        return await undoing.cancel(self.desk, order)

    async def expire(self, order_id: str) -> Answer:
        """Give back an unpaid hold whose deadline has passed on the stores' clocks.

        Answers expired, not_due, or already_...
        """
        order = await self._settled(order_id)
        if isinstance(order, Answer):
            return order
        if order.state is OrderState.UNHELD:
            return Answer(Said.NOT_DUE, await view_of(order_id))
        if order.state is not OrderState.HELD:
            return await self._told(order)
        return await sweeping.expire(self.desk, order)

    async def refund(self, order_id: str, key: str, lines: Sequence[tuple[int, int]]) -> Answer:
        """Give units of a paid order back before shipment: (line, units) pairs, once for a key.

        Answers refunded, already_refunded (this key was used), too_many, not_paid, or already_...
        """
        wanted: dict[int, int] = {}
        for line, quantity in lines:
            wanted[line] = wanted.get(line, 0) + quantity
        if not wanted or min(wanted.values()) < 1:
            raise ValueError("a refund names lines and at least one unit of each")
        order = await self._shippable(order_id)
        if isinstance(order, Answer):
            return order
        return await refunding.refund(self.desk, order, key, tuple(wanted.items()))

    async def dispatch(self, order_id: str) -> Answer:
        """Mark a paid order's units as told to their warehouses."""
        order = await self._shippable(order_id)
        return order if isinstance(order, Answer) else await shipping.dispatch(self.desk, order)

    async def refuse_dispatch(
        self, order_id: str, warehouse: str, reason: str, shipment: str = ""
    ) -> Answer:
        """A warehouse will not ship: others take over what it had promised, if they can.

        With `shipment`, only what it was told under that reference.
        Answers redispatched, undispatchable (nothing is changed), not_found, or already_...
        """
        order = await self._shippable(order_id)
        if isinstance(order, Answer):
            return order
        return await shipping.refuse_dispatch(self.desk, order, warehouse, reason, shipment)

    async def ship(
        self,
        order_id: str,
        warehouse: str,
        sequences: Sequence[tuple[str, int]] = (),
        shipment: str = "",
    ) -> Answer:
        """A warehouse has shipped what it had promised; physical and pre-occupied go down.

        `sequences`: the warehouse's movement number of each article, where it has such numbers.
        With `shipment`, only what it was told under that reference has left.
        Answers shipped, part_shipped (other warehouses are still to ship), already_shipped,
        not_found (it has nothing of this order), too_many (its shelf has fewer), or not_paid.
        """
        order = await self._shippable(order_id)
        if isinstance(order, Answer):
            return order
        return await shipping.ship(self.desk, order, warehouse, sequences, shipment)

    async def return_goods(
        self, order_id: str, return_id: str, line: int, quantity: int, reason: str
    ) -> Answer:
        """Shipped units come back into the returned-device flow, once for every return.

        Answers returned, already_returned, too_many, not_shipped or not_found.
        """
        order = await rows.Get(ShopOrder, (order_id,))
        if order is None:
            return Answer(Said.NOT_FOUND)
        if order.state not in (OrderState.SHIPPED, OrderState.PART_SHIPPED):
            return Answer(Said.NOT_SHIPPED, await view_of(order_id))
        return await shipping.take_back(order, return_id, line, quantity, reason)

    async def sweep(self) -> bool:
        """Expire a batch of due holds; says whether one was expired."""
        return await sweeping.sweep(self.desk)

    async def finish(self) -> bool:
        """Finish a batch of what dead processes left; says whether there was any."""
        return await sweeping.finish(self.desk)

    async def _settled(self, order_id: str) -> ShopOrder | Answer:
        """The order without an intent; whoever's stale intent is finished first."""
        for _ in range(_TRIES):
            order = await rows.Get(ShopOrder, (order_id,))
            if order is None:
                return Answer(Said.NOT_FOUND)
            if order.intent is Intent.NONE:
                return order
            now_ms = await rows.StoreClock()
            if not await sweeping.finish_one(self.desk, order_id, now_ms):
                break
        return await self.desk.look_again(order_id)

    async def _shippable(self, order_id: str) -> ShopOrder | Answer:
        """The order, if it is paid and not all shipped."""
        order = await self._settled(order_id)
        if isinstance(order, Answer) or order.state in shipping.SHIPPABLE:
            return order
        if order.state in (OrderState.HELD, OrderState.UNHELD):
            return Answer(Said.NOT_PAID, await view_of(order_id))
        return await self._told(order)

    async def _told(self, order: ShopOrder) -> Answer:
        """The typed answer for who comes second."""
        view = await view_of(order.order_id)
        return Answer(_SETTLED[order.state], view, order.reason, replayed=True)

    async def _bury(self, order_id: str) -> Answer | None:
        """Leave a tombstone where no order has come yet."""
        if await rows.Get(ShopOrder, (order_id,)) is not None:
            return None
        refuse_control_characters("order", order_id)
        channel, _, number = order_id.partition("/")
        now_ms = await rows.StoreClock()
        tombstone = ShopOrder(
            order_id,
            channel,
            number,
            buyer="",
            address="",
            fingerprint="",
            deduct_at=DeductAt.ORDER,
            partial=False,
            state=OrderState.TOMBSTONE,
            intent=Intent.NONE,
            intent_ms=0,
            generation=1,
            placed_ms=now_ms,
            hold_s=0,
            due_ms=0,
            reason="cancelled before it came",
            answer="",
        )
        if not await rows.Insert(tombstone):
            return None
        return Answer(Said.TOMBSTONED, OrderView(tombstone, (), ()))

    async def _cancel_unheld(self, order: ShopOrder) -> Answer:
        """Nothing was taken, so nothing is given back."""
        async with sql.transaction():
            current = await locked(order)
            if current is not None:
                await settle(current, OrderState.CANCELLED)
        if current is None:
            return await self.desk.look_again(order.order_id)
        return Answer(Said.CANCELLED, await view_of(order.order_id))
