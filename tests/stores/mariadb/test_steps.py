"""Every step alone answers on MariaDB what it answers on the model, and leaves the same books."""

from collections.abc import Iterator
from secrets import token_hex

import pytest

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.steps import Step, StepError, rows, sql
from inventory_core.stores.mariadb import MariadbPart, MariadbStore
from scenarios.model.dialects import MARIADB
from scenarios.model.sql import SqlModel
from tests.conformance.steps.catalogue import BEFORE, STEPS, FinishTaken
from tests.conformance.steps.twins import ModelTwin, without_ids

pytestmark = [pytest.mark.live, pytest.mark.slow]


@pytest.fixture(scope="module")
def store(mariadb_url: str) -> Iterator[MariadbStore]:
    """A database of its own."""
    made = MariadbStore(mariadb_url, f"stockproof_{token_hex(4)}")
    made.create()
    yield made
    made.remove()


@pytest.fixture(scope="module")
def part(store: MariadbStore) -> Iterator[MariadbPart]:
    """One connection."""
    made = store.connect(Limits())
    yield made
    made.close()


def answer(part: MariadbPart, step: Step[object]) -> object:
    """What MariaDB answers, without its ids of tasks."""
    try:
        return without_ids(part.handlers[type(step)](step))
    except StepError as error:
        return error


@pytest.mark.parametrize("name", [n for n, s in STEPS.items() if not isinstance(s, FinishTaken)])
def test_a_step_alone_answers_as_on_the_model(
    store: MariadbStore, part: MariadbPart, name: str
) -> None:
    store.clear()
    model, step = ModelTwin(1, lambda sessions: SqlModel(sessions, MARIADB)), STEPS[name]
    for one in (*BEFORE, step, step):
        assert answer(part, one) == model.ask(0, one), one
    assert store.book() == model.book()


def test_a_step_that_fails_leaves_nothing_to_commit(store: MariadbStore, part: MariadbPart) -> None:
    store.clear()
    for one in BEFORE:
        answer(part, one)
    before = store.book()
    part.handlers[sql.Begin](sql.Begin())
    answer(part, STEPS["take what is there"])
    assert isinstance(answer(part, STEPS["write a cell below zero"]), StepError)
    with pytest.raises(AssertionError, match="has failed"):
        part.handlers[sql.Commit](sql.Commit())
    part.handlers[sql.Rollback](sql.Rollback())
    assert store.book() == before


def test_every_step_of_rows_and_sql_is_performed(part: MariadbPart) -> None:
    ours = {
        kind
        for module in (sql, rows)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Step) and kind.__module__ == module.__name__
    }
    assert ours <= set(part.handlers)


def test_a_database_that_is_not_ours_is_left_alone(mariadb_url: str) -> None:
    theirs = mariadb_url.rpartition("/")[2].partition("?")[0]
    with pytest.raises(Problem, match="not made by this stockproof"):
        MariadbStore(mariadb_url, theirs).create()
    with pytest.raises(Problem, match="not made by this stockproof"):
        MariadbStore(mariadb_url, theirs).remove()
