"""Statements on holds and their deduction log. Whoever writes both writes the hold first.

A statement sees the rows that were committed when it began, and besides them only the newest form
of the very row that it waited for. So a claim that had to wait answers from the hold alone, and
reading the log is a statement of its own.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, Select, and_, case, delete, func, literal_column, null, select, update
from sqlalchemy.dialects.postgresql import Insert, insert

from inventory_core.domain import HoldState
from inventory_core.steps import sql
from inventory_core.stores.sql.encoding import nothing
from inventory_core.stores.sql.hold_values import (
    found,
    limit,
    lines,
    number_of,
    numbers_found,
    order_and_takes,
    order_of,
    refused,
    state_and_generation,
    stored,
    taken,
)
from inventory_core.stores.sql.statement import (
    NUMBER,
    NUMBERS,
    ONE,
    REAL,
    WORD,
    WORDS,
    ZERO,
    Fields,
    Statement,
    rows_from,
    state_is,
)
from inventory_core.stores.sql.tables import Tables

CLOCK: Any = func.clock_timestamp()  # moves on while a statement waits
HELD, REFUSED = state_is(HoldState.HELD), state_is(HoldState.REFUSED)
LOG_COLUMNS = ["order_number", "generation", "line", "sku", "place", "quantity", "state"]


def hold_statements(tables: Tables) -> dict[type[Any], Statement]:
    """Every statement on an order's hold or log."""
    return {
        sql.ClaimOrder: _claim_order(tables, sql.ClaimOrder, HELD),
        sql.ClaimRefused: _claim_order(tables, sql.ClaimRefused, REFUSED),
        sql.ClaimAndTake: _claim_and_take(tables),
        sql.Bury: _bury(tables),
        sql.FindOrder: _find(tables, sql.FindOrder),
        sql.LockOrder: _find(tables, sql.LockOrder),
        sql.RecordOrder: _record_order(tables),
        sql.ReadLog: _read_log(tables),
        sql.Settle: _settle(tables),
        sql.Reopen: _reopen(tables),
        sql.Refuse: _refuse(tables),
        sql.DueHolds: _due_holds(tables),
    }


def _order_fields(**more: Any) -> Fields:
    return Fields(
        order_number=WORD,
        fingerprint=WORD,
        buyer=WORD,
        hold_s=REAL,
        skus=WORDS,
        places=WORDS,
        quantities=NUMBERS,
        **more,
    )


def _as_read(tables: Tables) -> tuple[Any, ...]:
    hold = tables.hold.c
    return hold.state, hold.generation, hold.fingerprint, (hold.due_at <= CLOCK).label("overdue")


def _new_hold(tables: Tables, fields: Fields, state: Any = HELD) -> Insert:
    return insert(tables.hold).values(
        order_number=fields["order_number"],
        state=state,
        generation=ONE,
        fingerprint=fields["fingerprint"],
        buyer=fields["buyer"],
        due_at=CLOCK + fields["hold_s"] * literal_column("interval '1 second'"),
        attempts=ONE,
    )


def or_lock(tables: Tables, new: Insert, *more: Any) -> Any:
    """Insert the hold, or lock the one that is there (after waiting for it); answer with it."""
    attempts = tables.hold.c.attempts
    upsert = new.on_conflict_do_update(
        index_elements=[tables.hold.c.order_number], set_={"attempts": attempts + ONE}
    )
    return upsert.returning(*_as_read(tables), attempts, *more)


def _new_log(fields: Fields, after: CTE, state: Any = HELD) -> Select[Any]:
    """The rows of a log; none is written before the row of `after` is."""
    row = rows_from(fields, sku="skus", place="places", quantity="quantities").c
    rows = (fields["order_number"], ONE, row.line, row.sku, row.place, row.quantity, state)
    return select(*rows).select_from(after)


def _claimed_and_logged(tables: Tables, fields: Fields, state: Any) -> tuple[CTE, CTE]:
    claimed = or_lock(tables, _new_hold(tables, fields, state)).cte("claimed")
    rows = _new_log(fields, claimed, state).where(claimed.c.attempts == ONE)
    return claimed, insert(tables.deduction_log).from_select(LOG_COLUMNS, rows).cte("logged")


def _claim_order(
    tables: Tables, step: type[sql.ClaimOrder] | type[sql.ClaimRefused], state: Any
) -> Statement:
    fields = _order_fields()
    claimed, logged = _claimed_and_logged(tables, fields, state)
    return fields.statement(step, select(claimed).add_cte(logged), order_of, stored)


def _claim_and_take(tables: Tables) -> Statement:
    """Hold, log, then the cells: locked in their order, judged on their newest form, written.

    A fresh order that finds too little divides by zero, which takes back the whole statement.
    """
    fields = _order_fields(taken_skus=WORDS, taken_places=WORDS, taken_quantities=NUMBERS)
    cell = tables.cell.c
    claimed, logged = _claimed_and_logged(tables, fields, HELD)
    take = rows_from(fields, sku="taken_skus", place="taken_places", quantity="taken_quantities").c
    fresh = select(claimed.c.attempts == ONE).scalar_subquery()
    locked = (
        select(cell.sku, cell.place, take.quantity, (cell.sellable >= take.quantity).label("has"))
        .where(fresh, cell.sku == take.sku, cell.place == take.place)
        .order_by(take.line)
        .with_for_update(of=tables.cell)
        .cte("locked")
    )
    took = (
        update(tables.cell)
        .where(cell.sku == locked.c.sku, cell.place == locked.c.place, locked.c.has)
        .values(sellable=cell.sellable - locked.c.quantity, version=cell.version + ONE)
    )
    covered = select(func.count()).where(locked.c.has).scalar_subquery()
    enough = covered == func.cardinality(fields["taken_skus"])
    checked = case((claimed.c.attempts == ONE, ONE / case((enough, ONE), else_=ZERO)))
    clause = select(claimed, checked).add_cte(logged, took.cte("took"))
    return fields.statement(sql.ClaimAndTake, clause, order_and_takes, stored)


def _bury(tables: Tables) -> Statement:
    fields = Fields(order_number=WORD)
    tombstone = insert(tables.hold).values(
        order_number=fields["order_number"],
        state=state_is(HoldState.TOMBSTONE),
        generation=ONE,
        fingerprint=literal_column("''"),
        buyer=literal_column("''"),
        due_at=null(),
        attempts=ONE,
    )
    return fields.statement(sql.Bury, or_lock(tables, tombstone), number_of, stored)


def _find(tables: Tables, step: type[sql.FindOrder] | type[sql.LockOrder]) -> Statement:
    fields = Fields(order_number=WORD)
    clause: Select[Any] = select(*_as_read(tables))
    clause = clause.where(tables.hold.c.order_number == fields["order_number"])
    if step is sql.LockOrder:
        clause = clause.with_for_update()
    return fields.statement(step, clause, number_of, found)


def _record_order(tables: Tables) -> Statement:
    """Hold and log as placed, over whatever was there; surplus lines of another body go."""
    fields, hold, log = _order_fields(), tables.hold, tables.deduction_log
    new = _new_hold(tables, fields)
    over = {name: new.excluded[name] for name in ("state", "generation", "fingerprint", "buyer")}
    over |= {"due_at": new.excluded.due_at, "attempts": hold.c.attempts + ONE}
    upsert = new.on_conflict_do_update(index_elements=[hold.c.order_number], set_=over)
    recorded = upsert.returning(hold.c.order_number).cte("recorded")
    surplus = delete(log).where(
        log.c.order_number == recorded.c.order_number,
        log.c.generation == ONE,
        log.c.line > func.cardinality(fields["skus"]),
    )
    rows = insert(log).from_select(LOG_COLUMNS, _new_log(fields, recorded))
    clause = rows.on_conflict_do_update(
        index_elements=[log.c.order_number, log.c.generation, log.c.line],
        set_={name: rows.excluded[name] for name in LOG_COLUMNS[3:]},
    )
    clause = clause.add_cte(surplus.cte("surplus"))
    return fields.statement(sql.RecordOrder, clause, order_of, nothing)


def _read_log(tables: Tables) -> Statement:
    fields, log = Fields(order_number=WORD), tables.deduction_log
    newest = select(func.max(log.c.generation)).where(log.c.order_number == fields["order_number"])
    clause = select(log.c.sku, log.c.place, log.c.quantity).where(
        log.c.order_number == fields["order_number"],
        log.c.generation == newest.scalar_subquery(),
    )
    return fields.statement(sql.ReadLog, clause.order_by(log.c.line), number_of, lines)


def _write_states(tables: Tables, fields: Fields, state: Any, **values: Any) -> Any:
    """Set the state of a hold, and then of the log rows of its generation."""
    hold, log = tables.hold, tables.deduction_log
    written_hold = update(hold).where(hold.c.order_number == fields["order_number"])
    settled = (
        written_hold.values(state=state, **values)
        .returning(hold.c.order_number, hold.c.generation)
        .cte("settled")
    )
    its_own = and_(
        log.c.order_number == settled.c.order_number, log.c.generation == settled.c.generation
    )
    return update(log).where(its_own).values(state=state)


def _settle(tables: Tables) -> Statement:
    fields = Fields(order_number=WORD, new_state=WORD, raised=NUMBER)
    generation = func.coalesce(fields["raised"], tables.hold.c.generation)
    clause = _write_states(tables, fields, fields["new_state"], generation=generation)
    return fields.statement(sql.Settle, clause, state_and_generation, nothing)


def _reopen(tables: Tables) -> Statement:
    fields = Fields(order_number=WORD, new_state=WORD, raised=NUMBER)
    hold, log = tables.hold, tables.deduction_log
    raised = (
        update(hold)
        .where(hold.c.order_number == fields["order_number"])
        .values(generation=fields["raised"], state=fields["new_state"])
        .returning(hold.c.order_number, hold.c.generation, hold.c.state)
        .cte("raised")
    )
    first = select(
        log.c.order_number,
        raised.c.generation,
        log.c.line,
        log.c.sku,
        log.c.place,
        log.c.quantity,
        raised.c.state,
    ).where(log.c.order_number == raised.c.order_number, log.c.generation == ONE)
    clause = insert(log).from_select(LOG_COLUMNS, first)
    return fields.statement(sql.Reopen, clause, state_and_generation, nothing)


def _refuse(tables: Tables) -> Statement:
    """The rows given back are locked by this transaction already: nobody is waited for."""
    fields = Fields(order_number=WORD, skus=WORDS, places=WORDS, quantities=NUMBERS)
    cell = tables.cell
    back = rows_from(fields, sku="skus", place="places", quantity="quantities").c
    returned = (
        update(cell)
        .where(cell.c.sku == back.sku, cell.c.place == back.place)
        .values(sellable=cell.c.sellable + back.quantity, version=cell.c.version + ONE)
    )
    clause = _write_states(tables, fields, REFUSED).add_cte(returned.cte("returned"))
    return fields.statement(sql.Refuse, clause, taken, refused)


def _due_holds(tables: Tables) -> Statement:
    """`statement_timestamp()` stands still while the statement runs, so the index can stop."""
    fields, hold = Fields(at_most=NUMBER), tables.hold
    clause = (
        select(hold.c.order_number)
        .where(hold.c.state == HELD, hold.c.due_at <= func.statement_timestamp())
        .order_by(hold.c.due_at, hold.c.order_number)
        .limit(fields["at_most"])
    )
    return fields.statement(sql.DueHolds, clause, limit, numbers_found)
