"""Every SQL step at least once, on rows that are there and rows that are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inventory_core.domain import Cell, HoldState, Line, Opening, Order
from inventory_core.steps import Step, sql

A, B, NEW_CELL, UNKNOWN = Cell("a"), Cell("b"), Cell("new"), Cell("unknown")
HELD = Order("held", (Line(A, 1), Line(B, 1), Line(A, 1)), hold_s=0.0)
HELD_OTHERWISE = Order("held", (Line(B, 2),))
EXPIRED = Order("expired", (Line(A, 1),))
NEW = Order("new", (Line(A, 1), Line(B, 1)))
NEW_TO_OTHERS = Order("new", (Line(B, 1),))
UNKNOWN_ORDER = Order("new", (Line(UNKNOWN, 1),))
TOMBSTONE = Order("tombstone", (Line(A, 1),))


@dataclass(frozen=True, slots=True)
class FinishTaken(Step[None]):
    """FinishTask for the task that was taken as the `place`-th; ids differ from world to world."""

    place: int


BEFORE: tuple[Step[Any], ...] = (
    sql.OpenCells((Opening(A, 2), Opening(B, 1))),
    sql.ClaimOrder(HELD),
    sql.ClaimOrder(EXPIRED),
    sql.Settle("expired", HoldState.EXPIRED),
    sql.Bury("tombstone"),
    sql.AddTasks("held", 1, ((A, -1), (B, -1))),
    sql.RecordAdjustment("adjusted", A, 1, "count"),
)
"""What every case starts from."""

STEPS: dict[str, Step[Any]] = {
    "claim a new order": sql.ClaimOrder(NEW),
    "claim a new order with another body": sql.ClaimOrder(NEW_TO_OTHERS),
    "claim a held order": sql.ClaimOrder(HELD),
    "claim a tombstone": sql.ClaimOrder(TOMBSTONE),
    "claim an order that gets nothing": sql.ClaimRefused(NEW),
    "claim a held order that gets nothing": sql.ClaimRefused(HELD),
    "claim and take": sql.ClaimAndTake(NEW),
    "claim and take for a held order": sql.ClaimAndTake(HELD),
    "claim and take too much": sql.ClaimAndTake(Order("new", (Line(A, 1), Line(B, 2)))),
    "claim and take of an unknown cell": sql.ClaimAndTake(UNKNOWN_ORDER),
    "claim a group": sql.ClaimHolds((EXPIRED, HELD, NEW)),
    "claim a group of one": sql.ClaimHolds((NEW_TO_OTHERS,)),
    "claim and take for a group": sql.ClaimAndTakeAll((EXPIRED, HELD, NEW)),
    "claim and take for a group too much": sql.ClaimAndTakeAll((NEW, Order("next", (Line(B, 1),)))),
    "claim and take for a group of an unknown cell": sql.ClaimAndTakeAll((UNKNOWN_ORDER,)),
    "claim and take for nobody": sql.ClaimAndTakeAll((TOMBSTONE,)),
    "bury a new order": sql.Bury("new"),
    "bury a held order": sql.Bury("held"),
    "find a new order": sql.FindOrder("new"),
    "find a held order": sql.FindOrder("held"),
    "lock a new order": sql.LockOrder("new"),
    "lock a held order": sql.LockOrder("held"),
    "record a new order": sql.RecordOrder(NEW),
    "record a held order": sql.RecordOrder(HELD_OTHERWISE),
    "read the log of a held order": sql.ReadLog("held"),
    "read the log of an expired order": sql.ReadLog("expired"),
    "settle a new order": sql.Settle("new", HoldState.REFUSED),
    "settle a held order": sql.Settle("held", HoldState.PAID),
    "settle an expired order": sql.Settle("expired", HoldState.ROLLED_BACK),
    "burn a generation": sql.Settle("expired", HoldState.EXPIRED, 2),
    "reopen an expired order": sql.Reopen("expired", 2, HoldState.PAID),
    "reopen a generation that is there": sql.Reopen("held", 1, HoldState.PAID),
    "refuse a held order": sql.Refuse(HELD, HELD.takes[1]),
    "holds that are due": sql.DueHolds(10),
    "take what is there": sql.TakeIfEnough(A, 1),
    "take all": sql.TakeIfEnough(A, 2),
    "take too much": sql.TakeIfEnough(A, 3),
    "take of an unknown cell": sql.TakeIfEnough(UNKNOWN, 1),
    "take of a cell being opened": sql.TakeIfEnough(NEW_CELL, 1),
    "take of all": sql.TakeOfAll(2),
    "give back": sql.GiveBack(A, 1),
    "give back too little": sql.GiveBack(A, -3),
    "read a cell": sql.ReadCell(A),
    "read an unknown cell": sql.ReadCell(UNKNOWN),
    "read a cell locked": sql.ReadCellLocked(A),
    "read an unknown cell locked": sql.ReadCellLocked(UNKNOWN),
    "read a cell if it is free": sql.ReadCellNowait(A),
    "read an unknown cell if it is free": sql.ReadCellNowait(UNKNOWN),
    "lock a name": sql.LockName("a"),
    "read cells locked": sql.ReadCellsLocked((A, B, UNKNOWN)),
    "write a cell": sql.WriteCell(A, 7),
    "write a cell below zero": sql.WriteCell(A, -1),
    "write a cell of this version": sql.WriteCellIfVersion(A, 1, 0),
    "write a cell of the next version": sql.WriteCellIfVersion(A, 1, 1),
    "draw a token": sql.DrawToken(A),
    "draw an unknown token": sql.DrawToken(UNKNOWN),
    "add tasks": sql.AddTasks("new", 1, ((A, -1), (A, -1), (B, 2))),
    "take one task": sql.TakeTasks(1),
    "take all tasks": sql.TakeTasks(10),
    "read units after the tasks": sql.ReadUnmerged((B, UNKNOWN, A)),
    "finish a task": FinishTaken(0),
    "finish an unknown task": sql.FinishTask(0),
    "record a new adjustment": sql.RecordAdjustment("new", B, 2, "count"),
    "record an adjustment again": sql.RecordAdjustment("adjusted", B, 2, "count"),
    "open cells": sql.OpenCells((Opening(NEW_CELL, 1),)),
    "open cells that are there": sql.OpenCells((Opening(NEW_CELL, 1), Opening(A, 1))),
    "read cells": sql.ReadCells((B, UNKNOWN, A)),
}
"""Sentences, and the steps that they stand for."""
