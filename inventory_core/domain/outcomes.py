"""What a verb answers, and what an order's hold can be: two closed vocabularies.

    placed (held) --pay--> paid --ship--> shipped
       |                    |
       +-- roll back        +-- roll back (refund before shipment)
       +-- expire --pay--> paid late (generation 2, if there is stock), or refunded

A hold is resolved exactly once; the second to come gets a typed answer (`ALREADY_...`).
"""

from __future__ import annotations

from enum import Enum


class HoldState(Enum):
    """Where an order's hold stands. Rows are kept and change state; no state frees the number."""

    HELD = "held"
    PAID = "paid"
    SHIPPED = "shipped"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"
    EXPIRED = "expired"
    TOMBSTONE = "tombstone"  # a rollback came before its deduction, which will be refused

    __hash__ = object.__hash__  # there is one of each; an enum would hash its name, in Python

    @property
    def owns_units(self) -> bool:
        """Does an order in this state own the units of its lines?"""
        return self in _OWNING


_OWNING = frozenset({HoldState.HELD, HoldState.PAID, HoldState.SHIPPED})


class Outcome(Enum):
    """What a verb answers when nothing broke."""

    DEDUCTED = "deducted"
    REPLAYED = "replayed"  # deducted before, by an earlier delivery of the same order
    REFUSED = "refused"  # not enough stock; stored, and replayed to later deliveries
    MISMATCHED = "mismatched"  # the same order number with another body
    CONTENDED = "contended"  # retries exhausted; nothing was done, try again
    PAID = "paid"
    PAID_LATE = "paid_late"  # paid after expiry: deducted again as generation 2
    REFUNDED = "refunded"  # paid after expiry without stock, or rolled back when paid
    SHIPPED = "shipped"
    ROLLED_BACK = "rolled_back"
    TOMBSTONED = "tombstoned"  # rolled back before its deduction came
    EXPIRED = "expired"
    NOT_DUE = "not_due"  # asked to expire before its deadline
    NOT_FOUND = "not_found"
    NOT_PAID = "not_paid"  # asked to ship what was not paid
    ALREADY_PAID = "already_paid"
    ALREADY_SHIPPED = "already_shipped"
    ALREADY_ROLLED_BACK = "already_rolled_back"
    ALREADY_EXPIRED = "already_expired"
    ALREADY_REFUSED = "already_refused"
    ADJUSTED = "adjusted"
    ALREADY_ADJUSTED = "already_adjusted"
    __hash__ = object.__hash__  # as above


DELIVERED_AGAIN = {
    HoldState.HELD: Outcome.REPLAYED,
    HoldState.PAID: Outcome.REPLAYED,
    HoldState.SHIPPED: Outcome.REPLAYED,
    HoldState.REFUSED: Outcome.REFUSED,
    HoldState.ROLLED_BACK: Outcome.ALREADY_ROLLED_BACK,
    HoldState.TOMBSTONE: Outcome.ALREADY_ROLLED_BACK,
    HoldState.EXPIRED: Outcome.ALREADY_EXPIRED,
}
"""What `deduct` answers to a second delivery of an order, by the state it finds."""

RESOLVED_BEFORE = {
    HoldState.PAID: Outcome.ALREADY_PAID,
    HoldState.SHIPPED: Outcome.ALREADY_SHIPPED,
    HoldState.REFUSED: Outcome.ALREADY_REFUSED,
    HoldState.ROLLED_BACK: Outcome.ALREADY_ROLLED_BACK,
    HoldState.TOMBSTONE: Outcome.ALREADY_ROLLED_BACK,
    HoldState.EXPIRED: Outcome.ALREADY_EXPIRED,
}
"""What the second resolver of a hold is told, by the state it finds."""
