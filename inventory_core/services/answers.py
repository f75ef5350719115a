"""The first answer to an order, as JSON that is kept and given again word for word."""

from __future__ import annotations

import json
from collections.abc import Iterable

from inventory_core.records import Allocation, OrderLine, ShopOrder
from inventory_core.services.contract import Answer, OrderView, Said, Why


def body_of(
    order: ShopOrder, said: Said, lines: Iterable[OrderLine] = (), pieces: Iterable[Allocation] = ()
) -> str:
    """What a delivery of the order is answered, canonical: equal answers are equal texts."""
    body = {
        "outcome": said.value,
        "order": order.order_id,
        "state": order.state.value,
        "reason": order.reason,
        "due_ms": order.due_ms,
        "lines": [
            {"line": one.line, "sku": one.sku, "quantity": one.quantity, "taken": one.taken}
            for one in lines
        ],
        "allocations": [
            {
                "line": one.line,
                "sku": one.sku,
                "warehouse": one.warehouse,
                "quantity": one.quantity,
                "promised_ms": one.promised_ms,
            }
            for one in pieces
        ],
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def replay(view: OrderView) -> Answer:
    """The stored answer, for a later delivery of the same order."""
    body = view.order.answer
    stored = json.loads(body)
    return Answer(Said(stored["outcome"]), view, stored["reason"], replayed=True, body=body)


def buried(order: ShopOrder) -> Answer:
    """The answer to an order whose cancellation came first."""
    reason = because(Why.CANCELLED_BEFORE, "it was cancelled before it came; use a new number")
    body = json.dumps(
        {"outcome": Said.REFUSED.value, "order": order.order_id, "reason": reason},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return Answer(Said.REFUSED, OrderView(order, (), ()), reason, replayed=True, body=body)


def because(why: Why, sentence: str) -> str:
    """A reason as it is stored and shown: the word for programs, the sentence for people."""
    return f"{why.value}: {sentence}"
