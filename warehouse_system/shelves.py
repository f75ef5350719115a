"""Moving shelves: each movement takes the next number in the transaction that moves the shelf."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from warehouse_system import schema
from warehouse_system.problems import mismatched, refused, unknown
from warehouse_system.wire import Kind, Moved, MovementOut, Refusing, WarehouseOut


@dataclass(frozen=True, slots=True)
class Order:
    """A document to carry out: what becomes of each article's shelf, under a reference."""

    warehouse: str
    kind: Kind
    reference: str
    deltas: Mapping[str, int]

    @classmethod
    def of(
        cls, warehouse: str, kind: Kind, reference: str, lines: Iterable[tuple[str, int]]
    ) -> Order:
        """Lines added up by article, in the order of their names."""
        deltas: dict[str, int] = {}
        for sku, quantity in lines:
            deltas[sku] = deltas.get(sku, 0) + quantity * kind.sign
        return cls(warehouse, kind, reference, dict(sorted(deltas.items())))

    @property
    def fingerprint(self) -> str:
        """Tells whether a second delivery says the same."""
        return hashlib.sha256(json.dumps(list(self.deltas.items())).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a document. `first`: just now, and not under an earlier delivery."""

    moved: Moved
    first: bool
    refusal: str  # why not; empty: it was done


def carry_out(connection: Connection, order: Order) -> Decision:
    """Move the shelves, or answer as the first delivery was answered.

    A refused shipment is remembered (the caller commits that): whoever was told no has sent the
    order elsewhere, so the same reference must never be told yes. Other documents leave no trace
    when they are refused, and may be tried again.
    """
    house = find(connection, order.warehouse)
    before = _decided_before(connection, order)
    if before is not None:
        return before
    why = _refusal(house, order) or _missing(connection, order)
    if why and order.kind is not Kind.SHIPMENT:
        raise refused(why)
    _remember(connection, order, why)
    movements = [] if why else _move(connection, order)
    return Decision(Moved(reference=order.reference, movements=movements), True, why)


def find(connection: Connection, code: str) -> WarehouseOut:
    """The warehouse, or the problem that there is none."""
    row = connection.execute(
        select(schema.warehouse).where(schema.warehouse.c.code == code)
    ).one_or_none()
    if row is None:
        raise unknown("warehouse", code, "here")
    return _warehouse_out(row)


def _warehouse_out(row: Row[Any]) -> WarehouseOut:
    skus = json.loads(row.refused_skus)
    return WarehouseOut(
        code=row.code,
        last=row.last_sequence,
        refusing=Refusing(refusing=row.refusing, reason=row.reason, skus=skus),
    )


def all_warehouses(connection: Connection) -> list[WarehouseOut]:
    """Every warehouse of this system."""
    return [_warehouse_out(row) for row in connection.execute(select(schema.warehouse))]


def moved_by(connection: Connection, warehouse: str, kind: Kind, reference: str) -> Moved:
    """What a document has moved, read back."""
    table = schema.movement
    rows = connection.execute(
        select(table)
        .where(table.c.warehouse == warehouse)
        .where(table.c.kind == kind.value)
        .where(table.c.reference == reference)
        .order_by(table.c.sequence)
    )
    return Moved(reference=reference, movements=[movement_out(row) for row in rows])


def movement_out(row: object) -> MovementOut:
    """A row of the table as it goes over the wire."""
    return MovementOut.model_validate(row, from_attributes=True)


def refuse(connection: Connection, code: str, refusing: Refusing) -> WarehouseOut:
    """Set whether the warehouse refuses shipments."""
    find(connection, code)
    connection.execute(
        update(schema.warehouse)
        .where(schema.warehouse.c.code == code)
        .values(
            refusing=refusing.refusing,
            reason=refusing.reason,
            refused_skus=json.dumps(refusing.skus),
        )
    )
    return find(connection, code)


def open_warehouse(connection: Connection, code: str) -> None:
    """Make the warehouse if it is not there."""
    connection.execute(insert_or(schema.warehouse).values(code=code).on_conflict_do_nothing())


def shipment_of(connection: Connection, warehouse: str, reference: str) -> Moved:
    """What was decided on a shipment; the problem that it was refused, or never came."""
    find(connection, warehouse)
    known = _document(connection, warehouse, Kind.SHIPMENT, reference)
    if known is None:
        raise unknown("shipment", reference, f"in warehouse {warehouse!r}")
    if known.refusal:
        raise refused(known.refusal)
    return moved_by(connection, warehouse, Kind.SHIPMENT, reference)


def _document(connection: Connection, warehouse: str, kind: Kind, reference: str) -> Any:
    """The row of a document, or None."""
    table = schema.document
    return connection.execute(
        select(table.c.fingerprint, table.c.refusal)
        .where(table.c.warehouse == warehouse)
        .where(table.c.kind == kind.value)
        .where(table.c.reference == reference)
    ).one_or_none()


def _decided_before(connection: Connection, order: Order) -> Decision | None:
    known = _document(connection, order.warehouse, order.kind, order.reference)
    if known is None:
        return None
    if known.fingerprint != order.fingerprint:
        raise mismatched(order.kind.value.replace("_", " "), order.reference)
    moved = moved_by(connection, order.warehouse, order.kind, order.reference)
    return Decision(moved, False, known.refusal)


def _refusal(house: WarehouseOut, order: Order) -> str:
    """The warehouse's own will: only shipments are refused by it."""
    switch = house.refusing
    if order.kind is not Kind.SHIPMENT or not switch.refusing:
        return ""
    if switch.skus and not set(switch.skus) & set(order.deltas):
        return ""
    return switch.reason or f"warehouse {house.code} takes no shipments just now"


def _missing(connection: Connection, order: Order) -> str:
    for sku, delta in order.deltas.items():
        if delta >= 0:
            continue
        there = quantity_of(connection, order.warehouse, sku) or 0
        if there + delta < 0:
            return f"there are {there} of {sku} on the shelf, and {-delta} are asked for"
    return ""


def quantity_of(connection: Connection, warehouse: str, sku: str) -> int | None:
    """What lies on a shelf now; None if there is no such shelf."""
    table = schema.shelf
    return connection.execute(
        select(table.c.quantity).where(table.c.warehouse == warehouse).where(table.c.sku == sku)
    ).scalar_one_or_none()


def _remember(connection: Connection, order: Order, refusal: str) -> None:
    connection.execute(
        insert(schema.document).values(
            warehouse=order.warehouse,
            kind=order.kind.value,
            reference=order.reference,
            fingerprint=order.fingerprint,
            refusal=refusal,
        )
    )


def _move(connection: Connection, order: Order) -> list[MovementOut]:
    last = connection.execute(
        update(schema.warehouse)
        .where(schema.warehouse.c.code == order.warehouse)
        .values(last_sequence=schema.warehouse.c.last_sequence + len(order.deltas))
        .returning(schema.warehouse.c.last_sequence)
    ).scalar_one()
    at_ms = int(time.time() * 1000)
    moved = []
    for sequence, (sku, delta) in enumerate(order.deltas.items(), last - len(order.deltas) + 1):
        quantity = _put(connection, order.warehouse, sku, delta)
        moved.append(
            MovementOut(
                sequence=sequence,
                sku=sku,
                kind=order.kind,
                delta=delta,
                quantity=quantity,
                reference=order.reference,
                at_ms=at_ms,
            )
        )
    connection.execute(
        insert(schema.movement),
        [{"warehouse": order.warehouse, **each.model_dump(mode="json")} for each in moved],
    )
    return moved


def _put(connection: Connection, warehouse: str, sku: str, delta: int) -> int:
    """Change a shelf (it comes to be with its first movement); what lies on it afterwards."""
    new = insert_or(schema.shelf).values(warehouse=warehouse, sku=sku, quantity=max(delta, 0))
    quantity: int = connection.execute(
        new.on_conflict_do_update(
            index_elements=["warehouse", "sku"], set_={"quantity": schema.shelf.c.quantity + delta}
        ).returning(schema.shelf.c.quantity)
    ).scalar_one()
    return quantity
