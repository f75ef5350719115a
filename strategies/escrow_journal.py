"""Reserve in escrow first, decide afterwards, settle later: the lock on the hot row is short.

The idea: what is reserved counts against everybody at its worst case (all of it may be kept), so a
reservation is a tiny transaction on the account and the journal; the order's own transaction, which
may take long, holds no lock on the account.

    A: reserve 1 of 1, commit ---- claim, log, commit -- "deducted"      settled later, in batches
    B:     reserve: nothing left: refused, even if A then fails

What it costs: a transaction more, and a settler that takes kept reservations out of the account.
What breaks it: a reservation whose order then fails looked sold meanwhile (undersold); one whose
client died stays reserved until `recover` decides it.
Source: P. O'Neil, "The Escrow Transactional Method", 1986.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from inventory_core.domain import Cell, HoldState, Line, Order, Outcome
from inventory_core.records.engines import Message
from inventory_core.steps import rows, sql
from inventory_core.strategy import ALL, Accounts, Daemon, Needs, Promise, Promises, change

JOURNAL, KEPT, CANCELLED = "escrow", "kept", "cancelled"


class EscrowJournal(Accounts):
    """Worst case first."""

    family: ClassVar = "ledger"
    needs: ClassVar = Needs.SQL
    refuses_for: ClassVar = "in_other_hands"
    promises: ClassVar = Promises(kept=ALL - {Promise.NO_FALSE_SOLD_OUT, Promise.LINEARIZABLE})

    async def deduct(self, order: Order) -> Outcome:
        entry = _entry(order)
        enough = await self._reserve(entry)
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            ours = claim.state.owns_units and claim.fingerprint == order.fingerprint
            if claim.fresh and not enough:
                await sql.Settle(order.number, HoldState.REFUSED)
            await self._decide(entry, enough, keep=ours and (enough or not claim.fresh))
            if claim.fresh:
                return Outcome.DEDUCTED if enough else Outcome.REFUSED
        return claim.answer_to(order)

    async def _reserve(self, entry: Message) -> bool:
        """All lines against the worst case, or none; once for every body of an order number."""
        async with sql.transaction() as here:
            if not await rows.Insert(entry):
                there = await rows.Get(Message, (JOURNAL, entry.message_key))
                return there is not None and there.answer != CANCELLED
            for take in _takes(entry):
                if not await change(take, ("pending", take.quantity)):
                    await here.give_up()
                    return False
        return True

    async def _decide(self, entry: Message, reserved: bool, keep: bool) -> None:
        """Keep or cancel what is reserved; the order's row is ours, so nobody else decides."""
        cancelled = replace(entry, done=True, answer=CANCELLED)
        if not reserved and await rows.Insert(cancelled):  # a later delivery must not reserve
            return
        there = await rows.Lock(Message, (JOURNAL, entry.message_key))
        if there is not None and not there.answer:
            answer = KEPT if keep else CANCELLED
            await rows.Put(replace(there, answer=answer, done=not keep))
            for take in () if keep else _takes(there):
                await change(take, ("pending", -take.quantity))

    async def take(self, owner: str, generation: int, take: Line) -> bool:
        return await change(take, ("credits", -take.quantity))

    async def give(self, owner: str, generation: int, take: Line) -> None:
        if not await change(take, ("credits", take.quantity)):
            await sql.GiveBack(take.cell, take.quantity)

    async def settle(self) -> bool:
        """One turn: take what was kept out of the accounts, each cell once."""
        async with sql.transaction():
            kept = (("queue", "=", JOURNAL), ("done", "=", False), ("answer", "=", KEPT))
            entries = await rows.Select(Message, kept, limit=self.limits.batch, lock_free=True)
            units: dict[Cell, int] = {}
            for entry in entries:
                await rows.Put(replace(entry, done=True))
                for take in _takes(entry):
                    units[take.cell] = units.get(take.cell, 0) + take.quantity
            for cell, gone in sorted(units.items()):
                await change(Line(cell, gone), ("credits", -gone), ("pending", -gone))
        return bool(entries)

    async def recover(self) -> None:
        undecided = (("queue", "=", JOURNAL), ("done", "=", False), ("answer", "=", ""))
        for entry in await rows.Select(Message, undecided, limit=10_000):
            async with sql.transaction():
                stored = await sql.Bury(str(entry.body[0]))
                same = stored.fingerprint == entry.body[1]
                await self._decide(entry, True, keep=same and stored.state.owns_units)

    def daemons(self) -> tuple[Daemon, ...]:
        return (*super().daemons(), Daemon("settler", self.settle))


def _entry(order: Order) -> Message:
    """The journal entry of an order, as it is before anybody has decided."""
    cells = [(take.cell.sku, take.cell.place, take.quantity) for take in order.takes]
    body = (order.number, order.fingerprint, *(each for cell in cells for each in cell))
    return Message(JOURNAL, f"{order.number} {order.fingerprint}", 0, body)


def _takes(entry: Message) -> tuple[Line, ...]:
    of = entry.body[2:]
    return tuple(
        Line(Cell(str(of[at]), str(of[at + 1])), int(of[at + 2])) for at in range(0, len(of), 3)
    )
