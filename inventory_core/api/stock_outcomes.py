"""Which HTTP answer an outcome of stock management is.

Done, now or by an earlier delivery of the same key: 200, with the same body. Not enough, stale or
too late: 409. Under way: 409, ask again. The key or code with another content: 422.
"""

from __future__ import annotations

from typing import Literal

from fastapi import Request, Response
from pydantic import Field

from inventory_core.api.access import note
from inventory_core.api.fields import Shown
from inventory_core.api.problems import Refusal
from inventory_core.api.replaying import json_bytes
from inventory_core.services.stock_answers import StockAnswer, StockSaid

STATUS = {
    StockSaid.MISMATCHED: 422,
    StockSaid.NOT_ENOUGH: 409,
    StockSaid.UNDER_WAY: 409,
    StockSaid.CLOSING: 409,
    StockSaid.STALE: 409,
    StockSaid.NOT_FOUND: 404,
    StockSaid.TOO_LATE: 409,
}
ASK_AGAIN = frozenset({StockSaid.UNDER_WAY, StockSaid.CLOSING})


class DoneShown(Shown):
    """It is done: now, or by an earlier delivery (then with `Idempotent-Replayed: true`)."""

    outcome: Literal["done"] = "done"
    subject: str = Field(examples=["t-1"])


def done(request: Request, answer: StockAnswer, body: Shown) -> Response:
    """The answer to a good operation; every other is raised as a `Refusal`."""
    note(request, answer.said.value)
    if not answer.done:
        raise refusal_of(answer)
    replayed = answer.said is StockSaid.ALREADY_DONE
    return json_bytes(body.model_dump_json(), 200, replayed)


def refusal_of(answer: StockAnswer) -> Refusal:
    """The problem that an answer is."""
    said = answer.said.value
    headers = {"Retry-After": "1"} if answer.said in ASK_AGAIN else {}
    detail = answer.reason or said.replace("_", " ")
    return Refusal(STATUS[answer.said], detail, outcome=said, headers=headers)
