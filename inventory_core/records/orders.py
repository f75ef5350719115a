"""What buyers asked for and what became of it: orders, lines, allocations, returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from inventory_core.records.places import DeductAt


class OrderState(Enum):
    """Where an order stands.

    (unheld) --pay--+
    held ----pay----+--> paid --ship--> part_shipped --> shipped
     |  +-- expire --> expired --pay--> paid (generation 2), or refunded
     +-- cancel --> cancelled    paid -- refund --> refunded
    """

    UNHELD = "unheld"  # deducts at payment: nothing is taken yet
    HELD = "held"
    PAID = "paid"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"  # money given back: refunded before shipment, or paid late without stock
    EXPIRED = "expired"
    TOMBSTONE = "tombstone"  # cancelled before it came; it will be refused


class Intent(Enum):
    """What somebody has begun with an order and not yet finished: the task that the audit sees.

    It is written before the engine is asked and cleared with what follows from its answer, so a
    process that dies in between leaves a task that any other finishes.
    """

    NONE = "none"
    DEDUCT = "deduct"
    PAY = "pay"
    CANCEL = "cancel"
    EXPIRE = "expire"
    REFUSE = "refuse"  # give back what was taken of an order that cannot be taken whole
    CLOSE = "close"  # everything is shipped or refunded: close the engines' holds


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """An order. Its id is `CHANNEL/NUMBER`: the scope of the idempotency key.

    `fingerprint` tells whether a second delivery carries the same body; `answer` is the JSON that
    the first delivery was answered with, word for word.
    """

    KEY: ClassVar[tuple[str, ...]] = ("order_id",)

    order_id: str
    channel: str
    number: str
    buyer: str
    address: str  # region path
    fingerprint: str
    deduct_at: DeductAt
    partial: bool  # take what there is, line by line
    state: OrderState
    intent: Intent
    intent_ms: int  # since when
    generation: int
    placed_ms: int
    hold_s: int  # how long an unpaid hold lasts
    due_ms: int  # when it may expire; 0: never
    reason: str  # why it was refused, cancelled or refunded
    answer: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line as the buyer wrote it, and the part of the order (one engine each) it went into.

    The engine knows a part as the order `ORDER_ID#PART`. `taken` is 0 until the engine has
    deducted the line; `refunded` of these were given back before shipment, one by one.
    """

    KEY: ClassVar[tuple[str, ...]] = ("order_id", "line")

    order_id: str
    line: int  # from 1
    part: int  # from 1
    engine: str
    place: str
    activity: str  # empty: sold from the channel
    sku: str
    quantity: int
    taken: int = 0
    refunded: int = 0


class AllocationState(Enum):
    """Where the units of an allocation are."""

    RESERVED = "reserved"  # pre-occupied
    DISPATCHED = "dispatched"  # pre-occupied, and the warehouse has been told
    SHIPPED = "shipped"
    RELEASED = "released"  # given back
    REFUSED = "refused"  # by the warehouse; another allocation took its place

    @property
    def open(self) -> bool:
        """Are its units pre-occupied?"""
        return self in (AllocationState.RESERVED, AllocationState.DISPATCHED)


@dataclass(frozen=True, slots=True)
class Allocation:
    """So many units of a line from one warehouse. Pre-occupied is the sum of the open ones.

    `piece` counts the allocations of a line, from 1; they are kept and change their state. What a
    warehouse is told to ship together bears one `shipment`, the reference that it is told under:
    its answer settles these, and none that came to it later.
    """

    KEY: ClassVar[tuple[str, ...]] = ("order_id", "line", "piece")

    order_id: str
    line: int
    piece: int
    generation: int
    sku: str
    warehouse: str
    quantity: int
    state: AllocationState
    promised_ms: int  # when the buyer was told to have it
    shipment: str = ""  # empty: its warehouse has not been told


@dataclass(frozen=True, slots=True)
class Return:
    """Units that came back after shipment: in the returned-device flow, in no stock by itself."""

    KEY: ClassVar[tuple[str, ...]] = ("return_id",)

    return_id: str
    order_id: str
    line: int
    quantity: int
    reason: str
    at_ms: int
