"""What synchronisation needs of the services, and where the warehouse systems are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from inventory_core.problems import Problem
from inventory_core.records import MovementKind, Warehouse
from inventory_core.services.contract import Answer
from inventory_core.services.stock_answers import StockAnswer
from inventory_core.steps import rows
from inventory_core.steps.step import Plan
from inventory_core.sync.questions import At


class Stock(Protocol):
    """Stock management, as far as warehouses are concerned. Both may be delivered twice."""

    def apply_count(
        self, cause: str, warehouse: str, sku: str, quantity: int, through: int
    ) -> Plan[StockAnswer]:
        """A warehouse counted an article, up to its movement `through`."""

    def record_movement(
        self,
        warehouse: str,
        sequence: int,
        sku: str,
        kind: MovementKind,
        delta: int,
        reference: str,
    ) -> Plan[StockAnswer]:
        """A warehouse told of a movement."""


class Shipping(Protocol):
    """The order flow, as far as warehouses are concerned."""

    def dispatch(self, order_id: str) -> Plan[Answer]:
        """Mark what the warehouses are told to ship."""

    def ship(
        self,
        order_id: str,
        warehouse: str,
        sequences: Sequence[tuple[str, int]] = (),
        shipment: str = "",
    ) -> Plan[Answer]:
        """A warehouse has shipped what it was told to."""

    def refuse_dispatch(
        self, order_id: str, warehouse: str, reason: str, shipment: str = ""
    ) -> Plan[Answer]:
        """A warehouse will not ship what it was told to."""


async def find_at(code: str) -> At:
    """Where a warehouse's system is; a problem if there is no such warehouse, or no system."""
    warehouse = await rows.Get(Warehouse, (code,))
    if warehouse is None:
        raise Problem(f"there is no warehouse {code!r}; see the list of warehouses")
    at = at_of(warehouse)
    if at is None:
        raise Problem(f"warehouse {code} has no warehouse system; set its system_url")
    return at


def at_of(warehouse: Warehouse) -> At | None:
    """The same of a warehouse that was read; None if it has no system."""
    return At(warehouse.system_url, warehouse.code) if warehouse.system_url else None


async def with_systems(most: int) -> tuple[Warehouse, ...]:
    """The warehouses that have a system."""
    return await rows.Select(Warehouse, (("system_url", "!=", ""),), limit=most)
