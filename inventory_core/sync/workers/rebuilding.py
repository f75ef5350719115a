"""Rebuild an engine's cache from its rows, with orders in flight.

    buyers        told to come again (a courtesy, not the fence)
    keys          emptied: from here on every count in them is refused
    transactions  those that are open now are waited for: what they counted is in rows, or undone
    rows          read as of one moment: counters with their tasks, holds with their lines
    keys          holds first, then counters: a counter that is there is right
    recover       what was rolled back meanwhile gives its units back

It is sound only where an order counts inside the transaction that remembers it: who has counted and
not yet committed has a transaction open. Where the count comes before the transaction, or the truth
lies in the keys, no wait is long enough, and this is refused. Moves of stock must be at rest: a
drain counts before it writes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from inventory_core.domain import Cell, Line, Opening
from inventory_core.drivers.blocking import carry_out
from inventory_core.problems import Problem
from inventory_core.services import auditing, pressure
from inventory_core.steps import kv
from inventory_core.steps.engine import on
from inventory_core.stores.kv import RedisStore
from inventory_core.stores.service import ServiceAddress, connect_service
from inventory_core.stores.session import Session
from inventory_core.stores.sql.address import connect
from inventory_core.strategy import CountedHolds, registry
from inventory_core.sync.workers.limits import WorkerLimits

WHY = "its cache is being rebuilt"
BATCH = 500
LOOK_EVERY_S = 0.02
_CELLS = """
    SELECT opened.sku, opened.place, cell.sellable + coalesce((
        SELECT sum(task.delta) FROM {schema}.stock_task AS task
        WHERE NOT task.done AND (task.sku, task.place) = (opened.sku, opened.place)), 0)::bigint
    FROM {schema}.opened_cell AS opened
    JOIN {schema}.cell AS cell USING (sku, place)
    WHERE opened.engine = %s AND opened.engine = coalesce(
        (SELECT engine FROM {schema}.channel WHERE 'channel:' || code = opened.place),
        (SELECT engine FROM {schema}.activity WHERE 'activity:' || code = opened.place))
    ORDER BY opened.sku, opened.place
"""
_TOUCHING = """
    SELECT DISTINCT lock.virtualtransaction
    FROM pg_locks AS lock
    JOIN pg_class AS relation ON relation.oid = lock.relation
    JOIN pg_namespace AS home ON home.oid = relation.relnamespace
    WHERE home.nspname = %s AND lock.granted
    AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND lock.mode IN ('RowShareLock', 'RowExclusiveLock', 'ShareRowExclusiveLock',
                      'ExclusiveLock', 'AccessExclusiveLock')
"""
_HOLDS = """
    SELECT hold.order_number, hold.fingerprint, hold.generation,
        floor(extract(epoch FROM coalesce(hold.due_at, now())) * 1000)::bigint,
        log.sku, log.place, log.quantity
    FROM {schema}.hold AS hold
    JOIN {schema}.deduction_log AS log USING (order_number, generation)
    WHERE hold.state IN ('held', 'paid')
    ORDER BY hold.order_number, log.sku, log.place
"""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was written, and how long buyers were sent away."""

    cells: int
    units: int
    holds: int
    took_s: float


def rebuild(address: ServiceAddress, engine: str, limits: WorkerLimits | None = None) -> Rebuilt:
    """Empty the keys of an engine and write them anew; a `Problem` where that is not sound.

    Who dies in between leaves counters missing, which sells too little and never too much: call it
    again.
    """
    bounds = limits or WorkerLimits()
    kind = registry.find_strategy(engine)
    if not (issubclass(kind, CountedHolds) and kind.counts_within):
        raise Problem(f"the cache of {engine} cannot be rebuilt from rows: {_why_not(kind)}")
    begun_s = time.monotonic()
    with closing(connect_service(address, seed="rebuild")) as session:
        _refuse_moves(session)
        for_ms = round(2_000 * bounds.open_most_s)
        carry_out(pressure.hold_back(engine, WHY, for_ms), session.perform)
        cells, holds = _read(address, engine, bounds.open_most_s)
        carry_out(pressure.hold_back(engine, WHY, for_ms), session.perform)
        _write(session, engine, cells, holds)
        carry_out(pressure.let_go(engine), session.perform)
    units = sum(one.quantity for one in cells)
    return Rebuilt(len(cells), units, len(holds), time.monotonic() - begun_s)


def _why_not(kind: type[Any]) -> str:
    if issubclass(kind, CountedHolds):
        return "an order counts there before its transaction begins; close the sale and drain"
    return "the rows are a copy of it, and what they miss nobody knows"


def _refuse_moves(session: Session) -> None:
    moves = carry_out(auditing.under_way(), session.perform).moves
    if moves:
        raise Problem(f"{moves} moves of stock are under way: rebuild when they have ended")


@dataclass(frozen=True, slots=True)
class Held:
    """A hold as its rows have it."""

    number: str
    fingerprint: str
    generation: int
    due_ms: int
    takes: tuple[Line, ...]


def _read(
    address: ServiceAddress, engine: str, within_s: float
) -> tuple[list[Opening], list[Held]]:
    """Empty the keys, wait, and read the rows as of one moment."""
    with closing(connect(address.sql_url)) as connection:
        store = RedisStore(address.kv_url, address.prefix_of(engine))
        with closing(store):
            store.clear()
        await_open_transactions(connection, address.schema, within_s)
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            asked = _CELLS.format(schema=address.schema)
            found = connection.execute(asked, [engine]).fetchall()
            cells = [Opening(Cell(sku, place), units) for sku, place, units in found]
            lines = connection.execute(_HOLDS.format(schema=address.schema)).fetchall()
    ours = {one.cell for one in cells}
    return cells, [one for one in _held(lines) if all(take.cell in ours for take in one.takes)]


def await_open_transactions(connection: Any, schema: str, within_s: float) -> None:
    """Wait until every transaction has ended that is open now and has touched a row of the schema.

    Each keeps its lock of the table until its end. Whoever else is at work in the database, or in
    another schema of it, is not waited for.
    """
    before = _open(connection, schema)
    deadline_s = time.monotonic() + within_s
    while before := before & _open(connection, schema):
        if time.monotonic() > deadline_s:
            raise Problem(
                f"a transaction has been open for more than {within_s:g} s: end it (see"
                " pg_stat_activity) and rebuild again; until then nothing is sold from this cache"
            )
        time.sleep(LOOK_EVERY_S)


def _open(connection: Any, schema: str) -> set[str]:
    """The transactions that hold a lock, other than a mere reader's, of a table of the schema."""
    return {transaction for (transaction,) in connection.execute(_TOUCHING, [schema])}


def _held(lines: Sequence[tuple[Any, ...]]) -> Iterator[Held]:
    """Rows, sorted by order and cell, as holds; lines of one cell are added up."""
    takes: dict[tuple[str, str, int, int], dict[Cell, int]] = {}
    for number, fingerprint, generation, due_ms, sku, place, quantity in lines:
        of = takes.setdefault((number, fingerprint, generation, due_ms), {})
        cell = Cell(sku, place)
        of[cell] = of.get(cell, 0) + quantity
    for key, taken in takes.items():
        yield Held(*key, tuple(Line(cell, units) for cell, units in taken.items()))


def _write(session: Session, engine: str, cells: Sequence[Opening], holds: Sequence[Held]) -> None:
    async def written() -> None:
        for one in holds:
            await kv.RestoreHold(one.number, one.fingerprint, one.generation, one.due_ms, one.takes)
        for first in range(0, len(cells), BATCH):
            await kv.OpenCells(tuple(cells[first : first + BATCH]))
        await registry.make(engine).recover()

    carry_out(on(engine, written()), session.perform)
