"""A plan may hold by one server's rules and oversell by another's: the explorer can tell."""

from __future__ import annotations

from typing import ClassVar

import pytest

from inventory_core.domain import Order, Outcome
from inventory_core.steps import Conflict, Deadlock, sql
from inventory_core.strategy import Needs, Promise, Promises, RowHolds, Strategy
from inventory_core.strategy.registry import make
from scenarios.model.dialects import MARIADB, MARIADB_SNAPSHOT, POSTGRESQL, Dialect
from scenarios.proving.case import Case
from scenarios.proving.cases import CASES
from scenarios.proving.counterexample import counterexample
from scenarios.proving.explorer import Bounds
from scenarios.proving.replay import replay_record
from scenarios.proving.trial import Trial, try_out
from scenarios.proving.world import LIMITS
from tests.proving.unreduced import breaches, explore

READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE = sql.Isolation
BOUNDS = Bounds(200_000, 60)
LAST_UNIT = CASES["last unit, 1 line"]


class ReadsPlainlyAfterTheLock(RowHolds):
    """Looks for the order, locks the row, and then reads it plainly to reckon with."""

    family: ClassVar = "planted"
    needs: ClassVar = Needs.SQL
    promises: ClassVar = Promises()

    async def deduct(self, order: Order) -> Outcome:
        try:
            return await self._deduct(order)
        except (Conflict, Deadlock):
            return Outcome.CONTENDED

    async def _deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            await sql.FindOrder(order.number)  # the snapshot, if there is to be one
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                await sql.ReadCellLocked(take.cell)
                left = (await sql.ReadCell(take.cell)).sellable
                if left < take.quantity:
                    return await sql.Refuse(order, take)
                await sql.WriteCell(take.cell, left - take.quantity)
        return Outcome.DEDUCTED


class ReadsUnderAnyLevel(ReadsPlainlyAfterTheLock):
    """Reads and writes without a lock, and leaves it to the level to find out."""

    async def _deduct(self, order: Order) -> Outcome:
        async with sql.transaction(SERIALIZABLE):
            claim = await sql.ClaimOrder(order)
            if not claim.fresh:
                return claim.answer_to(order)
            for take in order.takes:
                left = (await sql.ReadCell(take.cell)).sellable
                if left < take.quantity:
                    return await sql.Refuse(order, take)
                await sql.WriteCell(take.cell, left - take.quantity)
        return Outcome.DEDUCTED


def tried(strategy: Strategy, dialect: Dialect, case: Case = LAST_UNIT) -> Trial:
    return try_out(strategy, case, BOUNDS, dialect)[0]


def oversells(trial: Trial) -> bool:
    assert not trial.bounded
    return Promise.NEVER_OVERSELLS in trial.breaches


RULES = [
    (POSTGRESQL, False),
    (POSTGRESQL.at(REPEATABLE_READ), False),
    (POSTGRESQL.at(SERIALIZABLE), False),
    (MARIADB, False),
    (MARIADB.at(REPEATABLE_READ), True),
    (MARIADB_SNAPSHOT.at(REPEATABLE_READ), False),
    (MARIADB.at(SERIALIZABLE), False),
]
NAMES = [f"{rules.name}, {rules.least.value.lower()}" for rules, _ in RULES]


@pytest.mark.slow
@pytest.mark.parametrize("rules, falls", RULES, ids=NAMES)
def test_a_plain_read_after_the_lock_oversells_on_mariadb_at_repeatable_read_alone(
    rules: Dialect, falls: bool
) -> None:
    assert oversells(tried(ReadsPlainlyAfterTheLock(limits=LIMITS), rules)) is falls


@pytest.mark.slow
@pytest.mark.parametrize("rules", [rules for rules, _ in RULES], ids=NAMES)
def test_the_locked_read_itself_never_oversells(rules: Dialect) -> None:
    assert not oversells(tried(make("row_lock", LIMITS), rules))


@pytest.mark.slow
@pytest.mark.parametrize("rules", [POSTGRESQL, POSTGRESQL.at(REPEATABLE_READ), MARIADB])
def test_reading_and_writing_at_serializable_does_not_oversell(rules: Dialect) -> None:
    trial = tried(ReadsUnderAnyLevel(limits=LIMITS), rules)
    assert not oversells(trial)
    assert Promise.EXACTLY_ONCE not in trial.breaches


@pytest.mark.slow
def test_its_counterexample_says_by_whose_rules_and_is_replayed_by_them() -> None:
    rules = MARIADB.at(REPEATABLE_READ)
    naive = make("naive_read_write", LIMITS)
    trial, world, explored = try_out(naive, LAST_UNIT, BOUNDS, rules)
    breach = trial.breaches[Promise.NEVER_OVERSELLS]
    record = counterexample("naive_read_write", world, explored, breach).record()
    assert (record["sql"], record["isolation"]) == ("mariadb", "REPEATABLE READ")
    assert "never oversells" in replay_record(record)


@pytest.mark.slow
@pytest.mark.parametrize("title", ["enough for both, 1 line", "quantities that do not fit, 1 line"])
def test_what_a_server_is_free_in_is_explored_as_plainly(title: str) -> None:
    strategy, case = ReadsUnderAnyLevel(limits=LIMITS), CASES[title]
    plain = explore(strategy, case)
    trial, _, explored = try_out(strategy, case, BOUNDS)
    assert len(explored.states) == len(plain.keys)
    assert {p: b.moves for p, b in trial.breaches.items()} == breaches(strategy, case, plain)
