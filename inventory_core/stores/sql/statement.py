"""A statement: SQL with numbered parameters, how a step fills them, how a result is the answer.

Written as SQLAlchemy Core, compiled once a schema, prepared once a connection. No I/O here, so
that any driver, blocking or not, can carry it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnClause,
    Double,
    FromClause,
    Text,
    bindparam,
    column,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeEngine

from inventory_core.domain import HoldState
from inventory_core.steps.step import Step
from inventory_core.stores.sql.encoding import Result

Parameters = tuple[bytes | None, ...]
"""What goes to the server, in the order in which the statement's fields were declared."""

_DIALECT = dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
WORD, NUMBER = Text(), BigInteger()
REAL: TypeEngine[float] = Double()
FLAG = Boolean()
WORDS, NUMBERS, REALS, FLAGS = ARRAY(WORD), ARRAY(NUMBER), ARRAY(REAL), ARRAY(FLAG)
_OIDS: Mapping[TypeEngine[Any], int] = {
    WORD: 25,
    NUMBER: 20,
    REAL: 701,
    WORDS: 1009,
    NUMBERS: 1016,
    REALS: 1022,
    FLAG: 16,
    FLAGS: 1000,
}

ZERO: Any = literal_column("0")
ONE: Any = literal_column("1")


@dataclass(frozen=True, slots=True)
class Statement:
    """One prepared statement. `encode` and `decode` touch no connection."""

    name: bytes
    sql: bytes
    types: tuple[int, ...]
    encode: Callable[[Any], Parameters]
    decode: Callable[[Result], Any]


class Fields:
    """The parameters of a statement: named and typed, numbered in the order of declaration.

        fields = Fields(sku=WORD)
        cell.c.sku == fields["sku"]

    So `encode` gives their values in that order, wherever the SQL has them.
    """

    def __init__(self, **types: TypeEngine[Any]) -> None:
        self._types = types

    def __getitem__(self, name: str) -> Any:
        return bindparam(name, type_=self._types[name])

    def statement(
        self,
        step: type[Step[Any]],
        clause: ClauseElement,
        encode: Callable[[Any], Parameters],
        decode: Callable[[Result], Any],
    ) -> Statement:
        """Compile the clause, and number its parameters as they were declared."""
        compiled = clause.compile(dialect=_DIALECT)
        found: list[str] = compiled.positiontup or []  # type: ignore[attr-defined]
        declared = list(self._types)
        assert set(found) == set(declared), f"{step.__name__} uses {found} of {declared}"

        def as_declared(parameter: re.Match[str]) -> str:
            return f"${declared.index(found[int(parameter[1]) - 1]) + 1}"

        text = re.sub(r"\$(\d+)", as_declared, str(compiled))
        types = tuple(_OIDS[kind] for kind in self._types.values())
        return Statement(step.__name__.encode(), text.encode(), types, encode, decode)


def words_of(constant: str) -> Any:
    """A text that is part of the statement; only words of our own."""
    assert constant.replace("_", "").isalpha(), f"{constant!r} is not a word"
    return literal_column(f"'{constant}'", Text)


def state_is(state: HoldState) -> Any:
    """A state as SQL writes it."""
    return words_of(state.value)


def rows_from(fields: Fields, **columns: str) -> FromClause:
    """Arrays side by side as rows, numbered from 1 in the column `line`.

    Each argument names a column and says which parameter it comes from.
    """
    parameters = [fields[parameter] for parameter in columns.values()]
    typed: list[ColumnClause[Any]] = [
        column(name, parameter.type.item_type)
        for name, parameter in zip(columns, parameters, strict=True)
    ]
    rows = func.unnest(*parameters).table_valued(*typed, with_ordinality="line")
    return rows.render_derived("asked")
