"""What is asked of the services and what they answer: closed vocabularies and frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from inventory_core.domain.stock import refuse_control_characters
from inventory_core.records import Allocation, OrderLine, OrderState, ShopOrder

LINES_MOST = 200
"""Lines of one order, and articles of one query."""


@dataclass(frozen=True, slots=True)
class LineRequest:
    """So many units (>= 1) of an article, from the channel or from one of its activities."""

    sku: str
    quantity: int
    activity: str = ""

    def __post_init__(self) -> None:
        refuse_control_characters("SKU", self.sku)
        refuse_control_characters("activity", self.activity)
        if not self.sku:
            raise ValueError("a line names no article; give its SKU")
        if self.quantity < 1:
            raise ValueError(f"a line asks for {self.quantity} of {self.sku}; say 1 or more")


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """A buyer's order. Channel and number together are the idempotency key.

    All or nothing, unless `partial`: then each line is taken if it can be, and the order is
    refused only if none can.
    """

    channel: str
    number: str
    buyer: str
    address: str  # region path: province/city/district
    lines: tuple[LineRequest, ...]
    partial: bool = False

    def __post_init__(self) -> None:
        for what in ("channel", "number", "buyer", "address"):
            refuse_control_characters(what, getattr(self, what))
        if not self.number or "/" in self.number or "#" in self.number:
            raise ValueError(
                f"the order number {self.number!r} is empty or has a / or #; change it"
            )
        if not 1 <= len(self.lines) <= LINES_MOST:
            raise ValueError(f"order {self.number} has {len(self.lines)} lines; 1 to {LINES_MOST}")

    @property
    def order_id(self) -> str:
        """The order's name everywhere: `CHANNEL/NUMBER`."""
        return f"{self.channel}/{self.number}"


class Said(Enum):
    """What an operation of the order flow answers when nothing broke."""

    # place
    PLACED = "placed"  # held, or (at payment time) placed unheld
    REFUSED = "refused"  # stored and replayed; `reason` says why
    MISMATCHED = "mismatched"  # the same number with another body
    IN_PROGRESS = "in_progress"  # somebody is at it just now; ask again
    CONTENDED = "contended"  # retries exhausted; nothing was done, ask again
    # what follows
    PAID = "paid"
    PAID_LATE = "paid_late"  # after expiry, deducted again as generation 2
    REFUNDED = "refunded"  # paid without stock, or given back before shipment
    CANCELLED = "cancelled"
    TOMBSTONED = "tombstoned"  # cancelled before it came; it will be refused
    EXPIRED = "expired"
    DISPATCHED = "dispatched"
    REDISPATCHED = "redispatched"  # another warehouse takes over what one has refused
    UNDISPATCHABLE = "undispatchable"  # a warehouse refused, and no other can
    SHIPPED = "shipped"
    PART_SHIPPED = "part_shipped"
    RETURNED = "returned"
    # nothing to do
    NOT_FOUND = "not_found"
    NOT_DUE = "not_due"
    NOT_PAID = "not_paid"
    NOT_SHIPPED = "not_shipped"
    TOO_MANY = "too_many"  # more units than there are to refund, ship or return
    ALREADY_PAID = "already_paid"
    ALREADY_DISPATCHED = "already_dispatched"  # a warehouse was told to ship it
    ALREADY_SHIPPED = "already_shipped"
    ALREADY_CANCELLED = "already_cancelled"
    ALREADY_EXPIRED = "already_expired"
    ALREADY_REFUSED = "already_refused"
    ALREADY_REFUNDED = "already_refunded"
    ALREADY_RETURNED = "already_returned"


class Why(Enum):
    """Why an order is refused."""

    OUT_OF_STOCK = "out_of_stock"
    LIMIT_PER_BUYER = "limit_per_buyer"
    ACTIVITY_NOT_OPEN = "activity_not_open"
    NO_SUCH_CHANNEL = "no_such_channel"
    NO_SUCH_ACTIVITY = "no_such_activity"
    UNDELIVERABLE = "undeliverable"  # no warehouse may ship it there
    NO_WAREHOUSE = "no_warehouse"  # sellable, but no warehouse has it free
    CANCELLED_BEFORE = "cancelled_before"  # its cancellation came first
    TOO_LATE = "too_late"  # the engine had closed its hold before the order was written


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as the store has it: the order, its lines, its allocations (all generations)."""

    order: ShopOrder
    lines: tuple[OrderLine, ...]
    allocations: tuple[Allocation, ...]

    @property
    def state(self) -> OrderState:
        """Where it stands."""
        return self.order.state


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers. `replayed`: an earlier delivery did it.

    `order` is None when there is none (not found, mismatched). `reason` is for people; for a
    refused order it begins with the `Why`, a colon and a space. `body`, of an order that was placed
    or refused, is the JSON that its first delivery was answered with, the same for every delivery.
    """

    said: Said
    order: OrderView | None = None
    reason: str = ""
    replayed: bool = False
    body: str = ""


@dataclass(frozen=True, slots=True)
class Availability:
    """What a channel could promise of an article to an address, as of `read_ms`.

    `promised_ms` is 0 when it is not deliverable there; `reason` then says why.
    """

    sku: str
    sellable: int
    deliverable: bool
    promised_ms: int
    warehouse: str
    reason: str
    read_ms: int


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """The bounds that the services obey."""

    sourcing_tries: int = 8  # of a choice of warehouses that was stale, before giving up
    back_off_s: float = 0.002  # first pause between them; doubles, with full jitter
    back_off_most_s: float = 0.1
    intent_stale_ms: int = 5_000  # an intent older than this is finished by others
    batch: int = 100  # orders that a sweeper handles in one turn
    generations: int = 100  # of one order
    order_lines: int = LINES_MOST
