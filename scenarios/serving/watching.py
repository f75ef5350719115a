"""What sweepers really do, seen from beside them: each expiry that was written and committed.

A sweep says only whether it did anything. What it did is read off the steps that it performs, so
the code under trial is not changed, and a sweeper that goes wrong cannot hide it.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from inventory_core.records import Intent, OrderState, ShopOrder
from inventory_core.steps import Step, rows, sql
from scenarios.measuring.client import Connection


class Expiry(NamedTuple):
    """A hold that a sweeper expired: from its intention to the commit of its end."""

    order_id: str
    generation: int
    sent_ns: int
    replied_ns: int


class Watched:
    """A session that notes expiries as they are committed."""

    def __init__(self, session: Connection) -> None:
        self._session = session
        self._begun: dict[str, int] = {}
        self._written: list[ShopOrder] = []
        self.expiries: list[Expiry] = []

    def perform(self, step: Step[Any]) -> Any:
        """Carry out a step."""
        sent = time.monotonic_ns()
        if isinstance(step, rows.Put) and isinstance(step.row, ShopOrder):
            self._note(step.row, sent)
        answer = self._session.perform(step)
        if isinstance(step, sql.Commit):
            self._committed(sent)
        elif isinstance(step, sql.Rollback):
            self._written.clear()
        return answer

    def reset(self) -> None:
        """Make the session fit for the next plan."""
        self._written.clear()
        self._session.reset()

    def _note(self, order: ShopOrder, sent: int) -> None:
        if order.intent is Intent.EXPIRE:
            self._begun.setdefault(order.order_id, sent)
        elif order.intent is Intent.NONE and order.state is OrderState.EXPIRED:
            self._written.append(order)

    def _committed(self, sent: int) -> None:
        for order in self._written:
            began = self._begun.pop(order.order_id, sent)
            replied = time.monotonic_ns()
            self.expiries.append(Expiry(order.order_id, order.generation, began, replied))
        self._written.clear()
