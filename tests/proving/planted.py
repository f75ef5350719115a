"""Strategies that are wrong on purpose, one way each; every checker has one that it must catch."""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import HoldState, Order, Outcome
from inventory_core.steps import kv, sql
from inventory_core.strategy import CountedHolds, KeyHolds, Needs, Promises, RowHolds
from strategies.redis_with_task import RedisWithTask


class _Planted(RowHolds):
    family: ClassVar = "planted"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                if not await sql.TakeIfEnough(take.cell, take.quantity):
                    return await sql.Refuse(order, take)
        return Outcome.DEDUCTED


class Sound(_Planted):
    """Nothing is wrong with this one: the checkers must leave it alone."""


class ClaimInAnotherTransaction(_Planted):
    """Looks for the order number first, and deducts in a transaction of its own."""

    async def deduct(self, order: Order) -> Outcome:
        stored = await sql.FindOrder(order.number)
        if stored is not None:
            return stored.answer_to(order)
        async with sql.transaction() as here:
            for take in order.takes:
                if not await sql.TakeIfEnough(take.cell, take.quantity):
                    await here.give_up()
                    return Outcome.REFUSED
            await sql.RecordOrder(order)
        return Outcome.DEDUCTED


class PartialBasket(_Planted):
    """Takes and books what there is, and says that all was deducted."""

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction() as here:
            stored = await sql.LockOrder(order.number)
            if stored is not None:
                return stored.answer_to(order)
            takes = order.takes
            lines = [t for t in takes if await sql.TakeIfEnough(t.cell, t.quantity)]
            if not lines:
                await here.give_up()
                return Outcome.REFUSED
            await sql.RecordOrder(Order(order.number, tuple(lines), order.buyer, order.hold_s))
        return Outcome.DEDUCTED


class LostRefusal(_Planted):
    """Forgets that it refused, so a second delivery may be told something else."""

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction() as here:
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                if not await sql.TakeIfEnough(take.cell, take.quantity):
                    await here.give_up()
                    return Outcome.REFUSED
        return Outcome.DEDUCTED


class LeakOnCrash(_Planted):
    """Takes in one transaction and books in the next: whoever dies between them leaks."""

    async def deduct(self, order: Order) -> Outcome:
        stored = await sql.FindOrder(order.number)
        if stored is not None:
            return stored.answer_to(order)
        async with sql.transaction():
            for take in order.takes:
                if not await sql.TakeIfEnough(take.cell, take.quantity):
                    return Outcome.REFUSED
        await sql.RecordOrder(order)
        return Outcome.DEDUCTED


class FalseSoldOut(_Planted):
    """Tries once, and says "sold out" when somebody else was faster."""

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                left, version = await sql.ReadCell(take.cell)
                enough = left >= take.quantity
                if not enough or not await sql.WriteCellIfVersion(
                    take.cell, left - take.quantity, version
                ):
                    return await sql.Refuse(order, take)
        return Outcome.DEDUCTED


class StaleRead(_Planted):
    """Writes what it had read, whoever has written since."""

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                left = (await sql.ReadCell(take.cell)).sellable
                if left < take.quantity:
                    return await sql.Refuse(order, take)
                await sql.WriteCell(take.cell, left - take.quantity)
        return Outcome.DEDUCTED


class ResolvesTwice(_Planted):
    """Pays whatever it saw, without holding on to it."""

    async def pay(self, order_number: str) -> Outcome:
        stored = await sql.FindOrder(order_number)
        if stored is None:
            return Outcome.NOT_FOUND
        if stored.state is not HoldState.HELD:
            return Outcome.ALREADY_PAID
        await sql.Settle(order_number, HoldState.PAID)
        return Outcome.PAID


class NoTombstone(_Planted):
    """A rollback that comes first leaves nothing that would stop the late deduction."""

    async def roll_back(self, order_number: str) -> Outcome:
        async with sql.transaction():
            if await sql.LockOrder(order_number) is None:
                return Outcome.TOMBSTONED
        return await super().roll_back(order_number)


class UnluckyNumber(_Planted):
    """Looks for order 2 where there is nothing: refused, whatever there is elsewhere."""

    async def deduct(self, order: Order) -> Outcome:
        if order.number != "2":
            return await super().deduct(order)
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            return await sql.Refuse(order, order.takes[0])


class RecoveryWithoutFence(RedisWithTask):
    """Gives back what no row owns, without asking whether somebody is about to write that row."""

    async def recover(self) -> None:
        for held in await kv.OpenHolds(self.limits.recovery_batch):
            if await sql.FindOrder(held.order_number) is None:
                await kv.ReturnHold(held.order_number, held.generation, "rolled_back")


class ToldTooEarly(CountedHolds):
    """Says that a hold is closed while its units are still in the keys."""

    family: ClassVar = "planted"
    needs: ClassVar = Needs.SQL | Needs.KV
    promises: ClassVar = Promises(settles_within_s=1.0)
    deduct = RedisWithTask.deduct

    async def make_sure_returned(self, order_number: str, stored: sql.StoredOrder) -> None:
        return None


class AwaitsOnTheWayOut(KeyHolds):
    """Says goodbye when it dies, which a dead client cannot."""

    family: ClassVar = "planted"
    needs: ClassVar = Needs.KV
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        try:
            return await kv.Deduct(order)
        finally:
            await kv.Forget(order.number)


class AssertsTooMuch(_Planted):
    """Believes that nobody else can have written a row that it has read."""

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                before = await sql.ReadCell(take.cell)
                if not await sql.TakeIfEnough(take.cell, take.quantity):
                    assert before.sellable < take.quantity, "the units went away"
                    return await sql.Refuse(order, take)
        return Outcome.DEDUCTED
