"""Orders that are claimed, decided and booked as a group, on the model and on PostgreSQL."""

import pytest

from inventory_core.domain import Line, Order
from inventory_core.steps import sql
from tests.conformance.steps.catalogue import EXPIRED, HELD, NEW, A, B
from tests.conformance.steps.conftest import Compare

pytestmark = pytest.mark.live
NEXT = Order("next", (Line(B, 1), Line(A, 1), Line(B, 1)))
BOTH = (NEW, NEXT)
TAKEN = (Line(A, 1), Line(B, 1))
BOOK = sql.BookOrders(TAKEN, frozenset({NEXT.number}))
LOCK = sql.ReadCellsLocked((A, B))


def test_a_group_is_claimed_locked_and_booked(compare: Compare) -> None:
    case = compare()
    moves = [sql.Begin(), sql.ClaimHolds(BOTH), LOCK, BOOK, sql.Commit(), sql.ReadLog("next")]
    case.run([(0, move) for move in moves])
    case.audit()


def test_a_group_that_is_rolled_back_was_never_there(compare: Compare) -> None:
    case = compare()
    moves = [sql.Begin(), sql.ClaimHolds(BOTH), LOCK, BOOK, sql.Rollback(), sql.ClaimHolds(BOTH)]
    case.run([(0, move) for move in moves])
    case.audit()


def test_a_group_that_is_undone_was_never_there(compare: Compare) -> None:
    """B has one unit: enough at the look for whom it is, and too little once it is locked."""
    case = compare()
    moves = [sql.Begin(), sql.GiveBack(B, 3), sql.ClaimAndTakeAll(BOTH), sql.Commit()]
    case.run([(0, move) for move in [sql.ClaimAndTakeAll(BOTH), *moves, sql.ReadLog("next")]])
    case.audit()


@pytest.mark.parametrize("end", [sql.Commit(), sql.Rollback()], ids=["commit", "rollback"])
@pytest.mark.parametrize(
    "first",
    [
        sql.ClaimHolds((EXPIRED, NEXT)),
        sql.ClaimOrder(NEW),
        sql.Bury("next"),
        sql.ReadCellsLocked((B,)),
        sql.TakeIfEnough(B, 2),
        sql.GiveBack(B, 1),
        sql.ClaimAndTakeAll((NEW, NEXT)),
    ],
    ids=["a group", "an order", "a rollback", "a lock", "a take", "a return", "the same"],
)
def test_a_group_in_one_statement_waits_for_whoever_was_first(
    compare: Compare, first: object, end: object
) -> None:
    case = compare()
    case.run(
        [
            (0, sql.GiveBack(B, 2)),
            (0, sql.Begin()),
            (0, first),
            (1, sql.ClaimAndTakeAll(BOTH)),
            (0, end),
        ]
    )
    case.audit()


@pytest.mark.parametrize("end", [sql.Commit(), sql.Rollback()], ids=["commit", "rollback"])
@pytest.mark.parametrize(
    "other",
    [sql.ClaimHolds((EXPIRED, HELD, NEXT)), sql.ClaimOrder(NEXT), sql.Bury("new"), LOCK],
    ids=["a group", "an order", "a rollback", "a lock"],
)
def test_whoever_wants_the_same_waits_for_the_group(
    compare: Compare, other: object, end: object
) -> None:
    case = compare()
    case.run(
        [
            (0, sql.Begin()),
            (0, sql.ClaimHolds(BOTH)),
            (0, LOCK),
            (1, sql.Begin()),
            (1, other),
            (0, BOOK),
            (0, end),
        ]
    )
    case.audit()
