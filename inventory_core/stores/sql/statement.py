"""A statement: SQL with numbered parameters, how a step fills them, how a result is the answer.

Written as SQLAlchemy Core, compiled once a schema, prepared once a connection. No I/O here, so
that any driver, blocking or not, can carry it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
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
from inventory_core.stores.sql.encoding import Result, number, numbers, word, words

Field = tuple[TypeEngine[Any], Callable[[Any], Any]]
"""The type of a parameter, and how a step gives its bytes (or None)."""

_DIALECT = dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_WORD, _NUMBER = Text(), BigInteger()
_REAL: TypeEngine[float] = Double()
_WORDS, _NUMBERS = ARRAY(_WORD), ARRAY(_NUMBER)
_OIDS: Mapping[TypeEngine[Any], int] = {
    _WORD: 25,
    _NUMBER: 20,
    _REAL: 701,
    _WORDS: 1009,
    _NUMBERS: 1016,
}

ZERO: Any = literal_column("0")
ONE: Any = literal_column("1")


@dataclass(frozen=True, slots=True)
class Statement:
    """One prepared statement. `encode` and `decode` touch no connection."""

    name: bytes
    sql: bytes
    types: tuple[int, ...]
    encode: Callable[[Any], tuple[bytes | None, ...]]
    decode: Callable[[Result], Any]


class Fields:
    """The parameters of a statement: declared with the step's side, used on SQL's side.

    fields = Fields(sku=a_word(lambda step: step.cell.sku))
    cell.c.sku == fields["sku"]
    """

    def __init__(self, **fields: Field) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> Any:
        return bindparam(name, type_=self._fields[name][0])

    def statement(
        self, step: type[Step[Any]], clause: ClauseElement, decode: Callable[[Result], Any]
    ) -> Statement:
        """Compile the clause; put the fields in the order in which its SQL numbers them."""
        compiled = clause.compile(dialect=_DIALECT)
        names: list[str] = compiled.positiontup or []  # type: ignore[attr-defined]
        assert set(names) == set(self._fields), f"{step.__name__}: {names} are used"
        getters = tuple(self._fields[name][1] for name in names)

        def encode(asked: Any) -> tuple[bytes | None, ...]:
            return tuple([get(asked) for get in getters])

        types = tuple(_OIDS[self._fields[name][0]] for name in names)
        return Statement(step.__name__.encode(), str(compiled).encode(), types, encode, decode)


def a_word(get: Callable[[Any], str]) -> Field:
    """A text parameter."""
    return _WORD, lambda step: word(get(step))


def a_number(get: Callable[[Any], int | None]) -> Field:
    """A whole number, or NULL."""

    def encode(step: Any) -> bytes | None:
        value = get(step)
        return None if value is None else number(value)

    return _NUMBER, encode


def a_real(get: Callable[[Any], float]) -> Field:
    """A number with a fraction."""
    return _REAL, lambda step: number(get(step))


def some_words(get: Callable[[Any], list[str]]) -> Field:
    """An array of texts."""
    return _WORDS, lambda step: words(get(step))


def some_numbers(get: Callable[[Any], list[int]]) -> Field:
    """An array of whole numbers."""
    return _NUMBERS, lambda step: numbers(get(step))


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
