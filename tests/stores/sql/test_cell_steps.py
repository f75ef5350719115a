"""Each step on counters, alone: its answer, and what it leaves in the row."""

import pytest

from inventory_core.domain import Cell, Opening
from inventory_core.steps import ConstraintBroken, sql
from inventory_core.steps.sql import CellRow
from tests.stores.sql.clients import A, B, Client

pytestmark = pytest.mark.live
UNKNOWN = Cell("nobody sells this")


def test_a_cell_opens_with_its_units_and_version_0(client: Client) -> None:
    assert client.do(sql.ReadCell(A)) == CellRow(10, 0)


def test_a_cell_cannot_be_opened_twice(client: Client) -> None:
    with pytest.raises(ConstraintBroken):
        client.do(sql.OpenCells((Opening(Cell("new"), 1), Opening(A, 1))))
    assert client.do(sql.ReadCells((Cell("new"), A))) == (0, 10)


def test_opening_no_cell_is_no_error(client: Client) -> None:
    assert client.do(sql.OpenCells(())) is None


@pytest.mark.parametrize("quantity, taken, row", [(10, True, (0, 1)), (11, False, (10, 0))])
def test_a_take_succeeds_only_if_there_is_enough(
    client: Client, quantity: int, taken: bool, row: tuple[int, int]
) -> None:
    assert client.do(sql.TakeIfEnough(A, quantity)) is taken
    assert client.do(sql.ReadCell(A)) == CellRow(*row)


def test_nothing_is_taken_from_an_unknown_cell(client: Client) -> None:
    assert client.do(sql.TakeIfEnough(UNKNOWN, 1)) is False


def test_giving_back_adds_units_and_raises_the_version(client: Client) -> None:
    assert client.do(sql.GiveBack(A, 3)) is None
    assert client.do(sql.ReadCell(A)) == CellRow(13, 1)


def test_giving_back_to_an_unknown_cell_makes_none(client: Client) -> None:
    client.do(sql.GiveBack(UNKNOWN, 3))
    assert client.do(sql.ReadCell(UNKNOWN)) == CellRow(0, 0)


def test_writing_sets_the_units_whatever_they_were(client: Client) -> None:
    assert client.do(sql.WriteCell(A, 4)) is None
    assert client.do(sql.ReadCell(A)) == CellRow(4, 1)


def test_units_never_go_below_zero(client: Client) -> None:
    with pytest.raises(ConstraintBroken):
        client.do(sql.WriteCell(A, -1))
    assert client.do(sql.ReadCell(A)) == CellRow(10, 0)


def test_compare_and_set_writes_only_over_the_version_that_was_read(client: Client) -> None:
    assert client.do(sql.WriteCellIfVersion(A, 9, 0)) is True
    assert client.do(sql.WriteCellIfVersion(A, 8, 0)) is False
    assert client.do(sql.ReadCell(A)) == CellRow(9, 1)


def test_a_token_is_the_raised_version_and_shuts_out_older_ones(client: Client) -> None:
    assert client.do(sql.DrawToken(A)) == CellRow(10, 1)
    assert client.do(sql.WriteCellIfVersion(A, 0, 0)) is False
    assert client.do(sql.WriteCellIfVersion(A, 9, 1)) is True


def test_an_unknown_cell_reads_as_nothing_everywhere(client: Client) -> None:
    for step in (sql.ReadCell(UNKNOWN), sql.ReadCellLocked(UNKNOWN), sql.DrawToken(UNKNOWN)):
        assert client.do(step) == CellRow(0, 0)


def test_a_locked_read_answers_the_row(client: Client) -> None:
    assert client.do(sql.Begin(), sql.ReadCellLocked(B)) == CellRow(5, 0)
    client.do(sql.Rollback())


def test_many_cells_are_read_in_the_order_asked_unknown_ones_as_0(client: Client) -> None:
    assert client.do(sql.ReadCells((B, UNKNOWN, A, B))) == (5, 0, 10, 5)
    assert client.do(sql.ReadCells(())) == ()


def test_names_may_hold_anything_that_a_cell_may(client: Client) -> None:
    odd = [Cell(sku, 'the "place"\\') for sku in ('"', "\\", "{,}", "NULL", "", "größe 🛒", "a'b")]
    client.do(sql.OpenCells(tuple(Opening(cell, n) for n, cell in enumerate(odd, 1))))
    assert client.do(sql.ReadCells(tuple(odd))) == tuple(range(1, len(odd) + 1))
    assert client.do(sql.ReadCell(odd[5])) == CellRow(6, 0)
    with pytest.raises(AssertionError, match="zero byte"):
        client.do(sql.LockOrder("a\0b"))
