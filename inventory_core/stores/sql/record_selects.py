"""Selects on records: conditions, order, pages, and rows that nobody else has locked.

Enums and yes-or-no are written into the SQL, everything else is a parameter: a prepared statement
is planned once, and only a condition that says `state = 'held'` can use the index that holds the
held ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from sqlalchemy import (
    BigInteger,
    Table,
    cast,
    false,
    func,
    literal_column,
    null,
    select,
    true,
    tuple_,
)

from inventory_core.steps import rows
from inventory_core.stores.sql.encoding import Result, number, whole
from inventory_core.stores.sql.record_codec import Codec, codecs_of, reader_of
from inventory_core.stores.sql.statement import NUMBER, ZERO, Fields, Parameters, Statement

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}


class How(Enum):
    """What a condition compares with, when it is not in the SQL."""

    PARAMETER = "a parameter"
    PARAMETERS = "one of an array"
    NULL = "null"


_GIVEN = (How.PARAMETER, How.PARAMETERS)

Against = How | tuple[str, ...]
"""How, or the texts of constants that are in the SQL."""


@dataclass(frozen=True, slots=True)
class SelectShape:
    """Shaped by its conditions (without the values that are parameters), its order and its kind."""

    kind: Any
    where: tuple[tuple[str, str, Against], ...]
    order_by: tuple[str, ...]
    after: bool
    lock_free: bool
    summed: str = ""  # a field that is added up, instead of rows

    @classmethod
    def of(cls, step: rows.Select[Any]) -> SelectShape:
        """The shape of a step."""
        kind: Any = step.kind
        codecs = codecs_of(kind)
        where = tuple([(f, sign, _against(codecs[f], sign, v)) for f, sign, v in step.where])
        return cls(kind, where, step.order_by, step.after is not None, step.lock_free)

    @classmethod
    def of_sum(cls, step: rows.Sum) -> SelectShape:
        """The shape of a sum: its conditions, and the field in the place of the order."""
        shape = cls.of(rows.Select(step.kind, step.where))
        return replace(shape, summed=step.field)

    @property
    def order(self) -> tuple[str, ...]:
        """What it is sorted by, and what `after` gives the values of."""
        return (*self.order_by, *self.kind.KEY)

    def statement(self, tables: Mapping[type[Any], Table]) -> Statement:
        """The SELECT."""
        table, fields = tables[self.kind], Fields(**self._types())
        if self.summed:
            return self._sum(table, fields)
        clause = select(table).where(*self._conditions(table, fields))
        clause = clause.order_by(*[table.c[name] for name in dict.fromkeys(self.order)])
        clause = clause.limit(fields["at_most"])
        if self.lock_free:
            clause = clause.with_for_update(key_share=True, skip_locked=True)
        made = fields.statement(rows.Select, clause, self._writer(), reader_of(self.kind))
        return replace(made, name=f"Select {self.kind.__name__}".encode())

    def _sum(self, table: Table, fields: Fields) -> Statement:
        total = cast(func.coalesce(func.sum(table.c[self.summed]), ZERO), BigInteger)
        clause = select(total).where(*self._conditions(table, fields))
        made = fields.statement(rows.Sum, clause, self._writer(), _total)
        return replace(made, name=f"Sum {self.kind.__name__}".encode())

    def _types(self) -> dict[str, Any]:
        codecs, types = codecs_of(self.kind), {}
        for at, (field, _, against) in enumerate(self.where):
            if against is How.PARAMETER:
                types[f"value_{at}"] = codecs[field].type
            elif against is How.PARAMETERS:
                types[f"value_{at}"] = codecs[field].array
        if self.after:
            types.update({f"after_{at}": codecs[f].type for at, f in enumerate(self.order)})
        return types if self.summed else {**types, "at_most": NUMBER}

    def _conditions(self, table: Table, fields: Fields) -> list[Any]:
        conditions: list[Any] = []
        for at, (field, sign, against) in enumerate(self.where):
            value: Any = fields[f"value_{at}"] if against in _GIVEN else None
            conditions.append(self._condition(table.c[field], sign, against, value))
        if self.after:
            seen = [fields[f"after_{at}"] for at in range(len(self.order))]
            conditions.append(tuple_(*[table.c[field] for field in self.order]) > tuple_(*seen))
        return conditions

    def _condition(self, column: Any, sign: str, against: Against, value: Any) -> Any:
        if against is How.NULL:
            return column.is_(null()) if sign == "=" else column.is_not(null())
        if against is How.PARAMETERS:
            return column == func.any(value)
        if sign == "in":
            assert isinstance(against, tuple)
            return column.in_([_constant(text) for text in against])
        if isinstance(against, tuple):
            value = _constant(against[0])
        if sign == "!=" and column.nullable:
            return column.is_distinct_from(value)
        return _COMPARE[sign](column, value)

    def _writer(self) -> Callable[[Any], Parameters]:
        codecs = codecs_of(self.kind)
        writes: list[tuple[int, Callable[[Any], Any]]] = []
        for at, (field, _, against) in enumerate(self.where):
            if against is How.PARAMETER:
                writes.append((at, codecs[field].write))
            elif against is How.PARAMETERS:
                writes.append((at, codecs[field].write_all))
        order = self.order
        seen = [codecs[field].write for field in order] if self.after else []
        if self.summed:
            return lambda step: tuple([write(step.where[at][2]) for at, write in writes])

        def write(step: rows.Select[Any]) -> Parameters:
            values = [write(step.where[at][2]) for at, write in writes]
            after = step.after or ()
            assert len(after) == len(seen), f"after {after}, but the order is {order}"
            values += [write(value) for write, value in zip(seen, after, strict=True)]
            return (*values, number(step.limit))

        return write


def _total(result: Result) -> int:
    return whole(result, 0, 0)


def _against(codec: Codec, sign: str, value: Any) -> Against:
    kind = codec.field.kind
    constant = kind is bool or issubclass(kind, Enum)
    if sign == "in":
        return tuple(sorted(codec.text(one) for one in value)) if constant else How.PARAMETERS
    if value is None:
        assert sign in ("=", "!="), f"{codec.field.name} {sign} None: nothing is; ask for = or !="
        return How.NULL
    return (codec.text(value),) if constant else How.PARAMETER


def _constant(text: str) -> Any:
    """The text of an enum's member, or `t` or `f`, as SQL writes it."""
    if text in ("t", "f"):
        return true() if text == "t" else false()
    assert "'" not in text, f"{text!r} cannot be written into a statement"
    return literal_column(f"'{text}'")
