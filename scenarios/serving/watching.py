"""What sweepers really do, seen from beside them: each expiry that was written and committed.

A sweep says only whether it did anything. What it did is read off the steps that it awaits, so the
code under trial is not changed, and a sweeper that goes wrong cannot hide it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from inventory_core.records import Intent, OrderState, ShopOrder
from inventory_core.steps import Plan, Step, rows, sql
from inventory_core.steps.relay import relayed

T = TypeVar("T")


class Expiry(NamedTuple):
    """A hold that a sweeper expired: from its intention to the commit of its end."""

    order_id: str
    generation: int
    sent_ns: int
    replied_ns: int


class Watched:
    """Notes expiries as they are committed, on its clock (nanoseconds)."""

    def __init__(self, now_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._now_ns = now_ns
        self._begun: dict[str, int] = {}
        self._written: list[ShopOrder] = []
        self.expiries: list[Expiry] = []

    async def through(self, plan: Plan[T]) -> T:
        """The plan, watched; what it had not committed when it failed did not happen."""
        try:
            return await relayed(plan, self._asked)
        finally:
            self._written.clear()

    async def _asked(self, step: Step[Any]) -> Any:
        sent_ns = self._now_ns()
        if isinstance(step, rows.Put) and isinstance(step.row, ShopOrder):
            self._note(step.row, sent_ns)
        answer = await step
        if isinstance(step, sql.Commit):
            self._committed(sent_ns)
        elif isinstance(step, sql.Rollback):
            self._written.clear()
        return answer

    def _note(self, order: ShopOrder, sent_ns: int) -> None:
        if order.intent is Intent.EXPIRE:
            self._begun.setdefault(order.order_id, sent_ns)
        elif order.intent is Intent.NONE and order.state is OrderState.EXPIRED:
            self._written.append(order)

    def _committed(self, sent_ns: int) -> None:
        for order in self._written:
            began_ns = self._begun.pop(order.order_id, sent_ns)
            replied_ns = self._now_ns()
            self.expiries.append(Expiry(order.order_id, order.generation, began_ns, replied_ns))
        self._written.clear()
