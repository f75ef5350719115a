"""Where units lie: warehouses, what they may ship where, and what each has of an article."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class WarehouseKind(Enum):
    """Whose warehouse it is."""

    OWN = "own"
    THIRD_PARTY = "third_party"
    STORE = "store"


class WarehouseStatus(Enum):
    """Does it take orders? A suspended one keeps what it has promised."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A warehouse. Regions are paths: `province`, `province/city` or `province/city/district`."""

    KEY: ClassVar[tuple[str, ...]] = ("code",)

    code: str
    name: str
    kind: WarehouseKind
    address: str  # the region path where it stands
    backup: bool = False  # asked only when every other warehouse is out
    status: WarehouseStatus = WarehouseStatus.ACTIVE
    cut_off: str = "17:00"  # local time of day; what is ordered later leaves on the next day
    utc_offset_min: int = 480
    handling_cost_cents: int = 0  # of one parcel
    system_url: str = ""  # of its warehouse system; empty: none


@dataclass(frozen=True, slots=True)
class Service:
    """That a warehouse serves a region: its rank there (1 is nearest), days and cost a parcel.

    The most exact region that covers an address counts.
    """

    KEY: ClassVar[tuple[str, ...]] = ("warehouse", "region")

    warehouse: str
    region: str
    rank: int
    transit_days: int
    parcel_cost_cents: int = 0


class RestrictionKind(Enum):
    """What a window means."""

    DAILY = "daily"  # not between two times of every day
    PROMOTION = "promotion"  # not in these days of a promotion
    STOP_SHIP = "stop_ship"  # not at all while it lasts


@dataclass(frozen=True, slots=True)
class Restriction:
    """That an article may not be shipped into a region in a window of time.

    An empty `sku` means every article; an empty `region` everywhere. `from_ms` and `until_ms` bound
    it ([from, until), 0 is open). A daily one holds between `from_time` and `until_time` (local, as
    `HH:MM`, over midnight if the first is later).
    """

    KEY: ClassVar[tuple[str, ...]] = ("code",)

    code: str
    kind: RestrictionKind
    sku: str = ""
    region: str = ""
    from_ms: int = 0
    until_ms: int = 0
    from_time: str = ""
    until_time: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WarehouseStock:
    """What a warehouse has of an article: units on the shelf, and what of them is promised.

    pre_occupied <= physical + over_promised. Sourcing takes only what is free; over-promised comes
    from a count that found fewer units than were promised here, and is worked off by re-dispatch:
    every count and receipt sets it to max(0, pre_occupied - physical). It is not `shortfall`, which
    is the law's term: units that were promised and that no cell of any channel could give back.
    `counted_through` is the warehouse's movement sequence up to which the last accepted count
    holds: an older count is refused.
    """

    KEY: ClassVar[tuple[str, ...]] = ("sku", "warehouse")

    sku: str
    warehouse: str
    physical: int = 0
    pre_occupied: int = 0
    shortfall: int = 0  # missing on this shelf, and not (yet) taken back from where it is promised
    over_promised: int = 0
    counted_through: int = 0


@dataclass(frozen=True, slots=True)
class Unassigned:
    """Units on the shelves that no channel was given: a stored number, never a remainder."""

    KEY: ClassVar[tuple[str, ...]] = ("sku",)

    sku: str
    quantity: int = 0


class Kind(Enum):
    """Which stored quantity a journal entry moves."""

    PHYSICAL = "physical"  # place: the warehouse
    PRE_OCCUPIED = "pre_occupied"  # place: the warehouse
    SHORTFALL = "shortfall"  # place: the warehouse
    IN_TRANSIT = "in_transit"  # place: the transfer order
    UNASSIGNED = "unassigned"  # place: empty


@dataclass(frozen=True, slots=True)
class Entry:
    """One journalled change of a stored quantity; written in the transaction that changes it.

    `cause` says what did it (`place:o-1`, `count:run-7`) and makes it once: (cause, sku, kind,
    place) is unique. Openings are entries too.
    """

    KEY: ClassVar[tuple[str, ...]] = ("cause", "sku", "kind", "place")

    cause: str
    sku: str
    kind: Kind
    place: str
    delta: int
    reason: str
    at_ms: int


class MovementKind(Enum):
    """Why units moved over a warehouse's threshold."""

    SHIPMENT = "shipment"
    RECEIPT = "receipt"
    ADJUSTMENT = "adjustment"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement that a warehouse confirmed, under its own sequence number.

    Receipts, adjustments and transfers are applied when they are recorded (unless a count already
    has them). A shipment is applied by the order flow, which takes its units from physical and from
    pre-occupied at once; the feed may bring it earlier, and then it waits with `applied` false, its
    units still in both. So that neither order of arrival loses or invents a unit:

    - a count's new physical = its quantity + applied movements beyond `through`
      - waiting shipments up to `through` (their delta is negative: their units are added back);
    - a shipment that is recorded only after a count that contained it (sequence <=
      counted_through) gives back what the count missed: physical + q, first off the shortfall,
      the rest to unassigned; then it waits like any other.
    """

    KEY: ClassVar[tuple[str, ...]] = ("warehouse", "sequence")

    warehouse: str
    sequence: int
    sku: str
    kind: MovementKind
    delta: int  # of physical
    reference: str  # the order, transfer or receipt that it belongs to
    at_ms: int
    applied: bool = True
