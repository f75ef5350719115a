"""Every SQL step alone answers on the model what it answers on PostgreSQL, and leaves the same."""

import pytest

from inventory_core.steps import Step, sql
from scenarios.model import SqlModel
from scenarios.model.record_statements import PROGRAMS as RECORD_STEPS
from tests.conformance.steps.catalogue import STEPS, FinishTaken
from tests.conformance.steps.conftest import Compare

pytestmark = pytest.mark.live


def test_the_catalogue_has_every_step_that_the_model_knows() -> None:
    kinds = {type(step) for step in STEPS.values()}
    elsewhere = {sql.Begin, sql.Commit, sql.Rollback, *RECORD_STEPS}
    elsewhere.add(sql.BookOrders)  # it needs a group that was claimed: see test_groups.py
    assert SqlModel.steps <= kinds | elsewhere


@pytest.mark.parametrize("isolation", sql.Isolation)
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_alone(compare: Compare, step: Step[object], isolation: sql.Isolation) -> None:
    taken = [(0, sql.TakeTasks(1))] if isinstance(step, FinishTaken) else []
    case = compare()
    case.run([*taken, (0, step), (0, step)])
    case.audit()
    compare().run([(0, sql.Begin(isolation)), *taken, (0, step), (0, step), (0, sql.Commit())])
    compare().run([(0, sql.Begin(isolation)), *taken, (0, step), (0, sql.Rollback()), (0, step)])
