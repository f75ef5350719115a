"""Every step on records alone answers on the model what it answers on PostgreSQL."""

import pytest

from inventory_core.steps import Step, rows, sql
from scenarios.model import SqlModel
from scenarios.model.record_statements import PROGRAMS
from tests.conformance.records.catalogue import STEPS
from tests.conformance.records.conftest import Compare

pytestmark = pytest.mark.live


def test_the_catalogue_has_every_step_on_records() -> None:
    kinds = {type(step) for step in STEPS.values()}
    assert kinds | {rows.StoreClock} == set(PROGRAMS)
    assert kinds <= SqlModel.steps


@pytest.mark.parametrize("isolation", sql.Isolation)
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_alone(compare: Compare, step: Step[object], isolation: sql.Isolation) -> None:
    compare().run([(0, step), (0, step)])
    compare().run([(0, sql.Begin(isolation)), (0, step), (0, step), (0, sql.Commit())])
    compare().run([(0, sql.Begin(isolation)), (0, step), (0, sql.Rollback()), (0, step)])
