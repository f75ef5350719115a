"""The ledgers of a service, read back without the code under test: what the law is judged by.

Rows are read in one snapshot, through a connection and SQL of the auditor's own. Where an engine
counts a cell in keys, the keys decide, and the row that mirrors them is left out. Read those at
rest: no snapshot spans two servers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import psycopg

from inventory_core.domain import Cell
from inventory_core.domain.law import Ledger
from inventory_core.records import Kind
from inventory_core.stores.kv import RedisStore
from inventory_core.stores.service import ServiceAddress
from inventory_core.stores.sql.address import connect

_STORED = {
    "physical": "SELECT sku, warehouse, physical FROM {}.warehouse_stock",
    "pre_occupied": "SELECT sku, warehouse, pre_occupied FROM {}.warehouse_stock",
    "shortfall": "SELECT sku, warehouse, shortfall FROM {}.warehouse_stock",
    "over_promised": "SELECT sku, warehouse, over_promised FROM {}.warehouse_stock",
    "in_transit": "SELECT sku, transfer, in_transit FROM {}.transfer_line",
    "moving": "SELECT sku, move_key, quantity FROM {}.stock_move WHERE state = 'taken'",
    "allocated": """
        SELECT sku, warehouse, sum(quantity)::bigint FROM {}.allocation
        WHERE state IN ('reserved', 'dispatched') GROUP BY sku, warehouse""",
}
_UNASSIGNED = "SELECT sku, quantity FROM {}.unassigned"
_ENTRIES = "SELECT sku, kind, place, sum(delta)::bigint FROM {}.entry GROUP BY sku, kind, place"
_INTENTS = """
    SELECT DISTINCT sku, order_id FROM {0}.order_line JOIN {0}.shop_order USING (order_id)
    WHERE intent <> 'none' ORDER BY sku, order_id"""
_MOVES = """
    SELECT sku, move_key FROM {}.stock_move WHERE state IN ('asked', 'taken') ORDER BY 1, 2"""
_CELLS = "SELECT sku, place, sellable FROM {}.cell"
_OPENED = "SELECT sku, place, engine FROM {}.opened_cell"

Found = dict[str, dict[str, Any]]
"""What was found, by article and by field of a ledger."""


def read_ledgers(address: ServiceAddress) -> dict[str, Ledger]:
    """The ledger of every article that anything is known of, as it is now."""
    found: Found = defaultdict(dict)
    with connect(address.sql_url) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for field, query in _STORED.items():
            for sku, place, units in _rows(connection, address, query):
                _places(found, sku, field)[place] = units
        for sku, units in _rows(connection, address, _UNASSIGNED):
            found[sku]["unassigned"] = units
        for sku, kind, place, units in _rows(connection, address, _ENTRIES):
            found[sku].setdefault("entries", {})[Kind(kind), place] = units
        for field, query in (("intents", _INTENTS), ("moves", _MOVES)):
            for sku, name in _rows(connection, address, query):
                found[sku][field] = (*found[sku].get(field, ()), name)
        cells = _cells(connection, address)
    for (sku, place), units in cells.items():
        _places(found, sku, _field_of(place))[place] = units
    return {sku: Ledger(sku, **fields) for sku, fields in sorted(found.items())}


def _cells(
    connection: psycopg.Connection[Any], address: ServiceAddress
) -> Mapping[tuple[str, str], int]:
    """The units of every cell, added up over the engines that have it."""
    keyed = {engine: _in_keys(address, engine) for engine in address.engines_with_keys}
    engines: dict[tuple[str, str], set[str]] = defaultdict(set)
    for sku, place, engine in _rows(connection, address, _OPENED):
        engines[sku, place].add(engine)
    units: dict[tuple[str, str], int] = defaultdict(int)
    for counters in keyed.values():
        for cell, remaining in counters.items():
            units[cell.sku, cell.place] += remaining
    for sku, place, sellable in _rows(connection, address, _CELLS):
        mirrored = {name for name, counters in keyed.items() if Cell(sku, place) in counters}
        if not mirrored or engines[sku, place] - mirrored:  # a mirror is not counted twice
            units[sku, place] += sellable
    return units


def _in_keys(address: ServiceAddress, engine: str) -> Mapping[Cell, int]:
    """The counters of an engine that counts in keys; none if its keys are only locks."""
    store = RedisStore(address.kv_url, address.prefix_of(engine))
    try:
        book = store.book()
        return book.remaining if book else {}
    finally:
        store.close()


def _rows(
    connection: psycopg.Connection[Any], address: ServiceAddress, query: str
) -> list[tuple[Any, ...]]:
    return connection.execute(query.format(address.schema).encode()).fetchall()


def _places(found: Found, sku: str, field: str) -> dict[str, int]:
    places: dict[str, int] = found[sku].setdefault(field, {})
    return places


def _field_of(place: str) -> str:
    return "activity" if place.startswith("activity:") else "sellable"
