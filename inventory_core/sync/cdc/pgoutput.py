"""PostgreSQL's `pgoutput`, version 1: what each message of logical replication says.

Pure: bytes in, values out. The format is the manual's, "Logical Replication Message Formats". The
decoder remembers the relations that it was told of, because rows name their table by number.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from struct import error as _struct_error
from typing import NamedTuple

EPOCH_US = 946_684_800_000_000
"""PostgreSQL counts from the year 2000: that moment, in microseconds since 1970."""

_BEGIN = Struct("!QqI")
_COMMIT = Struct("!BQQq")
_RELATION_ID = Struct("!I")
_COLUMN_TYPE = Struct("!Ii")
_COUNT = Struct("!h")
_LENGTH = Struct("!i")
_TRUNCATE = Struct("!iB")
_NULL, _UNCHANGED, _TEXT = b"n"[0], b"u"[0], b"t"[0]
_NEW, _KEY, _OLD = b"N"[0], b"K"[0], b"O"[0]


class Unreadable(Exception):
    """Bytes that are no message of pgoutput version 1."""


class Unchanged:
    """Stands for a long value, kept out of line, that an update did not touch and did not send."""

    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED = Unchanged()
Value = str | None | Unchanged
Row = tuple[Value, ...]


class Relation(NamedTuple):
    """A table as it is at this point of the log; `keys` says which columns identify a row."""

    number: int
    schema: str
    name: str
    identity: str  # d: primary key, f: the whole row, i: an index, n: nothing
    columns: tuple[str, ...]
    keys: tuple[bool, ...]

    @property
    def table(self) -> str:
        """Schema and name."""
        return f"{self.schema}.{self.name}"


class Begin(NamedTuple):
    """A transaction begins, which is committed already: where, and when."""

    commit_lsn: int
    committed_at_us: int
    transaction: int


class Commit(NamedTuple):
    """It ends; what comes later lies after `end_lsn`."""

    commit_lsn: int
    end_lsn: int
    committed_at_us: int


class Insert(NamedTuple):
    """A new row."""

    relation: Relation
    new: Row


class Update(NamedTuple):
    """A row as it is now; `old` if its key changed, or the table tells whole old rows."""

    relation: Relation
    old: Row | None
    new: Row


class Delete(NamedTuple):
    """What is known of a row that is gone."""

    relation: Relation
    old: Row


class Truncate(NamedTuple):
    """Tables that were emptied."""

    relations: tuple[Relation, ...]


class Skipped(NamedTuple):
    """A message that says nothing of rows: a type, an origin, a message of somebody's."""

    kind: str


Message = Relation | Begin | Commit | Insert | Update | Delete | Truncate | Skipped


class Decoder:
    """Reads messages in their order."""

    def __init__(self) -> None:
        self._relations: dict[int, Relation] = {}
        self._readers: dict[int, Callable[[bytes], Message]] = {
            b"B"[0]: self._begin,
            b"C"[0]: self._commit,
            b"R"[0]: self._relation,
            b"I"[0]: self._insert,
            b"U"[0]: self._update,
            b"D"[0]: self._delete,
            b"T"[0]: self._truncate,
            b"Y"[0]: lambda _: Skipped("type"),
            b"O"[0]: lambda _: Skipped("origin"),
            b"M"[0]: lambda _: Skipped("message"),
        }

    def decode(self, data: bytes) -> Message:
        """What one message says; `Unreadable` if it is none."""
        try:
            reader = self._readers[data[0]]
        except (KeyError, IndexError):
            raise Unreadable(f"a message of pgoutput cannot begin with {data[:1]!r}") from None
        try:
            return reader(data)
        except (IndexError, ValueError, _struct_error) as error:
            raise Unreadable(f"a message of pgoutput breaks off or is garbled: {error}") from None

    def _begin(self, data: bytes) -> Begin:
        lsn, at_us, transaction = _BEGIN.unpack_from(data, 1)
        return Begin(lsn, at_us + EPOCH_US, transaction)

    def _commit(self, data: bytes) -> Commit:
        _, lsn, end_lsn, at_us = _COMMIT.unpack_from(data, 1)
        return Commit(lsn, end_lsn, at_us + EPOCH_US)

    def _relation(self, data: bytes) -> Relation:
        (number,) = _RELATION_ID.unpack_from(data, 1)
        schema, at = _word(data, 5)
        name, at = _word(data, at)
        identity = chr(data[at])
        (count,) = _COUNT.unpack_from(data, at + 1)
        at += 3
        columns, keys = [], []
        for _ in range(count):
            keys.append(bool(data[at] & 1))
            column, at = _word(data, at + 1)
            _COLUMN_TYPE.unpack_from(data, at)
            at += 8
            columns.append(column)
        # An empty schema is the system's own, by the manual.
        relation = Relation(
            number, schema or "pg_catalog", name, identity, tuple(columns), tuple(keys)
        )
        self._relations[number] = relation
        return relation

    def _insert(self, data: bytes) -> Insert:
        new, _ = _row(data, _expected(data, 5, _NEW))
        return Insert(self._named(data, 1), new)

    def _update(self, data: bytes) -> Update:
        old, at = None, 5
        if data[5] in (_KEY, _OLD):
            old, at = _row(data, 6)
        new, _ = _row(data, _expected(data, at, _NEW))
        return Update(self._named(data, 1), old, new)

    def _delete(self, data: bytes) -> Delete:
        old, _ = _row(data, _expected(data, 5, _KEY, _OLD))
        return Delete(self._named(data, 1), old)

    def _truncate(self, data: bytes) -> Truncate:
        count, _ = _TRUNCATE.unpack_from(data, 1)
        return Truncate(tuple(self._named(data, 6 + 4 * place) for place in range(count)))

    def _named(self, data: bytes, at: int) -> Relation:
        (number,) = _RELATION_ID.unpack_from(data, at)
        relation = self._relations.get(number)
        if relation is None:
            raise ValueError(f"relation {number} was never described")
        return relation


def _expected(data: bytes, at: int, *kinds: int) -> int:
    if data[at] not in kinds:
        raise ValueError(f"no row begins with {data[at : at + 1]!r}")
    return at + 1


def _word(data: bytes, at: int) -> tuple[str, int]:
    """A text that ends with a zero byte, and where what follows begins."""
    end = data.index(0, at)
    return data[at:end].decode(), end + 1


def _row(data: bytes, at: int) -> tuple[Row, int]:
    """The values of a row, and where what follows begins."""
    (count,) = _COUNT.unpack_from(data, at)
    at += 2
    values: list[Value] = []
    for _ in range(count):
        kind = data[at]
        if kind == _TEXT:
            (length,) = _LENGTH.unpack_from(data, at + 1)
            begin, at = at + 5, at + 5 + length
            if length < 0 or at > len(data):
                raise ValueError("a value is longer than its message")
            values.append(data[begin:at].decode())
        elif kind in (_NULL, _UNCHANGED):
            values.append(None if kind == _NULL else UNCHANGED)
            at += 1
        else:
            raise ValueError(f"no value begins with {data[at : at + 1]!r}")
    return tuple(values), at
