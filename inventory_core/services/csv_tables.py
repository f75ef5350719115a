"""The tables that go in and out as CSV: their columns, named as the fields of the records.

warehouses  services  restrictions  channels      the rows, as they shall be
physical    warehouse, sku, physical              what lies on a shelf
sellable    channel, sku, sellable                what a channel may still promise

A file says what its rows shall be; rows that it does not name are left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from inventory_core.problems import Problem
from inventory_core.records import (
    Channel,
    DeductAt,
    Restriction,
    RestrictionKind,
    Service,
    Warehouse,
    WarehouseKind,
    WarehouseStatus,
)
from inventory_core.services.csv_columns import (
    TIME_MOST_MS,
    Column,
    code,
    matching,
    one_of,
    region,
    text,
    time_of_day,
    whole,
    yes_or_no,
)

LINES_MOST = 2_000
"""Lines of one file after its header; more are sent in several files."""
CENTS_MOST = 10_000_000
HOLD_MOST_S = 2_592_000


@dataclass(frozen=True, slots=True)
class Physical:
    """A line of `physical`: the units of an article on a warehouse's shelf."""

    KEY = ("warehouse", "sku")

    warehouse: str
    sku: str
    physical: int


@dataclass(frozen=True, slots=True)
class Sellable:
    """A line of `sellable`: the units of an article that a channel may still promise."""

    KEY = ("channel", "sku")

    channel: str
    sku: str
    sellable: int


CsvRow = Warehouse | Service | Restriction | Channel | Physical | Sellable


def _nothing_more(_: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A table: what a line is, its columns, and what must fit together within a line."""

    name: str
    kind: type[CsvRow]
    columns: tuple[Column, ...]
    wrong: Callable[[Any], str] = _nothing_more  # a sentence; empty if it fits

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        return tuple(column.name for column in self.columns)

    def key_of(self, row: CsvRow) -> tuple[str, ...]:
        """What names a line: no two lines of a file have the same."""
        return tuple(str(getattr(row, name)) for name in self.kind.KEY)


def table(what: str) -> CsvTable:
    """A table by its name; a `Problem` if there is none."""
    try:
        return TABLES[what]
    except KeyError:
        known = ", ".join(TABLES)
        raise Problem(f"there is no table {what!r}; choose among {known}") from None


def _wrong_window(row: Restriction) -> str:
    if row.kind is RestrictionKind.DAILY and not (row.from_time and row.until_time):
        return "a daily restriction needs both times; write from_time and until_time"
    if row.until_ms and row.from_ms >= row.until_ms:
        return "the window ends before it begins; write a later until_ms, or 0"
    return ""


_WAREHOUSES = CsvTable(
    "warehouses",
    Warehouse,
    (
        code("code"),
        text("name"),
        one_of("kind", WarehouseKind),
        region("address"),
        yes_or_no("backup"),
        one_of("status", WarehouseStatus),
        time_of_day("cut_off"),
        whole("utc_offset_min", -840, 840),
        whole("handling_cost_cents", 0, CENTS_MOST),
        matching(
            "system_url", r"https?://[A-Za-z0-9._:\[\]/-]+", 200, "http://wms:8080", empty=True
        ),
    ),
)
_SERVICES = CsvTable(
    "services",
    Service,
    (
        code("warehouse"),
        region("region"),
        whole("rank", 1, 1_000),
        whole("transit_days", 0, 365),
        whole("parcel_cost_cents", 0, CENTS_MOST),
    ),
)
_RESTRICTIONS = CsvTable(
    "restrictions",
    Restriction,
    (
        code("code"),
        one_of("kind", RestrictionKind),
        code("sku", empty=True),
        region("region", empty=True),
        whole("from_ms", 0, TIME_MOST_MS),
        whole("until_ms", 0, TIME_MOST_MS),
        time_of_day("from_time", empty=True),
        time_of_day("until_time", empty=True),
        text("reason"),
    ),
    _wrong_window,
)
_CHANNELS = CsvTable(
    "channels",
    Channel,
    (
        code("code"),
        text("name"),
        text("engine"),
        one_of("deduct_at", DeductAt),
        whole("hold_s", 1, HOLD_MOST_S),
        text("sourcing"),
        yes_or_no("may_split"),
        whole("reclaim", 0, 1_000),
        yes_or_no("active"),
    ),
)
_PHYSICAL = CsvTable("physical", Physical, (code("warehouse"), code("sku"), whole("physical")))
_SELLABLE = CsvTable("sellable", Sellable, (code("channel"), code("sku"), whole("sellable")))

TABLES: Mapping[str, CsvTable] = MappingProxyType(
    {
        one.name: one
        for one in (_WAREHOUSES, _SERVICES, _RESTRICTIONS, _CHANNELS, _PHYSICAL, _SELLABLE)
    }
)
"""Every table, in the order in which an empty service takes them."""
