"""A model that lies about the steps on records is caught, lie by lie."""

from collections.abc import Callable
from typing import Any

import pytest

from inventory_core.steps import rows, sql
from scenarios.model import SqlModel
from scenarios.model.record_statements import PROGRAMS, key_in, key_of
from scenarios.model.statement import Statement, Waits
from tests.conformance.records.catalogue import STEPS
from tests.conformance.records.conftest import Compare
from tests.conformance.records.test_pairs_of_record_steps import together
from tests.conformance.steps.script import Mismatch
from tests.conformance.steps.test_planted_bugs import liar

pytestmark = pytest.mark.live


def inserts_without_waiting(here: Statement, step: rows.Insert) -> bool:
    try:
        return bool(PROGRAMS[rows.Insert](here, step))
    except Waits:
        return False


def inserts_what_breaks_a_law(here: Statement, step: rows.Insert) -> bool:
    here.claim(key_of(step.row))
    here.write(key_of(step.row), step.row)
    return True


def adds_without_looking_again(here: Statement, step: rows.Add) -> bool:
    here.connection.matched = True
    if here.target(key_in(step.kind, step.key)) is None:
        return False
    grown = rows.Add(step.kind, step.key, step.changes)
    return bool(PROGRAMS[rows.Add](here, grown))


def waits_before_refusing(here: Statement, step: rows.Add) -> bool:
    here.target(key_in(step.kind, step.key))
    return bool(PROGRAMS[rows.Add](here, step))


def selects_locked_rows(here: Statement, step: rows.Select[Any]) -> Any:
    return PROGRAMS[rows.Select](here, rows.Select(step.kind, step.where, step.order_by))


def puts_what_is_not_there(here: Statement, step: rows.PutAll) -> None:
    for row in step.rows:
        here.claim(key_of(row))
        here.write(key_of(row), row)


def removes_a_parent(here: Statement, step: rows.Remove) -> bool:
    if here.target(key_in(step.kind, step.key)) is None:
        return False
    here.write(key_in(step.kind, step.key), None)
    return True


LIES: dict[str, tuple[Callable[[int], SqlModel], str, str]] = {
    "an insert that does not wait for an insert": (
        liar(rows.Insert, inserts_without_waiting),
        "insert a new row",
        "insert a new row with another body",
    ),
    "an insert that knows no law": (
        liar(rows.Insert, inserts_what_breaks_a_law),
        "insert an unlawful row",
        "get a new row",
    ),
    "an add that does not look again after its wait": (
        liar(rows.Add, adds_without_looking_again),
        "add",
        "add all that fits",
    ),
    "an add that waits before it refuses": (
        liar(rows.Add, waits_before_refusing),
        "lock",
        "add too much",
    ),
    "a select of free rows that takes locked ones": (
        liar(rows.Select, selects_locked_rows),
        "pay an order",
        "select all that are free",
    ),
    "a put of several that makes a row": (
        liar(rows.PutAll, puts_what_is_not_there),
        "put several, one unknown",
        "get",
    ),
    "a parent that leaves its children": (
        liar(rows.Remove, removes_a_parent),
        "insert a child",
        "remove a parent",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_caught(compare: Compare, lie: str) -> None:
    make, first, second = LIES[lie]
    moves = together(STEPS[first], STEPS[second], sql.Commit())
    compare().run(moves)  # the honest model passes, so it is the lie that is caught
    with pytest.raises(Mismatch):
        compare(make).run(moves)
