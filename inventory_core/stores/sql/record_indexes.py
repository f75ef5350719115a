"""The ways, beside the key, in which rows of records are looked for: each is an index.

A partial index holds only the rows that somebody waits for (holds that may expire, intents, moves
under way), so it stays small however many orders there have been. A statement uses it only if it
names the same state in so many words: `record_statements` writes enums into the SQL for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import Index, Table, and_, false, literal_column

from inventory_core.records import (
    Act,
    Activity,
    Allocation,
    Entry,
    Intent,
    Movement,
    MoveState,
    OrderLine,
    OrderState,
    Restriction,
    Return,
    Service,
    ShopOrder,
    StagedCount,
    StockMove,
    SyncRun,
    TransferOrder,
    WarehouseStock,
)
from inventory_core.records.engines import Message, StockUnit
from inventory_core.records.laws import REFERENCES


@dataclass(frozen=True, slots=True)
class Way:
    """An index on these fields; with `only`, of the rows whose field has one of the values.

    `other` turns `only` around: of the rows whose field has none of them.
    """

    fields: tuple[str, ...]
    only: tuple[str, tuple[Any, ...]] | None = None
    other: bool = False

    def on(self, table: Table) -> Index:
        """The index, as a part of the table."""
        name = f"{table.name}_by_{'_'.join(self.fields)}"
        where = self._where(table)
        columns = [table.c[field] for field in self.fields]
        return Index(name, *columns, postgresql_where=where, sqlite_where=where)

    def _where(self, table: Table) -> Any:
        if self.only is None:
            return None
        field, values = self.only
        column = table.c[field]
        if values == (False,):
            return column == false()
        constants: list[Any] = [literal_column(f"'{value.value}'") for value in values]
        if self.other:
            return and_(*[column != constant for constant in constants])
        return column == constants[0] if len(constants) == 1 else column.in_(constants)


INDEXES: Mapping[type[Any], tuple[Way, ...]] = MappingProxyType(
    {
        Act: (Way(("at_ms", "act_id")),),
        Activity: (Way(("channel",)),),
        Allocation: (Way(("warehouse", "state")),),
        Entry: (Way(("sku", "kind", "place")),),
        Message: (Way(("queue", "at_ms", "message_key"), ("done", (False,))),),
        Movement: (
            Way(("warehouse", "sku", "sequence")),
            Way(("warehouse", "reference"), ("applied", (False,))),
        ),
        OrderLine: (Way(("sku",)),),
        Restriction: (Way(("sku",)),),
        Return: (Way(("order_id", "line")),),
        Service: (Way(("region",)),),
        ShopOrder: (
            Way(("due_ms", "order_id"), ("state", (OrderState.HELD,))),
            Way(("placed_ms", "order_id"), ("state", (OrderState.PAID, OrderState.PART_SHIPPED))),
            Way(("intent_ms", "order_id"), ("intent", (Intent.NONE,)), other=True),
        ),
        StockUnit: (Way(("sku", "place", "free", "unit")), Way(("owner", "generation"))),
        StagedCount: (Way(("run", "sku"), ("applied", (False,))),),
        StockMove: (
            Way(("at_ms", "move_key"), ("state", (MoveState.ASKED, MoveState.TAKEN))),
            Way(("sku",)),
        ),
        SyncRun: (Way(("warehouse", "started_ms")),),
        TransferOrder: (Way(("source",)), Way(("target",))),
        WarehouseStock: (Way(("warehouse", "sku")),),
    }
)


def indexed_fields(record: type[Any]) -> frozenset[str]:
    """Fields of the key, of an index, or of a reference: MariaDB wants a length for these."""
    ways = [way.fields for way in INDEXES.get(record, ())]
    references = [reference.fields for reference in REFERENCES.get(record, ())]
    return frozenset(record.KEY).union(*ways, *references)
