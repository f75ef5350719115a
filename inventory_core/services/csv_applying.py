"""What one line of an import does, once, however often it is carried out.

    a row of reference data   put in the place of what is there; an act `csv-line:KEY:LINE` with it
    physical                  the shelf becomes that number, under the cause `csv:KEY:LINE`
    sellable                  a move between unassigned and the channel, under `csv:KEY:LINE`

Each leaves a mark in the transaction that changes something, and who finds the mark changes nothing
and answers what it says. So a file may be carried out by several processes at once, and by the next
one after a death.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from inventory_core.domain import Cell
from inventory_core.problems import Problem
from inventory_core.records import (
    Act,
    Channel,
    MoveState,
    Restriction,
    Service,
    StockMove,
    Warehouse,
)
from inventory_core.services import moving, receiving, reclaiming
from inventory_core.services.csv_reading import NumberedRow
from inventory_core.services.csv_tables import Physical, Sellable
from inventory_core.services.opening import open_cell
from inventory_core.services.parts import Engines
from inventory_core.steps import rows, sql

Reference = Warehouse | Service | Restriction | Channel


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a line. Not finished: somebody has to go on with it."""

    changed: bool = False
    refused: str = ""
    finished: bool = True


async def apply_line(engines: Engines, key: str, one: NumberedRow, turn: int) -> Applied | None:
    """Carry out a line; None: not in this turn (0: channels give, 1: they get)."""
    try:
        if isinstance(one.row, Sellable):
            return await _set_sellable(engines, f"csv:{key}:{one.line}", one.row, turn)
        if isinstance(one.row, Physical):
            return await _set_physical(engines, f"csv:{key}:{one.line}", one.row)
        return await _put(key, one.line, one.row)
    except Problem as problem:  # what the line needs has gone since the file was looked at
        return Applied(refused=str(problem))


# ------------------------------------------------------------------------------------ reference


async def _put(key: str, line: int, row: Reference) -> Applied:
    """Write a row, unless this line has done it before."""
    act_id, kind = f"csv-line:{key}:{line}", type(row)
    row_key = tuple(str(getattr(row, name)) for name in kind.KEY)
    what = f"csv.{kind.__name__.lower()}"
    act = Act(act_id, await rows.StoreClock(), "csv", what, ", ".join(row_key), "{}")
    async with sql.transaction():
        if not await rows.Insert(act):
            before = await rows.Get(Act, (act_id,))
            assert before is not None, f"the act {act_id} was there and is gone; acts are kept"
            return Applied(changed=json.loads(before.detail)["changed"])
        changed = await rows.Insert(row) or await _replace(row, row_key)
        await rows.Put(replace(act, detail=json.dumps({"changed": changed})))
    return Applied(changed=changed)


async def _replace(row: Reference, row_key: rows.Key) -> bool:
    """Write a row in the place of the one that is there; does it differ?"""
    known = await rows.Lock(type(row), row_key)
    if isinstance(known, Channel) and isinstance(row, Channel) and known.engine != row.engine:
        raise Problem(f"channel {row.code} has another engine, {known.engine}, by now; write that")
    if known != row:
        await rows.Put(row)
    return known != row


# ------------------------------------------------------------------------------------------ stock


async def _set_physical(engines: Engines, cause: str, row: Physical) -> Applied:
    answer = await receiving.set_shelf(cause, row.sku, row.warehouse, row.physical, "imported")
    if answer.quantity < 0:
        await reclaiming.reclaim(engines, row.sku, row.warehouse)
    return Applied(changed=answer.quantity != 0)


async def _set_sellable(engines: Engines, name: str, row: Sellable, turn: int) -> Applied | None:
    """Move what the channel has too much or too little of, as of the moment of the first try."""
    move_key = f"move:{name}"
    move = await rows.Get(StockMove, (move_key,))
    if move is None:
        place = f"channel:{row.channel}"
        there = await _units(engines, row.sku, place)
        if row.sellable > there and not turn:
            return None
        await moving.begin_move(await _move_to(row, move_key, place, there))
    move = await moving.carry_move(engines, move_key)
    assert move is not None, f"move {move_key} has vanished; rows are kept"
    if move.state is MoveState.REFUSED:
        said = f"{move.source} has fewer than {move.quantity} of {row.sku}; free some, and import"
        return Applied(refused=f"{said} this line again under another key")
    return Applied(changed=move.quantity != 0, finished=move.state is MoveState.GIVEN)


async def _units(engines: Engines, sku: str, place: str) -> int:
    engine, cell = await moving.engine_of(place), Cell(sku, place)
    await open_cell(engines, engine, cell)
    return (await engines.read(engine, (cell,)))[0]


async def _move_to(row: Sellable, move_key: str, place: str, there: int) -> StockMove:
    """The move that makes it so; of 0 units, and given already, if it is so."""
    delta = row.sellable - there
    source, target = (moving.UNASSIGNED, place) if delta >= 0 else (place, moving.UNASSIGNED)
    return StockMove(
        move_key,
        row.sku,
        source,
        target,
        abs(delta),
        everything=False,
        state=MoveState.ASKED if delta else MoveState.GIVEN,
        reason="imported",
        at_ms=await rows.StoreClock(),
    )
