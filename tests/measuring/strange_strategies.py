"""Strategies for tests: one with a bug, one that sleeps, one whose answers are a list."""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import sql
from inventory_core.strategy import Needs, Promises, RowHolds
from strategies.conditional_update import ConditionalUpdate
from strategies.noop import Noop
from strategies.redis_script import RedisScript


class Buggy(Noop):
    """Trips over its own feet after a while."""

    async def deduct(self, order: Order) -> Outcome:
        assert not order.number.endswith("99"), "a planted bug"
        return Outcome.DEDUCTED


class ForgetsUnits(ConditionalUpdate):
    """Takes a unit too many from the counter of every tenth order: a planted leak."""

    async def deduct(self, order: Order) -> Outcome:
        outcome = await super().deduct(order)
        if outcome is Outcome.DEDUCTED and order.number.endswith("0"):
            await sql.TakeIfEnough(order.takes[0].cell, 1)
        return outcome


class Unfriendly(RowHolds):
    """Refuses everybody, whatever there is, and stores the refusal."""

    family: ClassVar = "row"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            return await sql.Refuse(order, order.takes[0])


class SaysItLosesNothing(RedisScript):
    """Everything in keys, and promises what keys cannot keep when the power fails."""

    promises: ClassVar = Promises()
