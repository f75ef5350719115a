"""Units on their way: between cells of engines, and between warehouses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class MoveState(Enum):
    """How far a move is. In `TAKEN` its units lie in no cell: the audit counts them here."""

    ASKED = "asked"
    TAKEN = "taken"
    GIVEN = "given"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class StockMove:
    """Units from one place to another, across engines: taken under a key, given under a key.

    Places: `unassigned`, `channel:CODE`, `activity:CODE`, `shortfall:WAREHOUSE` (target only), and
    `order:ORDER_ID` (source only: a refund in part, whose units are in no cell already). A move of
    `everything` drains its source: the quantity is known once it is taken.
    """

    KEY: ClassVar[tuple[str, ...]] = ("move_key",)

    move_key: str
    sku: str
    source: str
    target: str
    quantity: int
    everything: bool
    state: MoveState
    reason: str
    at_ms: int


class TransferState(Enum):
    """Where the units of a transfer order are."""

    PLANNED = "planned"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """Units from one warehouse to another."""

    KEY: ClassVar[tuple[str, ...]] = ("code",)

    code: str
    source: str
    target: str
    state: TransferState
    created_ms: int
    due_ms: int


@dataclass(frozen=True, slots=True)
class TransferLine:
    """An article of a transfer order; `in_transit` is the stored quantity of the law."""

    KEY: ClassVar[tuple[str, ...]] = ("transfer", "sku")

    transfer: str
    sku: str
    quantity: int
    in_transit: int = 0
    received: int = 0
