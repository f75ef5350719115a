"""Which HTTP answer an outcome of the order flow is.

Done now, or done before by the same operation: 200 (201 for a placed order). Refused, or resolved
the other way: 409. The same number with another body: 422. Nothing there: 404. A crowd: 503.
"""

from __future__ import annotations

from enum import Enum

from inventory_core.api.problems import Refusal, busy
from inventory_core.services.contract import Answer, Said


class Verb(Enum):
    """The operations on an order."""

    PLACE = "place"
    PAY = "pay"
    CANCEL = "cancel"
    REFUND = "refund"
    DISPATCH = "dispatch"
    REFUSE_DISPATCH = "refuse_dispatch"
    SHIP = "ship"
    RETURN = "return"
    EXPIRE = "expire"


DONE = frozenset(
    {
        Said.PLACED,
        Said.PAID,
        Said.PAID_LATE,
        Said.REFUNDED,
        Said.CANCELLED,
        Said.TOMBSTONED,
        Said.EXPIRED,
        Said.DISPATCHED,
        Said.REDISPATCHED,
        Said.SHIPPED,
        Said.PART_SHIPPED,
        Said.RETURNED,
    }
)
DONE_BEFORE = {
    Verb.PAY: Said.ALREADY_PAID,
    Verb.CANCEL: Said.ALREADY_CANCELLED,
    Verb.REFUND: Said.ALREADY_REFUNDED,
    Verb.SHIP: Said.ALREADY_SHIPPED,
    Verb.RETURN: Said.ALREADY_RETURNED,
    Verb.EXPIRE: Said.ALREADY_EXPIRED,
}
"""What an operation answers to its own repetition."""


def answered(verb: Verb, answer: Answer) -> bool:
    """Whether a good answer is one from before; every other answer is raised as a `Refusal`."""
    if answer.said in DONE:
        return answer.replayed
    if answer.said is DONE_BEFORE.get(verb):
        return True
    raise refusal_of(answer)


def refusal_of(answer: Answer) -> Refusal:
    """The problem that an answer is."""
    said = answer.said.value
    detail = answer.reason or said.replace("_", " ")
    match answer.said:
        case Said.NOT_FOUND:
            return Refusal(404, answer.reason or "there is no such order", outcome=said)
        case Said.MISMATCHED:
            return Refusal(422, answer.reason or _MISMATCHED, outcome=said)
        case Said.IN_PROGRESS:
            return Refusal(409, detail, outcome=said, headers={"Retry-After": "1"})
        case Said.CONTENDED:
            return busy(detail, said)
    word = answer.reason.partition(":")[0] if answer.said is Said.REFUSED else None
    return Refusal(409, detail, outcome=said, reason=word, headers=_replayed(answer))


_MISMATCHED = "this number was used with another body: take a new number for another order"


def _replayed(answer: Answer) -> dict[str, str]:
    return {"Idempotent-Replayed": "true"} if answer.replayed else {}
