"""Stock management: set and move stock, count it, transfer it, set it aside, and audit it.

    stock = StockManagement({"conditional_update": make("conditional_update")})
    answer = carry_out(stock.receive("delivery-7", "north", "tea", 10), session.perform)

Every operation is a plan. What changes something takes a key of the caller's, or is named by a
code, and has one effect however often it is delivered; who dies half-way leaves a move that
`finish_moves` brings to its end, in any process.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from inventory_core.domain.law import Breach
from inventory_core.problems import Problem
from inventory_core.records import (
    Activity,
    Movement,
    MovementKind,
    MoveState,
    StockMove,
    TransferOrder,
    TransferState,
    WarehouseStock,
)
from inventory_core.services import (
    activities,
    auditing,
    counting,
    csv_in,
    csv_out,
    moving,
    planning,
    receiving,
    reclaiming,
    transfers,
)
from inventory_core.services.activities import ActivityView
from inventory_core.services.contract import ServiceLimits
from inventory_core.services.counting import Count
from inventory_core.services.csv_report import CsvReport
from inventory_core.services.ledger import Survey, Surveys, UnderWay
from inventory_core.services.parts import Engines
from inventory_core.services.stock_answers import StockAnswer, StockSaid
from inventory_core.services.transfers import TransferView
from inventory_core.steps import rows
from inventory_core.strategy import Strategy


@dataclass(frozen=True)
class StockManagement:
    """The operations of stock management, over the engines that channels and activities name."""

    engines: Mapping[str, Strategy]
    limits: ServiceLimits = field(default_factory=ServiceLimits)

    @property
    def _engines(self) -> Engines:
        return Engines(self.engines)

    # ------------------------------------------------------------------------------------- stock

    async def receive(
        self, key: str, warehouse: str, sku: str, quantity: int, reason: str = "received"
    ) -> StockAnswer:
        """Units from a supplier: on the shelf, off its shortfall, and the rest unassigned.

        Answers done, already_done or mismatched.
        """
        if quantity < 1:
            raise Problem(f"{quantity} units of {sku} cannot be received; say 1 or more")
        return await receiving.change_shelf(f"receive:{key}", sku, warehouse, quantity, reason)

    async def adjust_physical(
        self, key: str, warehouse: str, sku: str, delta: int, reason: str
    ) -> StockAnswer:
        """Correct a shelf by so many units; missing ones are taken back like a count's.

        Answers done, already_done, mismatched or not_enough.
        """
        answer = await receiving.change_shelf(f"adjust:{key}", sku, warehouse, delta, reason)
        if delta < 0 and answer.done:
            await self.reclaim(sku, warehouse)
        return answer

    async def assign(self, key: str, sku: str, channel: str, quantity: int) -> StockAnswer:
        """Give unassigned units to a channel."""
        return await self.move(key, sku, moving.UNASSIGNED, f"channel:{channel}", quantity)

    async def withdraw(self, key: str, sku: str, channel: str, quantity: int) -> StockAnswer:
        """Take units from a channel; they are unassigned."""
        return await self.move(key, sku, f"channel:{channel}", moving.UNASSIGNED, quantity)

    async def transfer(
        self, key: str, sku: str, from_channel: str, to_channel: str, quantity: int
    ) -> StockAnswer:
        """Give units of a channel to another one."""
        source, target = f"channel:{from_channel}", f"channel:{to_channel}"
        return await self.move(key, sku, source, target, quantity)

    async def move(
        self, key: str, sku: str, source: str, target: str, quantity: int, reason: str = "moved"
    ) -> StockAnswer:
        """Move units between unassigned, channels and activities, all of them or none.

        Answers done, already_done, mismatched, not_enough (this key stays refused: use another) or
        under_way.
        """
        await planning.check_move(sku, source, target, quantity)
        move = StockMove(
            f"move:{key}",
            sku,
            source,
            target,
            quantity,
            everything=False,
            state=MoveState.ASKED,
            reason=reason,
            at_ms=await rows.StoreClock(),
        )
        return await self._moved(move)

    async def _moved(self, asked: StockMove) -> StockAnswer:
        fresh = await moving.begin_move(asked)
        move = await moving.carry_move(self._engines, asked.move_key)
        assert move is not None, f"move {asked.move_key} has vanished; rows are kept"
        same = replace(asked, state=move.state, at_ms=move.at_ms, reason=move.reason)
        if move != same:
            said = f"this key has moved {move.quantity} of {move.sku} before; use a new key"
            return StockAnswer(StockSaid.MISMATCHED, said)
        if move.state is MoveState.REFUSED:
            said = f"{move.source} has fewer than {move.quantity} of {move.sku}"
            return StockAnswer(StockSaid.NOT_ENOUGH, said)
        if move.state is not MoveState.GIVEN:
            return StockAnswer(StockSaid.UNDER_WAY, "it is under way; ask again")
        return StockAnswer(
            StockSaid.DONE if fresh else StockSaid.ALREADY_DONE, quantity=move.quantity
        )

    async def finish_moves(self) -> bool:
        """Finish a batch of moves that somebody has left; says whether one was."""
        before_ms = await rows.StoreClock() - self.limits.intent_stale_ms
        return await moving.finish_moves(self._engines, before_ms, self.limits.batch)

    async def find_move(self, key: str) -> StockMove | None:
        """The move of a key that was given to `move`, `assign`, `withdraw` or `transfer`."""
        return await rows.Get(StockMove, (f"move:{key}",))

    # ------------------------------------------------------------------------------------ counts

    async def apply_count(
        self, cause: str, warehouse: str, sku: str, quantity: int, through: int
    ) -> StockAnswer:
        """A warehouse counted an article, up to its movement `through`.

        What is missing is taken from unassigned, then from channels in their turn, then from
        activities; what nobody can give back stays the shelf's shortfall. Answers done,
        already_done or stale; `quantity` is the difference that it made.
        """
        answer = await counting.apply_count(cause, Count(warehouse, sku, quantity, through))
        if answer.done:
            await self.reclaim(sku, warehouse)
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
        """A warehouse confirmed a movement, under its own sequence number.

        Answers done, already_done or mismatched.
        """
        at_ms = await rows.StoreClock()
        movement = Movement(warehouse, sequence, sku, kind, delta, reference, at_ms)
        answer = await counting.record_movement(movement)
        if answer.done:
            await self.reclaim(sku, warehouse)
        return answer

    async def reclaim(self, sku: str, warehouse: str) -> int:
        """Take back what a shelf owes, as far as there is something; what it still owes."""
        return await reclaiming.reclaim(self._engines, sku, warehouse)

    async def shortfalls(self, sku: str | None = None) -> tuple[WarehouseStock, ...]:
        """Shelves that owe units which nobody could give back."""
        return await reclaiming.shortfalls(sku)

    # --------------------------------------------------------------------------- transfer orders

    async def plan_transfer(
        self,
        code: str,
        source: str,
        target: str,
        units: Sequence[tuple[str, int]],
        due_ms: int = 0,
    ) -> StockAnswer:
        """Plan to send (SKU, units) from a warehouse to another. Nothing moves yet."""
        at_ms = await rows.StoreClock()
        order = TransferOrder(code, source, target, TransferState.PLANNED, at_ms, due_ms)
        return await transfers.create(order, units)

    async def find_transfer(self, code: str) -> TransferView | None:
        """A transfer order with its lines; None if there is none."""
        return await transfers.find(code)

    async def send_transfer(self, code: str) -> StockAnswer:
        """The units leave the source: only such as nobody was promised, all of them or none."""
        return await transfers.send(code)

    async def receive_transfer(
        self, code: str, received: Mapping[str, int] | None = None
    ) -> StockAnswer:
        """Everything in transit arrives, or so many units of each SKU named; see `transfers`."""
        answer = await transfers.receive(code, received)
        view = await transfers.find(code) if answer.done else None
        if view is not None:
            for line in view.lines:
                await self.reclaim(line.sku, view.order.target)
        return answer

    async def cancel_transfer(self, code: str) -> StockAnswer:
        """Give up a transfer that has not been sent."""
        return await transfers.cancel(code)

    # -------------------------------------------------------------------------------- activities

    async def plan_activity(
        self, activity: Activity, quotas: Sequence[tuple[str, int]]
    ) -> StockAnswer:
        """Plan an activity with (SKU, quota), or change one that has not been opened.

        Without an engine it has its channel's. Answers done, already_done or too_late.
        """
        return await planning.plan_activity(self._engines, activity, quotas)

    async def find_activity(self, code: str) -> ActivityView | None:
        """An activity with its quotas; None if there is none."""
        return await activities.find(code)

    async def open_activity(self, code: str) -> StockAnswer:
        """Move the quotas from the channel, all of them or none, and take orders."""
        return await activities.open_activity(self._engines, code)

    async def close_activity(self, code: str) -> StockAnswer:
        """Take no new orders, and give the remainder to the channel, once.

        Answers done, already_done, or closing or under_way (ask again; `tick` does it too once its
        time has come).
        """
        return await activities.close_activity(self._engines, code)

    async def tick(self) -> bool:
        """Open and close activities whose time has come; says whether anything was done."""
        return await activities.tick(self._engines, self.limits.batch)

    # --------------------------------------------------------------------------------------- csv

    async def export_csv(self, what: str) -> str:
        """A table (see `csv_tables`) as CSV."""
        return await csv_out.export_csv(self._engines, what)

    async def import_csv(
        self, what: str, text: str, key: str, *, dry_run: bool = False
    ) -> CsvReport:
        """Make a table what a CSV says, once for every key; nothing while any line is wrong."""
        return await csv_in.import_csv(self._engines, what, text, key, dry_run=dry_run)

    # ------------------------------------------------------------------------------------- audit

    async def stock_of(self, sku: str) -> Survey | None:
        """Everything that is stored of an article, and where it breaks the law; None if unknown."""
        return await auditing.survey(self._engines, sku)

    async def glance_at(self, sku: str) -> Survey | None:
        """What is stored of an article, without its journal; None if it is unknown."""
        return await auditing.glance(self._engines, sku)

    async def read_ledger(self, skus: Collection[str] | None = None) -> Surveys:
        """Everything that is stored of these articles (or of every one), as of one moment."""
        return await auditing.read_ledger(self._engines, skus)

    async def under_way(self) -> UnderWay:
        """How many orders and moves somebody is at."""
        return await auditing.under_way()

    async def audit(self) -> tuple[Breach, ...]:
        """Every breach of the law that no work under way explains."""
        return await auditing.audit(self._engines)
