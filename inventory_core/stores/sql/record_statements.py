"""Statements on records: one for every shape of a step, compiled when it is first asked for.

    statement = record_statement("stockproof", rows.Get(Channel, ("web",)))
    connection.execute(statement.name, statement.encode(step)); statement.decode(result)

A shape is what decides the SQL: the kind of step and record, and which fields a change or a
condition names. There are a few dozen in all, so a connection prepares each when it first needs it,
under the statement's name, which is the same in every process. No I/O here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    Table,
    and_,
    cast,
    column,
    delete,
    extract,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import ClauseElement

from inventory_core.steps import rows
from inventory_core.steps.step import Step
from inventory_core.stores.sql.encoding import Result, nothing, took, whole
from inventory_core.stores.sql.record_codec import (
    codecs_of,
    key_codecs,
    reader_of,
    values_of,
)
from inventory_core.stores.sql.record_selects import SelectShape
from inventory_core.stores.sql.record_tables import record_tables_of
from inventory_core.stores.sql.statement import NUMBER, ZERO, Fields, Parameters, Statement

SHAPES_MOST = 1_024


class Shape(Hashable, Protocol):
    """What decides the SQL of a step on records; a value, so that equal ones are found again."""

    def statement(self, tables: Mapping[type[Any], Table]) -> Statement:
        """The statement of that shape, under a name that others may share."""


def record_statement(schema: str, step: Step[Any]) -> Statement:
    """The statement that a step on records asks, on the tables of that schema."""
    return _compiled(schema, _SHAPES[type(step)](step))


@lru_cache(maxsize=SHAPES_MOST)
def _compiled(schema: str, shape: Shape) -> Statement:
    """Compiled once a process. The name stays below the 63 bytes that the server tells apart."""
    statement = shape.statement(record_tables_of(schema))
    digest = sha256(statement.sql).hexdigest()[:16].encode()
    return replace(statement, name=statement.name + b" " + digest)


def _by_key(table: Table, fields: Fields, key: tuple[str, ...]) -> Any:
    return and_(*[table.c[name] == fields[f"key_{name}"] for name in key])


def _key_types(kind: Any) -> dict[str, Any]:
    return {f"key_{codec.field.name}": codec.type for codec in key_codecs(kind)}


def _key_writer(kind: Any) -> Callable[[Any], Parameters]:
    writes = tuple(codec.write for codec in key_codecs(kind))

    def write(step: Any) -> Parameters:
        key = step.key
        assert len(key) == len(writes), f"{key} is no key of a {kind.__name__}: it has {kind.KEY}"
        return tuple([write(value) for write, value in zip(writes, key, strict=True)])

    return write


@dataclass(frozen=True, slots=True)
class WholeShape:
    """Insert, InsertAll, Get, Lock, Put, PutAll, Remove: shaped by the kind of record alone."""

    step: type[Step[Any]]
    kind: Any

    def statement(self, tables: Mapping[type[Any], Table]) -> Statement:
        """The statement of that shape."""
        return _WHOLE[self.step](tables[self.kind], self.kind)


@dataclass(frozen=True, slots=True)
class AddShape:
    """Shaped by the fields that change, and by what bounds them: a field, or None: a number."""

    kind: Any
    changes: tuple[str, ...]
    within: tuple[tuple[str, str | None], ...]

    def statement(self, tables: Mapping[type[Any], Table]) -> Statement:
        """The UPDATE. Its WHERE holds every bound: a CHECK would be an error, not an answer."""
        assert len(set(self.changes)) == len(self.changes), f"{self.changes}: one change a field"
        table = tables[self.kind]
        by = {f"by_{name}": NUMBER for name in self.changes}
        most = {f"most_{at}": NUMBER for at, (_, field) in enumerate(self.within) if field is None}
        fields = Fields(**_key_types(self.kind), **by, **most)
        after = {name: table.c[name] + fields[f"by_{name}"] for name in self.changes}
        bounds = [new >= ZERO for new in after.values()]
        for at, (name, field) in enumerate(self.within):
            limit = fields[f"most_{at}"] if field is None else after.get(field, table.c[field])
            bounds.append(after.get(name, table.c[name]) <= limit)
        here = _by_key(table, fields, self.kind.KEY)
        clause = update(table).where(here, *bounds).values(after)
        return _named(rows.Add, self.kind, fields, clause, self._writer(), took)

    def _writer(self) -> Callable[[rows.Add], Parameters]:
        key = _key_writer(self.kind)

        def write(step: rows.Add) -> Parameters:
            by = [b"%d" % delta for _, delta in step.changes]
            most = [b"%d" % limit for _, limit in step.within if not isinstance(limit, str)]
            return (*key(step), *by, *most)

        return write


@dataclass(frozen=True, slots=True)
class ClockShape:
    """There is only one."""

    def statement(self, _: Mapping[type[Any], Table]) -> Statement:
        """Milliseconds that are over, of this very moment and not of the transaction's start."""
        now_s: Any = extract("epoch", func.clock_timestamp())
        clause = select(cast(func.floor(now_s * literal_column("1000")), BigInteger))
        fields = Fields()
        return fields.statement(rows.StoreClock, clause, lambda _: (), _only_number)


def _only_number(result: Result) -> int:
    return whole(result, 0, 0)


def _named(
    step: type[Step[Any]],
    kind: Any,
    fields: Fields,
    clause: ClauseElement,
    encode: Callable[[Any], Parameters],
    decode: Callable[[Result], Any],
) -> Statement:
    statement = fields.statement(step, clause, encode, decode)
    return replace(statement, name=f"{step.__name__} {kind.__name__}".encode())


# ------------------------------------------------------------------------------------ whole rows


def _insert(table: Table, kind: Any) -> Statement:
    codecs = codecs_of(kind)
    fields = Fields(**{f"new_{name}": codec.type for name, codec in codecs.items()})
    values = {name: fields[f"new_{name}"] for name in codecs}
    clause = insert(table).values(values).on_conflict_do_nothing()
    return _named(rows.Insert, kind, fields, clause, _row_writer(kind, tuple(codecs)), took)


def _row_writer(kind: Any, names: tuple[str, ...]) -> Callable[[Any], Parameters]:
    writes, values = tuple(codecs_of(kind)[name].write for name in names), values_of(names)

    def write(step: rows.Insert | rows.Put) -> Parameters:
        found = zip(writes, values(step.row), strict=True)
        return tuple([write(value) for write, value in found])

    return write


def _insert_all(table: Table, kind: Any) -> Statement:
    """The rows in their order."""
    fields, new, write = _rows_of(kind)
    names = tuple(codecs_of(kind))
    picked = select(*[new.c[f"new_{name}"] for name in names]).order_by(new.c.place)
    clause = insert(table).from_select(list(names), picked)
    return _named(rows.InsertAll, kind, fields, clause, write, nothing)


def _rows_of(kind: Any) -> tuple[Fields, Any, Callable[[Any], Parameters]]:
    """Each field of all rows is one array; side by side they are rows again, numbered."""
    codecs = codecs_of(kind)
    fields = Fields(**{f"new_{name}": codec.array for name, codec in codecs.items()})
    columns = [column(f"new_{name}", codec.type) for name, codec in codecs.items()]
    arrays = func.unnest(*[fields[f"new_{name}"] for name in codecs])
    new = arrays.table_valued(*columns, with_ordinality="place").render_derived("new")
    writes = tuple(codec.write_all for codec in codecs.values())
    values = values_of(tuple(codecs))

    def write(step: rows.InsertAll | rows.PutAll) -> Parameters:
        of_all = zip(*map(values, step.rows), strict=True)
        return tuple([write(every) for write, every in zip(writes, of_all, strict=True)])

    return fields, new, write


def _get(table: Table, kind: Any) -> Statement:
    fields = Fields(**_key_types(kind))
    clause = select(table).where(_by_key(table, fields, kind.KEY))
    return _named(rows.Get, kind, fields, clause, _key_writer(kind), _row_or_none(kind))


def _lock(table: Table, kind: Any) -> Statement:
    """Keys never change, so whoever only refers to the row need not wait."""
    fields = Fields(**_key_types(kind))
    clause = select(table).where(_by_key(table, fields, kind.KEY)).with_for_update(key_share=True)
    return _named(rows.Lock, kind, fields, clause, _key_writer(kind), _row_or_none(kind))


def _row_or_none(kind: Any) -> Callable[[Result], Any]:
    read = reader_of(kind)
    return lambda result: read(result)[0] if result.ntuples else None


def _put(table: Table, kind: Any) -> Statement:
    codecs = codecs_of(kind)
    others = tuple(name for name in codecs if name not in kind.KEY)
    new = {f"new_{name}": codecs[name].type for name in others}
    fields = Fields(**_key_types(kind), **new)
    values = {name: fields[f"new_{name}"] for name in others}
    same = {kind.KEY[0]: table.c[kind.KEY[0]]}  # of a record that is all key
    clause = update(table).where(_by_key(table, fields, kind.KEY)).values(values or same)
    writer = _row_writer(kind, (*kind.KEY, *others))
    return _named(rows.Put, kind, fields, clause, writer, took)


def _put_all(table: Table, kind: Any) -> Statement:
    """The rows as arrays, side by side, each joined to the one that it replaces by its key."""
    fields, new, write = _rows_of(kind)
    others = [name for name in codecs_of(kind) if name not in kind.KEY] or [kind.KEY[0]]
    here = and_(*[table.c[name] == new.c[f"new_{name}"] for name in kind.KEY])
    values = {name: new.c[f"new_{name}"] for name in others}
    clause = update(table).where(here).values(values)
    return _named(rows.PutAll, kind, fields, clause, write, nothing)


def _remove(table: Table, kind: Any) -> Statement:
    fields = Fields(**_key_types(kind))
    clause = delete(table).where(_by_key(table, fields, kind.KEY))
    return _named(rows.Remove, kind, fields, clause, _key_writer(kind), took)


_WHOLE: Mapping[type[Step[Any]], Callable[[Table, Any], Statement]] = {
    rows.Insert: _insert,
    rows.InsertAll: _insert_all,
    rows.Get: _get,
    rows.Lock: _lock,
    rows.Put: _put,
    rows.PutAll: _put_all,
    rows.Remove: _remove,
}


def _shape_of_add(step: rows.Add) -> Shape:
    within = tuple([(name, most if isinstance(most, str) else None) for name, most in step.within])
    return AddShape(step.kind, tuple([name for name, _ in step.changes]), within)


def _shape_of_all(step: rows.InsertAll | rows.PutAll) -> Shape:
    kind = type(step.rows[0])
    assert all(type(row) is kind for row in step.rows), "rows of more than one kind"
    return WholeShape(type(step), kind)


_SHAPES: Mapping[type[Step[Any]], Callable[[Any], Shape]] = {
    rows.Insert: lambda step: WholeShape(rows.Insert, type(step.row)),
    rows.InsertAll: _shape_of_all,
    rows.Get: lambda step: WholeShape(rows.Get, step.kind),
    rows.Lock: lambda step: WholeShape(rows.Lock, step.kind),
    rows.Put: lambda step: WholeShape(rows.Put, type(step.row)),
    rows.PutAll: _shape_of_all,
    rows.Add: _shape_of_add,
    rows.Select: SelectShape.of,
    rows.Sum: SelectShape.of_sum,
    rows.Remove: lambda step: WholeShape(rows.Remove, step.kind),
    rows.StoreClock: lambda _: ClockShape(),
}
RECORD_STEPS = frozenset(_SHAPES)
"""The kinds of step that `record_statement` knows."""
