"""Claim, log and take in one statement that commits by itself: one round trip an order.

The idea: the row's lock is held while the server works, and never while a reply travels. The claim
comes first and the hot row last, so a repeated order does not even touch it.

    A: [claim 1, log, lock, take 1 of 1, commit]
    B:       [claim 2, log, waits for A ............ 0 left: all of it undone]  refused, remembered

What it costs: one round trip; a refusal takes a second one, which locks nothing hot.
What breaks it: nothing, but a hot row still makes everybody queue, if for a shorter time. A
statement is undone whole or not at all, so a refusal undoes its claim too, and claims again.
Source: the usual advice to move a transaction into one statement (data-modifying WITH, PostgreSQL).
"""

from __future__ import annotations

from typing import ClassVar

from inventory_core.domain import Order, Outcome
from inventory_core.steps import ConstraintBroken, sql
from inventory_core.strategy import Needs, Promises, RowHolds


class OneRoundTrip(RowHolds):
    """All of a deduction in one statement."""

    family: ClassVar = "row"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        try:
            claim = await sql.ClaimAndTake(order)
        except ConstraintBroken:
            refused = await sql.ClaimRefused(order)
            return Outcome.REFUSED if refused.fresh else refused.answer_to(order)
        return Outcome.DEDUCTED if claim.fresh else claim.answer_to(order)
