"""Statements on records: insert, get, lock, put, add, select, remove, and the clock.

The rows are the records themselves, under the name of their kind and their key. Bounds and
references are enforced when PostgreSQL does: bounds before any wait, from what the statement sees,
and again after it; references when the row is written.

One thing is simpler than in PostgreSQL: a row that was removed and inserted again in one
transaction counts as the same row for whoever waited for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any

from inventory_core.records.laws import REFERENCES, Reference, lawful
from inventory_core.steps import rows
from inventory_core.steps.errors import Conflict, ConstraintBroken
from inventory_core.steps.rows import Key, Record
from inventory_core.steps.step import Step
from scenarios.model.connection import LOCKED
from scenarios.model.record_conditions import condition_of, order_of, place_of, plain
from scenarios.model.rows import RowKey
from scenarios.model.search import Search
from scenarios.model.statement import Statement, Waits


def key_in(kind: type[Any], key: Key) -> RowKey:
    """The key of a record among all rows."""
    return (kind.__name__, *[plain(value) for value in key])


@lru_cache(maxsize=256)
def _reader(fields: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Reads these fields of a record."""
    if len(fields) == 1:
        get = attrgetter(fields[0])
        return lambda row: (get(row),)
    return attrgetter(*fields)


def key_of(row: Any) -> RowKey:
    """The key of this record among all rows."""
    return key_in(type(row), _reader(row.KEY)(row))


# ----------------------------------------------------------------------------------- what is law


def _must_be_lawful(row: Record) -> bool:
    if not lawful(row):
        raise ConstraintBroken
    return True


def _refer(here: Statement, row: Record, before: Record | None = None) -> None:
    """The rows that a new row needs are there; if one is being removed, wait how that ends."""
    for reference in REFERENCES.get(type(row), ()):
        read = _reader(reference.fields)
        if before is not None and read(before) == read(row):
            continue
        parent = key_in(reference.parent, read(row))
        if here.written_by_another(parent) is None:
            raise Waits(parent)
        if here.find(parent) is None:
            raise ConstraintBroken
        if parent in here.connection.stale:
            raise Conflict


_CHILDREN: Mapping[type[Any], tuple[tuple[type[Any], Reference], ...]] = {
    parent: tuple(
        (kind, reference)
        for kind, references in REFERENCES.items()
        for reference in references
        if reference.parent is parent
    )
    for parent in {one.parent for references in REFERENCES.values() for one in references}
}
"""Who refers to a kind of record, and how."""


def _wait_for_new_children(here: Statement, kind: type[Any], key: RowKey) -> None:
    """A row that refers to this one is being inserted, which locks this one: wait how that ends."""
    for child, reference in _CHILDREN.get(kind, ()):
        for other in here.others():
            for its_key, row in other.mine.items():
                if its_key[0] == child.__name__ and row is not LOCKED and row is not None:
                    new = its_key not in here.model.rows.by_key
                    if new and _refers(row, reference, key):
                        raise Waits(its_key)


def _must_have_no_children(here: Statement, kind: type[Any], key: RowKey) -> None:
    """No row refers to this one; one that is being removed is waited for when it is come to."""
    for child, reference in _CHILDREN.get(kind, ()):
        committed, name = here.model.rows.of_kind(child.__name__), child.__name__
        for its_key in sorted(
            {*committed, *(one for one in here.connection.mine if one[0] == name)}
        ):
            row = here.newest(its_key)
            if row is not None and _refers(row, reference, key):
                if here.written_by_another(its_key) is None:
                    raise Waits(its_key)
                raise ConstraintBroken


def _refers(row: Record, reference: Reference, key: RowKey) -> bool:
    return key_in(reference.parent, _reader(reference.fields)(row)) == key


# ---------------------------------------------------------------------------------------- writing


def _insert(here: Statement, step: rows.Insert) -> bool:
    row, key = step.row, key_of(step.row)
    _must_be_lawful(row)
    if not here.vacant(key):
        if key in here.connection.stale and key not in here.connection.mine:
            raise Conflict
        return False
    _refer(here, row)
    here.write(key, row)
    return True


def _insert_all(here: Statement, step: rows.InsertAll) -> None:
    for row in here.rows_left(step.rows):
        key = key_of(row)
        _must_be_lawful(row)
        if not here.vacant(key):
            raise ConstraintBroken
        here.write(key, row)
    for row in step.rows:
        _refer(here, row)


def _put(here: Statement, step: rows.Put) -> bool:
    row, key = step.row, key_of(step.row)
    before = here.target(key, lambda _: _must_be_lawful(row))
    if before is None:
        return False
    _refer(here, row, before)
    here.write(key, row)
    return True


def _put_all(here: Statement, step: rows.PutAll) -> None:
    """A row that comes to be while another is waited for is none that it began with."""
    there = here.noted(
        lambda: tuple([row for row in step.rows if here.see(key_of(row)) is not None])
    )
    for row in here.rows_left(there):
        _must_be_lawful(row)
        key = key_of(row)
        before = here.target(key)
        if before is not None:
            _refer(here, row, before)
            here.write(key, row)


def _added(step: rows.Add, row: Any) -> Any:
    return replace(row, **{name: getattr(row, name) + delta for name, delta in step.changes})


def _may_add(step: rows.Add, row: Any) -> bool:
    after = _added(step, row)
    if any(getattr(after, name) < 0 for name, _ in step.changes):
        return False
    for name, most in step.within:
        if getattr(after, name) > (getattr(after, most) if isinstance(most, str) else most):
            return False
    return _must_be_lawful(after)


def _add(here: Statement, step: rows.Add) -> bool:
    key = key_in(step.kind, step.key)
    row = here.target(key, lambda row: _may_add(step, row))
    if row is None:
        return False
    here.write(key, _added(step, row))
    return True


def _remove(here: Statement, step: rows.Remove) -> bool:
    key = key_in(step.kind, step.key)
    if here.find(key) is not None:
        _wait_for_new_children(here, step.kind, key)
    if here.target(key) is None:
        return False
    _must_have_no_children(here, step.kind, key)
    here.write(key, None)
    return True


# ---------------------------------------------------------------------------------------- reading


def _get(here: Statement, step: rows.Get[Any]) -> Any:
    return here.see(key_in(step.kind, step.key))


def _lock(here: Statement, step: rows.Lock[Any]) -> Any:
    return here.target(key_in(step.kind, step.key))


def _found(here: Statement, step: rows.Select[Any]) -> Search:
    """What a select finds, without its limit: among what is committed, and its own rows."""
    kind, name, mine = step.kind, step.kind.__name__, here.connection.mine
    first = next((v for f, sign, v in step.where if sign == "=" and f == kind.KEY[0]), None)
    fields = (*step.order_by, *kind.KEY)
    assert step.after is None or len(step.after) == len(fields), f"{step.after}, not by {fields}"
    search = Search(condition_of(step.where), order_of(fields))
    seen, first = here.scanned(name, step.lock_free), plain(first)
    own = {
        key: row
        for key, row in mine.items()
        if key[0] == name and row is not LOCKED and (first is None or key[1] == first)
    }
    kept = seen.search(name, first, (step.where, step.order_by), search)
    if kept is not None:
        return kept.beside(seen.by_key, own)
    others = ((key, row) for key, row in seen.of_kind(name, first).items() if key not in own)
    return search.of(chain(others, ((key, row) for key, row in own.items() if row is not None)))


def _select(here: Statement, step: rows.Select[Any]) -> tuple[Any, ...]:
    if step.lock_free:
        return _select_free(here, step)
    found = _found(here, step)
    begins = found.after(step.after and place_of(step.after))
    return tuple(found.rows[begins : begins + step.limit])


def _sum(here: Statement, step: rows.Sum) -> int:
    found = _found(here, rows.Select(step.kind, step.where))
    return sum(getattr(row, step.field) for row in found.rows)


def _select_free(here: Statement, step: rows.Select[Any]) -> tuple[Any, ...]:
    """Lock one after the other; what it has looked at and what it has, it keeps in its notes."""
    left: tuple[RowKey, ...]
    taken: tuple[Any, ...]
    meets = condition_of(step.where)
    left, taken = here.noted(lambda: (_keys_found(here, step), ()))
    while left and len(taken) < step.limit:
        if here.free(left[0]):
            here.lock(left[0])
            row = here.newest(left[0])
            if row is not None and meets(row):
                taken = (*taken, row)
        left = left[1:]
        here.connection.notes = (left, taken)
    return taken


def _keys_found(here: Statement, step: rows.Select[Any]) -> tuple[RowKey, ...]:
    found = _found(here, step)
    return tuple(found.keys[found.after(step.after and place_of(step.after)) :])


def _store_clock(here: Statement, _: rows.StoreClock) -> int:
    return here.now_ms


PROGRAMS: Mapping[type[Step[Any]], Callable[[Statement, Any], Any]] = {
    rows.Insert: _insert,
    rows.InsertAll: _insert_all,
    rows.Get: _get,
    rows.Lock: _lock,
    rows.Put: _put,
    rows.PutAll: _put_all,
    rows.Add: _add,
    rows.Select: _select,
    rows.Sum: _sum,
    rows.Remove: _remove,
    rows.StoreClock: _store_clock,
}
"""How each statement on records is carried out."""
