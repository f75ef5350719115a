"""Shops with a planted bug each, for worker processes: every check must be tripped by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from inventory_core.domain import Cell
from inventory_core.records import Intent, OrderState, ShopOrder, StockMove, WarehouseStock
from inventory_core.services import undoing
from inventory_core.services.contract import Answer, OrderRequest, Said
from inventory_core.services.order_flow import OrderFlow
from inventory_core.services.order_rows import intend, view_of
from inventory_core.steps import rows, sql
from inventory_core.steps.engine import on
from inventory_core.strategy.registry import make
from scenarios.serving.buyers import ACTIVITY_PLACE, PLACE
from scenarios.serving.desk import ShopPlan, Wanted, manage, staffed


def shop_with(job: Wanted, kind: Callable[..., OrderFlow]) -> ShopPlan:
    flow = kind({job.strategy: make(job.strategy, job.limits)})
    return staffed(job, flow, flow.sweep, partial(manage, flow))


@dataclass(frozen=True)
class ExpiresWhatIsPaid(OrderFlow):
    """Its sweeper looks at the time of an order and not at its state."""

    async def sweep(self) -> bool:
        now_ms = await rows.StoreClock()
        where = (("state", "in", (OrderState.HELD, OrderState.PAID)),)
        worked = False
        for order in await rows.Select(ShopOrder, where, limit=100):
            if order.placed_ms + order.hold_s * 1000 + 50 <= now_ms:
                worked |= await self._expire_whatever(order, now_ms)
        return worked

    async def _expire_whatever(self, order: ShopOrder, now_ms: int) -> bool:
        async with sql.transaction():
            there = await rows.Lock(ShopOrder, (order.order_id,))
            if there is None or there.intent is not Intent.NONE:
                return False
            if there.state not in (OrderState.HELD, OrderState.PAID):
                return False
            begun = await intend(there, Intent.EXPIRE, now_ms)
        return (await undoing.undo(self.desk, begun)).said is Said.EXPIRED


@dataclass(frozen=True)
class KeepsNobodyWaiting(OrderFlow):
    """Refunds every late payment, whatever there is."""

    async def pay(self, order_id: str) -> Answer:
        view = await view_of(order_id)
        if view is None or view.state is not OrderState.EXPIRED:
            return await super().pay(order_id)
        async with sql.transaction():
            order = await rows.Lock(ShopOrder, (order_id,))
            assert order is not None
            await rows.Put(replace(order, state=OrderState.REFUNDED))
        return Answer(Said.REFUNDED, view)


@dataclass(frozen=True)
class ForgetsAPromise(OrderFlow):
    """Frees a unit of a warehouse with every tenth order, and writes no entry."""

    async def place(self, request: OrderRequest) -> Answer:
        answer = await super().place(request)
        if answer.said is Said.PLACED and answer.order and request.number.endswith("0"):
            one = answer.order.allocations[0]
            key = (one.sku, one.warehouse)
            await rows.Add(WarehouseStock, key, (("pre_occupied", -1),))
        return answer


@dataclass(frozen=True)
class IgnoresTheLimit(OrderFlow):
    """Counts every order of a buyer as that of another."""

    async def place(self, request: OrderRequest) -> Answer:
        return await super().place(replace(request, buyer=f"{request.buyer}/{request.number}"))


@dataclass(frozen=True)
class SellsAllDay(OrderFlow):
    """Who comes outside the window gets the units of the channel."""

    async def place(self, request: OrderRequest) -> Answer:
        line = replace(request.lines[0], activity="")
        return await super().place(replace(request, lines=(line,)))


async def manage_and_give_twice(flow: OrderFlow) -> bool:
    """Gives the remainder of a closed activity to the channel once more."""
    worked = await manage(flow)
    closed = (("source", "=", ACTIVITY_PLACE), ("target", "=", PLACE))
    for move in await rows.Select(StockMove, closed):
        for name, engine in flow.engines.items():
            if move.quantity and move.move_key.startswith("close:"):
                cell = Cell(move.sku, PLACE)
                await on(name, engine.adjust(f"again:{move.sku}", cell, move.quantity, "again"))
    return worked


def expires_what_is_paid(job: Wanted) -> ShopPlan:
    return shop_with(job, ExpiresWhatIsPaid)


def keeps_nobody_waiting(job: Wanted) -> ShopPlan:
    return shop_with(job, KeepsNobodyWaiting)


def forgets_a_promise(job: Wanted) -> ShopPlan:
    return shop_with(job, ForgetsAPromise)


def ignores_the_limit(job: Wanted) -> ShopPlan:
    return shop_with(job, IgnoresTheLimit)


def sells_all_day(job: Wanted) -> ShopPlan:
    return shop_with(job, SellsAllDay)


def gives_twice(job: Wanted) -> ShopPlan:
    flow = OrderFlow({job.strategy: make(job.strategy, job.limits)})
    return staffed(job, flow, flow.sweep, partial(manage_and_give_twice, flow))
