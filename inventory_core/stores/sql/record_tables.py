"""A table for every kind of record, derived from its dataclass, with the law in its constraints.

    tables = record_tables(MetaData(schema="stockproof"))
    tables[WarehouseStock]          # the SQLAlchemy table `warehouse_stock`

A field is a column of the same name: texts, whole numbers and yes-or-no as they are, an enum by its
text with a CHECK of the legal ones, tuples as JSON. The key is the primary key. The same tables
serve PostgreSQL (where the service runs), MariaDB and SQLite: texts are compared byte by byte on
all three, and on MariaDB a text that is indexed has at most 191 characters. Partial indexes are
whole ones there.

The tables are made by migrations. For tests, `creation(schema)` lists the commands that make those
of the services in a schema that is there already, beside the tables of the laboratory; the
laboratory itself has only those that strategies keep (`ENGINE_RECORDS`), because making all of them
anew for each run costs time.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from sqlalchemy import (
    VARCHAR,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects.mysql import LONGTEXT
from sqlalchemy.dialects.postgresql import dialect
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import TypeEngine

from inventory_core.records import (
    ENGINE_RECORDS,
    RECORDS,
    BuyerCount,
    Unassigned,
    WarehouseStock,
)
from inventory_core.records.engines import Account, Part, Quota, StockUnit
from inventory_core.records.laws import BOUNDS, REFERENCES, Bound
from inventory_core.stores.sql.record_indexes import INDEXES, indexed_fields

BINARY = "utf8mb4_bin"
INDEXED_MOST = 191
"""Characters of an indexed text on MariaDB: four of them fit into the longest key of InnoDB."""
ENUM_MOST = 32

HOT = frozenset({Account, BuyerCount, Part, Quota, StockUnit, Unassigned, WarehouseStock})
"""Counters that are written again and again."""


class Field(NamedTuple):
    """A field of a record as a column sees it. `kind`: str, int, bool, tuple or an enum."""

    name: str
    kind: type[Any]
    nullable: bool


@lru_cache(maxsize=256)
def fields_of(record: Any) -> tuple[Field, ...]:
    """The fields of a kind of record, in the order of its constructor."""
    hints = get_type_hints(record)
    return tuple(_field(one.name, hints[one.name]) for one in dataclasses.fields(record))


def table_name(record: type[Any]) -> str:
    """`WarehouseStock` is kept in `warehouse_stock`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", record.__name__).lower()


def record_tables(
    metadata: MetaData, kinds: Iterable[type[Any]] = (*RECORDS, *ENGINE_RECORDS)
) -> Mapping[type[Any], Table]:
    """The table of every kind of record, in that metadata (which names the schema, if any)."""
    return MappingProxyType({record: _table(record, metadata) for record in kinds})


@lru_cache(maxsize=64)
def record_tables_of(schema: str) -> Mapping[type[Any], Table]:
    """The tables of the records in a schema; the same objects for the same name."""
    return record_tables(MetaData(schema=schema))


def creation(schema: str) -> tuple[str, ...]:
    """The commands that make the services' tables in a PostgreSQL schema that is there."""
    tables = record_tables_of(schema)
    commands: list[CreateTable | CreateIndex] = []
    ours = {tables[kind] for kind in RECORDS}
    for table in (one for one in tables[RECORDS[0]].metadata.sorted_tables if one in ours):
        commands.append(CreateTable(table))
        commands.extend(CreateIndex(index) for index in sorted(table.indexes, key=_name_of))
    return tuple(_one_line(command) for command in commands)


def removal(schema: str) -> tuple[str, ...]:
    """The command that drops them again."""
    names = ", ".join(f"{schema}.{table_name(record)}" for record in RECORDS)
    return (f"DROP TABLE IF EXISTS {names}",)


# -------------------------------------------------------------------------------------- columns


def _field(name: str, hint: Any) -> Field:
    if get_origin(hint) in (Union, UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not NoneType]
        assert len(kinds) == 1, f"{name} may be one of {kinds}: which column is that?"
        return Field(name, _kind(name, kinds[0]), nullable=True)
    return Field(name, _kind(name, hint), nullable=False)


def _kind(name: str, hint: Any) -> type[Any]:
    kind = get_origin(hint) or hint
    known = kind in (str, int, bool, tuple) or (isinstance(kind, type) and issubclass(kind, Enum))
    assert known, f"the field {name} is a {hint}, and no column can hold that"
    return kind  # type: ignore[no-any-return]


def text_of(most: int | None) -> TypeEngine[str]:
    """A text compared byte by byte: the same order everywhere, and the fastest one."""
    maria = LONGTEXT(collation=BINARY) if most is None else VARCHAR(most, collation=BINARY)
    return (
        Text()
        .with_variant(Text(collation="C"), "postgresql")
        .with_variant(maria, "mysql", "mariadb")
    )


def _type(field: Field, indexed: bool) -> TypeEngine[Any]:
    if field.kind is int:
        return BigInteger()
    if field.kind is bool:
        return Boolean(create_constraint=False)
    if issubclass(field.kind, Enum):
        return text_of(ENUM_MOST)
    return text_of(INDEXED_MOST if indexed else None)


# --------------------------------------------------------------------------------------- tables


def _table(record: Any, metadata: MetaData) -> Table:
    name, indexed = table_name(record), indexed_fields(record)
    columns: list[Column[Any]] = [
        Column(
            field.name,
            _type(field, field.name in indexed),
            nullable=field.nullable,
            autoincrement=False,
        )
        for field in fields_of(record)
    ]
    # Vacuum may not lock everybody out, in the middle of a sale, to make a file shorter.
    storage: dict[str, Any] = {"vacuum_truncate": "off"}
    if record in HOT:  # free space on each page, so that a new version stays on its page
        storage["fillfactor"] = 50
    key = PrimaryKeyConstraint(*record.KEY, name=f"{name}_pkey")
    table = Table(name, metadata, *columns, key, mysql_engine="InnoDB", postgresql_with=storage)
    for constraint in (*_checks(record, table), *_references(record, metadata)):
        table.append_constraint(constraint)
    for index in INDEXES.get(record, ()):
        index.on(table)
    return table


def _checks(record: Any, table: Table) -> Iterator[CheckConstraint]:
    """Legal values of enums, and the bounds of numbers."""
    for field in fields_of(record):
        if issubclass(field.kind, Enum):
            legal = table.c[field.name].in_([member.value for member in field.kind])
            yield CheckConstraint(legal, name=f"{table.name}_{field.name}_known")
    for bound in BOUNDS.get(record, ()):
        yield from _bound(bound, table)


def _bound(bound: Bound, table: Table) -> Iterator[CheckConstraint]:
    column, name = table.c[bound.field], f"{table.name}_{bound.field}"
    yield CheckConstraint(column >= bound.least, name=f"{name}_least")
    if bound.most:
        first, *more = bound.most
        most: Any = table.c[first]
        for other in more:
            most = most + table.c[other]
        yield CheckConstraint(column <= most, name=f"{name}_most")


def _references(record: type[Any], metadata: MetaData) -> Iterator[ForeignKeyConstraint]:
    prefix = f"{metadata.schema}." if metadata.schema else ""
    for reference in REFERENCES.get(record, ()):
        parent = f"{prefix}{table_name(reference.parent)}"
        yield ForeignKeyConstraint(
            reference.fields,
            [f"{parent}.{field}" for field in reference.parent.KEY],
            name=f"{table_name(record)}_{'_'.join(reference.fields)}_fkey",
        )


def _name_of(index: Index) -> str:
    return str(index.name)


def _one_line(command: CreateTable | CreateIndex) -> str:
    compiled = command.compile(dialect=dialect())  # type: ignore[no-untyped-call]
    return " ".join(str(compiled).split())
