"""How the values of a record travel: to the server as parameters, and back as columns. No I/O."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy.types import TypeEngine

from inventory_core.stores.sql.encoding import Result, number, numbers, word, words
from inventory_core.stores.sql.record_tables import Field, fields_of
from inventory_core.stores.sql.statement import FLAG, FLAGS, NUMBER, NUMBERS, WORD, WORDS

Parameter = bytes | None


@dataclass(frozen=True, slots=True)
class Codec:
    """One field: its type in SQL, alone and as an array, and how its values are written and read.

    `write` takes None as well. `text` is a value that is not None, as a text in Python.
    """

    field: Field
    type: TypeEngine[Any]
    array: TypeEngine[Any]
    text: Callable[[Any], str]
    write: Callable[[Any], Parameter]
    write_all: Callable[[Sequence[Any]], bytes]
    read: Callable[[bytes], Any]


@lru_cache(maxsize=256)
def codecs_of(record: Any) -> dict[str, Codec]:
    """The codecs of a kind of record, by field, in the order of its constructor."""
    return {field.name: _codec(field) for field in fields_of(record)}


def key_codecs(record: Any) -> tuple[Codec, ...]:
    """The codecs of its key."""
    return tuple(codecs_of(record)[name] for name in record.KEY)


def values_of(fields: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Reads these fields of a record."""
    if len(fields) == 1:
        get = attrgetter(fields[0])
        return lambda row: (get(row),)
    return attrgetter(*fields)


def reader_of(record: Any) -> Callable[[Result], tuple[Any, ...]]:
    """Makes records of the rows of a result that has every column, in the order of the fields."""
    reads = tuple(enumerate([codec.read for codec in codecs_of(record).values()]))

    def read(result: Result) -> tuple[Any, ...]:
        value = result.get_value
        return tuple(
            [
                record(
                    *[None if (raw := value(row, at)) is None else one(raw) for at, one in reads]
                )
                for row in range(result.ntuples)
            ]
        )

    return read


def _codec(field: Field) -> Codec:
    if field.kind is int:
        return _of(field, NUMBER, NUMBERS, str, number, numbers, int)
    if field.kind is bool:
        return _of(field, FLAG, FLAGS, _flag, lambda value: _flag(value).encode(), _flags, _is_true)
    if issubclass(field.kind, Enum):
        members = {member.value.encode(): member for member in field.kind}
        text = _value_in(field.kind)
        return _of(
            field, WORD, WORDS, text, _written(text), _all_written(text), members.__getitem__
        )
    if field.kind is tuple:
        return _of(field, WORD, WORDS, _json, _written(_json), _all_written(_json), _from_json)
    return _of(field, WORD, WORDS, str, word, words, bytes.decode)


def _of(
    field: Field,
    type: TypeEngine[Any],
    array: TypeEngine[Any],
    text: Callable[[Any], str],
    write: Callable[[Any], bytes],
    write_all: Callable[[Any], bytes],
    read: Callable[[bytes], Any],
) -> Codec:
    if not field.nullable:
        return Codec(field, type, array, text, write, write_all, read)

    def write_or_null(value: Any) -> Parameter:
        return None if value is None else write(value)

    def write_all_or_null(values: Sequence[Any]) -> bytes:
        return _array(None if value is None else text(value) for value in values)

    return Codec(field, type, array, text, write_or_null, write_all_or_null, read)


def _written(text: Callable[[Any], str]) -> Callable[[Any], bytes]:
    return lambda value: word(text(value))


def _all_written(text: Callable[[Any], str]) -> Callable[[Sequence[Any]], bytes]:
    return lambda values: words([text(value) for value in values])


def _flag(value: bool) -> str:
    return "t" if value else "f"


def _flags(values: Iterable[bool]) -> bytes:
    return f"{{{','.join(map(_flag, values))}}}".encode()


def _is_true(raw: bytes) -> bool:
    return raw == b"t"


def _value_in(kind: type[Enum]) -> Callable[[Any], str]:
    """An enum's member, or its text, as its text."""
    return lambda value: str(kind(value).value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _from_json(raw: bytes) -> Any:
    return _as_tuples(json.loads(raw))


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


def _array(values: Iterable[str | None]) -> bytes:
    """An array of which some elements may be NULL."""
    quoted = [
        "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for value in values
    ]
    return word(f"{{{','.join(quoted)}}}")
