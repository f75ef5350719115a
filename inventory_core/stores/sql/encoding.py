"""How values travel: to the server as text parameters, and back as text columns. No I/O here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from inventory_core.domain import HoldState, Line


class Result(Protocol):
    """The part of libpq's result that decoding needs."""

    @property
    def ntuples(self) -> int:
        """How many rows came back."""

    @property
    def command_tuples(self) -> int | None:
        """How many rows were written."""

    def get_value(self, row_number: int, column_number: int) -> bytes | None:
        """One field as the server wrote it; None for NULL."""


STATES = {state.value.encode(): state for state in HoldState}
"""The states of a hold, by their text in a column."""


def word(value: str) -> bytes:
    """A text. A zero byte would silently end it on the wire, so two names could become one."""
    raw = value.encode()
    assert b"\0" not in raw, f"{value!r} holds a zero byte, which no text in PostgreSQL can"
    return raw


def words(values: Sequence[str]) -> bytes:
    """An array of texts, each in quotes."""
    if not values:
        return b"{}"
    inside = '","'.join(values)
    if "\\" in inside or inside.count('"') > 2 * (len(values) - 1):
        escaped = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
        inside = '","'.join(escaped)
    return word(f'{{"{inside}"}}')


def number(value: int) -> bytes:
    """A whole number."""
    return b"%d" % value


def real(value: float) -> bytes:
    """A number with a fraction."""
    return repr(value).encode()


def numbers(values: Iterable[float]) -> bytes:
    """An array of numbers."""
    return f"{{{','.join(map(str, values))}}}".encode()


def columns(lines: Iterable[Line]) -> tuple[bytes, bytes, bytes]:
    """Lines as three arrays: articles, places, quantities."""
    skus, places, quantities = [], [], []
    for line in lines:
        skus.append(line.cell.sku)
        places.append(line.cell.place)
        quantities.append(line.quantity)
    return words(skus), words(places), numbers(quantities)


def whole(result: Result, row: int, column: int) -> int:
    """A field that is a whole number and never NULL."""
    return int(result.get_value(row, column))  # type: ignore[arg-type]  # NOT NULL columns only


def written(result: Result, row: int, column: int) -> str:
    """A field that is a text and never NULL."""
    value: Any = result.get_value(row, column)
    return value.decode()  # type: ignore[no-any-return]


def nothing(_: Result) -> None:
    """The answer of a statement that answers nothing."""


def took(result: Result) -> bool:
    """Did the statement write its row?"""
    return result.command_tuples == 1


def wrote(result: Result) -> bool:
    """Did the statement write any row?"""
    return bool(result.command_tuples)
