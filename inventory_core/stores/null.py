"""The stack `null`: every step is answered at once with a success, so only the machinery is left.

Any plan runs on it to its end. What it takes is the cost of plan, driver and record: the floor
under every figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inventory_core.domain import HoldState, Outcome
from inventory_core.steps import (
    clock,
    gate,
    kv,
    mailbox,
    noted,
    parts,
    rows,
    sql,
    stream,
    taking,
    watched,
)
from inventory_core.steps.step import Step
from inventory_core.stores.session import Handler

_FRESH = sql.StoredOrder(True, HoldState.HELD, 1, "", False)
_PLENTY = sql.CellRow(1_000_000_000, 1)

ANSWERS: Mapping[type[Step[Any]], Any] = {
    sql.Begin: None,
    sql.Commit: None,
    sql.Rollback: None,
    sql.ClaimOrder: _FRESH,
    sql.ClaimAndTake: _FRESH,
    sql.ClaimRefused: _FRESH,
    sql.ClaimAndTakeAll: (),
    sql.FindOrder: None,
    sql.LockOrder: _FRESH._replace(fresh=False),
    sql.Bury: _FRESH._replace(fresh=False),
    sql.RecordOrder: None,
    sql.ReadLog: (),
    sql.Settle: None,
    sql.Reopen: None,
    sql.Refuse: Outcome.REFUSED,
    sql.DueHolds: (),
    sql.TakeIfEnough: True,
    sql.GiveBack: None,
    sql.ReadCell: _PLENTY,
    sql.ReadCellLocked: _PLENTY,
    sql.WriteCell: None,
    sql.WriteCellIfVersion: True,
    sql.DrawToken: _PLENTY,
    sql.AddTasks: None,
    sql.TakeTasks: (),
    sql.FinishTask: None,
    sql.RecordAdjustment: None,
    sql.OpenCells: None,
    sql.BookOrders: None,
    sql.ReadCellNowait: _PLENTY,
    sql.LockName: None,
    sql.TakeOfAll: True,
    rows.Insert: True,
    rows.InsertAll: None,
    rows.Get: None,
    rows.Lock: None,
    rows.Put: True,
    rows.PutAll: None,
    rows.Add: True,
    rows.Select: (),
    rows.Sum: 0,
    rows.Remove: True,
    rows.StoreClock: 0,
    taking.Intend: Outcome.DEDUCTED,
    taking.TakeMarked: _PLENTY.sellable,
    taking.GiveUpTakings: 0,
    parts.OpenParts: 0,
    parts.AdjustParts: Outcome.ADJUSTED,
    parts.DrainParts: 0,
    parts.LevelParts: 0,
    noted.ReadStand: None,
    noted.ReadEntry: None,
    noted.ReadChanged: (),
    noted.Copied: True,
    watched.Watch: None,
    watched.Unwatch: None,
    watched.BookIfUnchanged: True,
    stream.ReadEntries: stream.Batch(stream.BEGINNING, ()),
    stream.Acknowledge: True,
    gate.Admit: Outcome.DEDUCTED,
    gate.MarkSoldOut: None,
    gate.Unmark: None,
    mailbox.Reply: None,
    mailbox.Fail: None,
    kv.Deduct: Outcome.DEDUCTED,
    kv.Retake: Outcome.DEDUCTED,
    kv.ReturnHold: True,
    kv.RestoreHold: True,
    kv.Forget: True,
    kv.OpenHolds: (),
    kv.DueHolds: (),
    kv.Adjust: Outcome.ADJUSTED,
    kv.Drain: 0,
    kv.ReadJournal: (),
    kv.OpenCells: 0,
    kv.SetIfAbsent: True,
    kv.DeleteIfEqual: True,
    clock.Now: 0.0,
    clock.Sleep: None,
    clock.BackOff: None,
    clock.Draw: 0,
    clock.Node: 0,
    clock.NewId: "id",
}
"""What each kind of step is answered."""

_RESOLVED = {
    "roll_back": Outcome.ROLLED_BACK,
    "expire": Outcome.EXPIRED,
    "pay": Outcome.PAID,
    "ship": Outcome.SHIPPED,
}

_BOOKED = {True: Outcome.DEDUCTED, False: Outcome.REFUSED}


def _seen(step: watched.ReadOrder) -> watched.Seen:
    return watched.Seen(None, (_PLENTY.sellable,) * len(step.order.takes), 0)


def _always(answer: Any) -> Handler:
    return lambda _: answer


class NullPart:
    """Answers from the table."""

    def __init__(self) -> None:
        answers: dict[type[Step[Any]], Handler] = {
            kind: _always(answer) for kind, answer in ANSWERS.items()
        }
        answers[kv.Resolve] = lambda step: _RESOLVED[step.verb]
        answers[sql.ReadCells] = lambda step: (_PLENTY.sellable,) * len(step.cells)
        answers[sql.ReadUnmerged] = answers[parts.ReadParts] = answers[sql.ReadCells]
        answers[kv.ReadCells] = answers[sql.ReadCells]
        answers[watched.ReadOrder] = _seen
        answers[parts.TakePart] = lambda step: step.wanted
        answers[noted.Noted] = lambda step: answers[type(step.step)](step.step)
        answers[stream.Appended] = answers[noted.Noted]
        answers[taking.BookTaken] = lambda step: _BOOKED[step.enough]
        answers[sql.ReadCellsLocked] = lambda step: (_PLENTY,) * len(step.cells)
        answers[sql.ClaimHolds] = lambda step: (_FRESH,) * len(step.orders)
        answers[mailbox.Join] = lambda step: mailbox.Seat(True, 1, (step.item,))
        self.handlers: Mapping[type[Step[Any]], Handler] = answers

    def reset(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""
