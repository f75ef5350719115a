"""What the routes ask of stock management, over the plans of the services.

A key names one operation: a second delivery of it is answered `already_done`, and one with another
content is a mismatch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inventory_core.problems import Problem
from inventory_core.records import (
    Activity,
    ActivityQuota,
    Channel,
    Entry,
    Kind,
    Movement,
    MovementKind,
    MoveState,
    StockMove,
    TransferOrder,
    TransferState,
)
from inventory_core.services import activities, counting, moving, reclaiming, transfers
from inventory_core.services.contract import ServiceLimits
from inventory_core.services.counting import Count
from inventory_core.services.parts import Engines
from inventory_core.services.shelves import Shift, lock_shelf, must_be_there, shift
from inventory_core.services.stock_answers import StockAnswer, StockSaid
from inventory_core.steps import rows, sql
from inventory_core.strategy import Strategy

ENTRIES_MOST = 10
"""Of one receipt: physical, shortfall and unassigned."""


@dataclass(frozen=True)
class StockDesk:
    """The operations of stock management that the API offers."""

    by_name: Mapping[str, Strategy]
    limits: ServiceLimits

    @property
    def engines(self) -> Engines:
        """The engines that hold the units of channels and activities."""
        return Engines(self.by_name)

    # ---------------------------------------------------------------------------------- units

    async def receive(
        self, key: str, warehouse: str, sku: str, quantity: int, reason: str
    ) -> StockAnswer:
        """Units from a supplier: on the shelf, and unassigned."""
        await must_be_there(warehouse)
        cause, at_ms = f"receive:{key}", await rows.StoreClock()
        async with sql.transaction():
            stock = await lock_shelf(sku, warehouse)
            known = await rows.Select(Entry, (("cause", "=", cause),), limit=ENTRIES_MOST)
            if not known:
                change = Shift(sku, warehouse, quantity, quantity)
                await shift(cause, stock, change, reason, at_ms)
                return StockAnswer(StockSaid.DONE, quantity=quantity)
        same = any(
            (one.sku, one.kind, one.place, one.delta) == (sku, Kind.PHYSICAL, warehouse, quantity)
            for one in known
        )
        return StockAnswer(StockSaid.ALREADY_DONE) if same else _mismatched(key)

    async def move(
        self, key: str, sku: str, source: str, target: str, quantity: int, reason: str
    ) -> StockAnswer:
        """Units from one place to another."""
        if source == target:
            raise Problem(f"a move from {source} to itself moves nothing; name another target")
        for place in (source, target):
            if place != moving.UNASSIGNED:
                await moving.engine_of(place)
        at_ms = await rows.StoreClock()
        state = MoveState.ASKED
        move = StockMove(f"move:{key}", sku, source, target, quantity, False, state, reason, at_ms)
        new = await moving.begin_move(move)
        after = await moving.carry_move(self.engines, move.move_key)
        assert after is not None, f"the move {key} has vanished; rows are kept"
        if replace(after, state=state, at_ms=at_ms, reason=reason) != move:
            return _mismatched(key)
        return _moved(after, new)

    async def finish_moves(self) -> bool:
        """Finish moves that somebody has left; says whether there was one."""
        before_ms = await rows.StoreClock() - self.limits.intent_stale_ms
        return await moving.finish_moves(self.engines, before_ms, self.limits.batch)

    # ----------------------------------------------------------------------------- activities

    async def plan_activity(
        self, activity: Activity, quotas: Sequence[tuple[str, int]]
    ) -> StockAnswer:
        """Write an activity down; without an engine it takes its channel's."""
        channel = await rows.Get(Channel, (activity.channel,))
        if channel is None:
            raise Problem(f"there is no channel {activity.channel}; see the list of channels")
        engine = activity.engine or channel.engine
        _ = self.engines[engine]  # a problem, if it does not run here
        if len({sku for sku, _ in quotas}) < len(quotas):
            raise Problem("an article has two quotas; add them up")
        made = replace(activity, engine=engine)
        units = tuple(ActivityQuota(activity.code, sku, quota) for sku, quota in sorted(quotas))
        async with sql.transaction() as here:
            if await rows.Insert(made):
                await rows.InsertAll(units)
                return StockAnswer(StockSaid.DONE)
            await here.give_up()
        view = await activities.find(activity.code)
        assert view is not None, f"activity {activity.code} has vanished; rows are kept"
        same = replace(view.activity, state=made.state) == made and view.quotas == units
        return StockAnswer(StockSaid.ALREADY_DONE) if same else _mismatched(activity.code)

    async def find_activity(self, code: str) -> activities.ActivityView | None:
        """An activity with its quotas."""
        return await activities.find(code)

    async def open_activity(self, code: str) -> StockAnswer:
        """Set the quotas aside, and take orders."""
        return await activities.open_activity(self.engines, code)

    async def close_activity(self, code: str) -> StockAnswer:
        """Take no new orders, and send the remainder home."""
        return await activities.close_activity(self.engines, code)

    async def tick(self) -> bool:
        """Open and close what is due."""
        return await activities.tick(self.engines, self.limits.batch)

    # ------------------------------------------------------------------------------ transfers

    async def plan_transfer(
        self, code: str, source: str, target: str, lines: Sequence[tuple[str, int]], due_ms: int
    ) -> StockAnswer:
        """Write a transfer order down."""
        now_ms = await rows.StoreClock()
        order = TransferOrder(code, source, target, TransferState.PLANNED, now_ms, due_ms)
        return await transfers.create(order, lines)

    async def find_transfer(self, code: str) -> transfers.TransferView | None:
        """A transfer order with its lines."""
        return await transfers.find(code)

    async def send_transfer(self, code: str) -> StockAnswer:
        """The units leave."""
        return await transfers.send(code)

    async def receive_transfer(self, code: str, received: Mapping[str, int] | None) -> StockAnswer:
        """The units arrive: everything, or so many of each article named."""
        answer = await transfers.receive(code, received)
        view = await transfers.find(code)
        if answer.said is StockSaid.DONE and answer.quantity and view is not None:
            for line in view.lines:
                await reclaiming.reclaim(self.engines, line.sku, view.order.target)
        return answer

    async def cancel_transfer(self, code: str) -> StockAnswer:
        """Give it up."""
        return await transfers.cancel(code)

    # ----------------------------------------------------------------------------- warehouses

    async def apply_count(
        self, cause: str, warehouse: str, sku: str, quantity: int, through: int
    ) -> StockAnswer:
        """A warehouse counted an article; what it is short of is taken back from the channels."""
        answer = await counting.apply_count(cause, Count(warehouse, sku, quantity, through))
        if answer.said is StockSaid.DONE:
            await reclaiming.reclaim(self.engines, sku, warehouse)
        return answer

    async def record_movement(
        self,
        warehouse: str,
        sequence: int,
        sku: str,
        kind: MovementKind,
        delta: int,
        reference: str,
    ) -> StockAnswer:
        """A warehouse told of a movement."""
        now_ms = await rows.StoreClock()
        movement = Movement(warehouse, sequence, sku, kind, delta, reference, now_ms)
        answer = await counting.record_movement(movement)
        if answer.said is StockSaid.DONE:
            await reclaiming.reclaim(self.engines, sku, warehouse)
        return answer


def _moved(move: StockMove, new: bool) -> StockAnswer:
    if move.state is MoveState.REFUSED:
        said = f"{move.source} has not {move.quantity} of {move.sku}"
        return StockAnswer(StockSaid.NOT_ENOUGH, said)
    if move.state is not MoveState.GIVEN:
        return StockAnswer(StockSaid.UNDER_WAY, "it is begun; ask again with the same key")
    return StockAnswer(StockSaid.DONE if new else StockSaid.ALREADY_DONE, quantity=move.quantity)


def _mismatched(key: str) -> StockAnswer:
    return StockAnswer(StockSaid.MISMATCHED, f"{key} was used with another content; use a new one")
