"""A session that looks at a snapshot is part of the state, and the state is a value."""

from inventory_core.domain import Cell, Opening
from inventory_core.steps import sql
from scenarios.model import PARTIAL, Done, SqlModel


def test_a_snapshot_that_others_have_written_past_can_still_be_a_key() -> None:
    model = SqlModel(sessions=2)
    while model.perform(0, sql.OpenCells((Opening(Cell("a"), 2),))) is PARTIAL:
        pass
    model.perform(0, sql.Begin(sql.Isolation.REPEATABLE_READ))
    assert model.perform(0, sql.ReadCell(Cell("a"))) == Done(sql.CellRow(2, 0))
    before = model.key()
    assert model.perform(1, sql.TakeIfEnough(Cell("a"), 1)) == Done(True)
    assert hash(model.key()) != hash(before)
    assert model.key() != before
