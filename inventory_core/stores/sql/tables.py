"""The rows that the steps speak of, as tables of one schema: counters, holds, log, tasks, journal.

Beside them stand the tables of what strategies keep elsewhere (`ENGINE_RECORDS`).

There is no foreign key on purpose. From log to hold it would lock and mark the hold once more for
every line; from log to cell every buyer of a hot cell would share a lock on its row with all the
others. That every log row has its hold and every unit its journal entry is what the audit checks.
"""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    MetaData,
    Table,
    false,
    text,
)
from sqlalchemy.dialects.mysql import DATETIME
from sqlalchemy.schema import SchemaItem

from inventory_core.domain import HoldState
from inventory_core.records import ENGINE_RECORDS
from inventory_core.stores.sql.record_tables import INDEXED_MOST, record_tables, text_of

WORD_MOST = 500
"""Characters of a text that is no key on MariaDB."""

_STATES = ", ".join(f"'{state.value}'" for state in HoldState)


class Tables:
    """The five tables, in the schema of that name, and those of the strategies' own rows."""

    def __init__(self, schema: str) -> None:
        self.schema = schema
        self.metadata = MetaData(schema=schema)
        self.cell = self._table("cell", *_CELL(), fillfactor=50)
        self.hold = self._table("hold", *_HOLD())
        self.deduction_log = self._table("deduction_log", *_DEDUCTION_LOG())
        self.stock_task = self._table("stock_task", *_STOCK_TASK())
        self.adjustment = self._table("adjustment", *_ADJUSTMENT())
        self.engines = record_tables(self.metadata, ENGINE_RECORDS)

    def _table(self, name: str, *columns: SchemaItem, **storage: object) -> Table:
        """Vacuum may not lock everybody out, in the middle of a sale, to make a file shorter."""
        storage["vacuum_truncate"] = "off"
        return Table(name, self.metadata, *columns, postgresql_with=storage)


@lru_cache(maxsize=64)
def tables_of(schema: str) -> Tables:
    """The tables of a schema; the same object for the same name."""
    return Tables(schema)


def _word(name: str, *, key: bool = False) -> Column[str]:
    """A text compared byte by byte: the same order everywhere, and the fastest one."""
    most = INDEXED_MOST if key else WORD_MOST
    return Column(name, text_of(most), primary_key=key, nullable=False)


def _count(name: str, least: int | None, *, key: bool = False) -> tuple[SchemaItem, ...]:
    """A whole number, with the least value that makes sense."""
    column: Column[int] = Column(
        name, BigInteger, primary_key=key, autoincrement=False, nullable=False
    )
    return (column,) if least is None else (column, CheckConstraint(f"{name} >= {least}"))


def _state() -> tuple[SchemaItem, ...]:
    return (_word("state"), CheckConstraint(f"state IN ({_STATES})"))


def _CELL() -> tuple[SchemaItem, ...]:  # noqa: N802 - named for its table
    """Half of each page is left free, so that a hot counter's new version stays on its page."""
    keys = (_word("sku", key=True), _word("place", key=True))
    return (*keys, *_count("sellable", 0), *_count("version", 0))


def _HOLD() -> tuple[SchemaItem, ...]:  # noqa: N802
    """`attempts` counts who came for the number: 1 says that this statement wrote the row."""
    moment = DateTime(timezone=True).with_variant(DATETIME(fsp=6), "mysql", "mariadb")
    due: Column[object] = Column("due_at", moment)  # a tombstone has none
    counts = (*_count("generation", 1), *_count("attempts", 1))
    waiting = Index("hold_due", "due_at", "order_number", postgresql_where=text("state = 'held'"))
    words = (_word("order_number", key=True), _word("fingerprint"), _word("buyer"))
    return (*words, *_state(), *counts, due, waiting)


def _DEDUCTION_LOG() -> tuple[SchemaItem, ...]:  # noqa: N802
    """One row an order line and generation; rows are kept and change their state."""
    keys = (_word("order_number", key=True), *_count("generation", 1, key=True))
    where = (_word("sku"), _word("place"))
    return (*keys, *_count("line", 1, key=True), *where, *_count("quantity", 1), *_state())


def _STOCK_TASK() -> tuple[SchemaItem, ...]:  # noqa: N802
    """Rows are kept when they are done; the index holds only those that wait."""
    task_id: Column[int] = Column("id", BigInteger, Identity(always=True), primary_key=True)
    change = (_word("order_number"), *_count("generation", 0), _word("sku"), _word("place"))
    done: Column[bool] = Column("done", Boolean, nullable=False, server_default=false())
    waiting = Index("stock_task_waiting", "id", postgresql_where=text("NOT done"))
    return (task_id, *change, *_count("delta", None), done, waiting)


def _ADJUSTMENT() -> tuple[SchemaItem, ...]:  # noqa: N802
    """The journal: openings and corrections. `attempts` is what it is for a hold."""
    what = (_word("adjustment_key", key=True), _word("sku"), _word("place"))
    return (*what, *_count("delta", None), _word("reason"), *_count("attempts", 1))
