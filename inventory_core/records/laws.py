"""What must be true of every row by itself, whoever writes it, and which other rows it needs.

Every store enforces these: the database as checks and foreign keys, the model by itself. A row that
breaks one is refused with `ConstraintBroken`, so a plan that forgets the law cannot store it.

What is left out on purpose: journal entries, movements, buyer counts and moves reference nothing.
A foreign key is a shared lock on the row that it points to, and these are written by every buyer:
all of them would meet on the one row of their warehouse or activity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from inventory_core.records.engines import Account, Claim, Fence, Message, Part, Quota, StockUnit
from inventory_core.records.management import Act, ApiKey, FeedMark, StagedCount, SyncRun
from inventory_core.records.moves import StockMove, TransferLine, TransferOrder
from inventory_core.records.orders import Allocation, OrderLine, Return, ShopOrder
from inventory_core.records.places import Activity, ActivityQuota, BuyerCount, Channel
from inventory_core.records.warehouses import (
    Movement,
    Service,
    Unassigned,
    Warehouse,
    WarehouseStock,
)


@dataclass(frozen=True, slots=True)
class Bound:
    """A number field is at least `least`, and at most the sum of the fields `most` (if any)."""

    field: str
    least: int = 0
    most: tuple[str, ...] = ()

    def holds(self, row: Any) -> bool:
        """Does the row keep to it?"""
        value: int = getattr(row, self.field)
        if value < self.least:
            return False
        return not self.most or value <= sum(getattr(row, name) for name in self.most)


@dataclass(frozen=True, slots=True)
class Reference:
    """These fields are the key of a row of another kind, which must be there."""

    fields: tuple[str, ...]
    parent: type[Any]


def _least(least: int, *fields: str) -> tuple[Bound, ...]:
    return tuple(Bound(field, least) for field in fields)


BOUNDS: Mapping[type[Any], tuple[Bound, ...]] = MappingProxyType(
    {
        Account: _least(0, "credits", "pending", "posted"),
        Act: _least(0, "at_ms"),
        Activity: _least(0, "opens_ms", "closes_ms", "limit_per_buyer", "hold_s"),
        ActivityQuota: _least(0, "quota"),
        Allocation: _least(1, "line", "piece", "generation", "quantity"),
        ApiKey: _least(0, "created_ms", "revoked_ms"),
        BuyerCount: _least(0, "quantity"),
        Channel: _least(0, "hold_s"),
        Claim: _least(0, "generation", "pending", "at_ms"),
        FeedMark: _least(0, "read_through"),
        Fence: _least(0, "epoch", "due_ms"),
        Message: _least(0, "at_ms"),
        Movement: _least(0, "sequence"),
        OrderLine: (
            *_least(1, "line", "part", "quantity"),
            Bound("taken", most=("quantity",)),
            Bound("refunded", most=("quantity",)),
        ),
        Part: _least(0, "part", "units", "epoch"),
        Quota: _least(0, "units", "epoch", "due_ms"),
        Return: _least(1, "line", "quantity"),
        Service: _least(0, "rank", "transit_days", "parcel_cost_cents"),
        ShopOrder: _least(0, "generation", "hold_s", "due_ms", "placed_ms", "intent_ms"),
        StagedCount: _least(0, "quantity", "through"),
        StockMove: _least(0, "quantity"),
        StockUnit: (*_least(0, "unit", "generation"), Bound("free")),
        SyncRun: _least(0, "pages", "staged", "applied", "changed", "stale", "absent"),
        TransferLine: (
            *_least(1, "quantity"),
            Bound("in_transit", most=("quantity",)),
            Bound("received"),
        ),
        TransferOrder: _least(0, "created_ms", "due_ms"),
        Unassigned: _least(0, "quantity"),
        Warehouse: _least(0, "handling_cost_cents"),
        WarehouseStock: (
            *_least(0, "physical", "shortfall", "over_promised", "counted_through"),
            Bound("pre_occupied", most=("physical", "over_promised")),
        ),
    }
)
"""What the numbers of a row must keep to, by its kind; a kind that is not here has no bound."""

REFERENCES: Mapping[type[Any], tuple[Reference, ...]] = MappingProxyType(
    {
        Activity: (Reference(("channel",), Channel),),
        ActivityQuota: (Reference(("activity",), Activity),),
        Allocation: (Reference(("order_id", "line"), OrderLine),),
        OrderLine: (Reference(("order_id",), ShopOrder),),
        Return: (Reference(("order_id", "line"), OrderLine),),
        Service: (Reference(("warehouse",), Warehouse),),
        StagedCount: (Reference(("run",), SyncRun),),
        TransferLine: (Reference(("transfer",), TransferOrder),),
        TransferOrder: (Reference(("source",), Warehouse), Reference(("target",), Warehouse)),
        WarehouseStock: (Reference(("warehouse",), Warehouse),),
    }
)
"""The rows that a row of a kind needs; they can only be removed after it."""


def lawful(row: Any) -> bool:
    """Does a row keep to every bound of its kind?"""
    return all(bound.holds(row) for bound in BOUNDS.get(type(row), ()))
