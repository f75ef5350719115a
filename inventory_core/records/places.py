"""Where units are sold from: channels, and the activities that they set units aside for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class DeductAt(Enum):
    """When an order takes its units."""

    ORDER = "order"  # held from the order on, given back if it is not paid in time
    PAYMENT = "payment"  # placed unheld; payment first deducts, and only then captures


class ActivityState(Enum):
    """Where an activity stands. Closing: no new orders; those under way are still settled."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Channel:
    """A sales channel. Its sellable stock lies in the cells `channel:CODE` of its engine.

    `reclaim` is its turn (lowest first) when a shortfall takes promised units back.
    """

    KEY: ClassVar[tuple[str, ...]] = ("code",)

    code: str
    name: str
    engine: str  # the name of a registered strategy
    deduct_at: DeductAt = DeductAt.ORDER
    hold_s: int = 900
    sourcing: str = "nearest"  # the name of a registered sourcing strategy
    may_split: bool = True  # may a line come from two warehouses?
    reclaim: int = 0
    active: bool = True

    @property
    def place(self) -> str:
        """The place of its cells."""
        return f"channel:{self.code}"


@dataclass(frozen=True, slots=True)
class Activity:
    """Units set aside for one campaign, in the cells `activity:CODE` of its engine.

    The window is [opens_ms, closes_ms). `limit_per_buyer` counts units over all articles of the
    activity, parallel orders included; 0 is no limit.
    """

    KEY: ClassVar[tuple[str, ...]] = ("code",)

    code: str
    name: str
    channel: str  # where its units come from and its remainder returns to
    engine: str
    opens_ms: int
    closes_ms: int
    limit_per_buyer: int = 0
    deduct_at: DeductAt = DeductAt.ORDER
    hold_s: int = 900
    state: ActivityState = ActivityState.PLANNED

    @property
    def place(self) -> str:
        """The place of its cells."""
        return f"activity:{self.code}"


@dataclass(frozen=True, slots=True)
class ActivityQuota:
    """How many units of an article an activity was given in all."""

    KEY: ClassVar[tuple[str, ...]] = ("activity", "sku")

    activity: str
    sku: str
    quota: int


@dataclass(frozen=True, slots=True)
class BuyerCount:
    """How many units of an activity a buyer has taken and not given back."""

    KEY: ClassVar[tuple[str, ...]] = ("activity", "buyer")

    activity: str
    buyer: str
    quantity: int


@dataclass(frozen=True, slots=True)
class OpenedCell:
    """That an engine has a cell: it was opened there once, and units may lie in it.

    Rows are kept when a place changes its engine, so that nothing that comes back late to the old
    one is out of sight.
    """

    KEY: ClassVar[tuple[str, ...]] = ("engine", "sku", "place")

    engine: str
    sku: str
    place: str
