"""Steps on records: insert, get, lock, put, add, select, remove, and the store's clock.

The services keep what they know (warehouses, orders, allocations, the journal) as *records*: frozen
dataclasses that say which of their fields are the key. These few steps serve all of them, on every
store, so a new kind of record is a dataclass and a migration and no new step.

They belong to the same transactions as the steps of `sql`: inside `async with sql.transaction():`
they commit together; outside, each commits by itself. At read committed, a step that writes or
locks a row waits for whoever has it, and then sees the newest committed one.
"""

from __future__ import annotations

from dataclasses import Field, dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from inventory_core.steps.step import Step

Scalar = str | int | bool | None
Key = tuple[str | int, ...]
"""The values of a record's key fields, in the order of its `KEY`."""


class Record(Protocol):
    """A row: a frozen, slotted dataclass with its key's fields named in `KEY`, in order.

    Fields are `str`, `int`, `bool`, an `Enum` whose values are texts, any of these or None, or
    (nested) tuples of texts and whole numbers, which are stored as JSON. Times are milliseconds
    since 1970, UTC, as `int`, and are named `..._ms`.
    """

    KEY: ClassVar[tuple[str, ...]]
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


R = TypeVar("R", bound=Record)
R_co = TypeVar("R_co", bound=Record, covariant=True)

Where = tuple[str, str, object]
"""A condition: field, one of = != < <= > >= in, and the value (for `in`, a tuple of values)."""


@dataclass(frozen=True, slots=True)
class Insert(Step[bool]):
    """Write a new row. False, and nothing written, if its key is there already.

    Waits for whoever is writing that key just now: after their commit the answer is False, after
    their rollback the row is ours.
    """

    row: Record


@dataclass(frozen=True, slots=True)
class InsertAll(Step[None]):
    """Write several new rows of one kind, in one round trip. A key that is there is an error."""

    rows: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Get(Step[R | None], Generic[R]):
    """Read a row without locking it."""

    kind: type[R]
    key: Key


@dataclass(frozen=True, slots=True)
class Lock(Step[R | None], Generic[R]):
    """Lock a row until the end of the transaction, and read it; None if there is none."""

    kind: type[R]
    key: Key


@dataclass(frozen=True, slots=True)
class Put(Step[bool]):
    """Write every field of a row that is there, found by its key; False if there is none.

    Lock the row first, or nobody else may write it.
    """

    row: Record


@dataclass(frozen=True, slots=True)
class PutAll(Step[None]):
    """Write every field of several rows of one kind, in one round trip. A missing one is left out.

    Lock them first: which of them another would be waited for first is nobody's promise.
    """

    rows: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Add(Step[bool]):
    """Add to whole-number fields of one row, in one statement; True if it did.

    False, and nothing written, if the row is missing, if a field named in `changes` would fall
    below zero, or if one of the `within` would not hold afterwards: each names a field of the row
    and what it may not exceed, another field or a number. Rejected rows are not waited for if the
    committed row already rejects.
    """

    kind: type[Record]
    key: Key
    changes: tuple[tuple[str, int], ...]
    within: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True, slots=True)
class Select(Step[tuple[R, ...]], Generic[R]):
    """Rows that meet every condition, in the order of `order_by` (then by key), at most `limit`.

    `after`: the values of `order_by` and key of the last row seen, for the next page. With
    `lock_free`, the rows are locked, and those that somebody else has locked are left out.
    """

    kind: type[R]
    where: tuple[Where, ...] = ()
    order_by: tuple[str, ...] = ()
    after: tuple[object, ...] | None = None
    limit: int = 1_000
    lock_free: bool = False


@dataclass(frozen=True, slots=True)
class Sum(Step[int]):
    """A whole-number field added up over the rows that meet every condition; 0 over none."""

    kind: type[Record]
    field: str
    where: tuple[Where, ...] = ()


@dataclass(frozen=True, slots=True)
class Remove(Step[bool]):
    """Delete a row; False if there was none."""

    kind: type[Record]
    key: Key


@dataclass(frozen=True, slots=True)
class StoreClock(Step[int]):
    """The store's clock: milliseconds since 1970, UTC. Deadlines are judged by it."""
