"""A shop's run as the checks of a bare strategy know it: what its engine was asked, and owns.

The engine knows an order's one part as `CHANNEL/NUMBER#1`. Where payment deducts, paying is what
deducts: placing asked the engine for nothing. A contended answer of the shop leaves its intent for
others, so for the engine it is an unknown one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from inventory_core.domain import Cell
from inventory_core.stores.audit import Audit, Book
from scenarios.checks import CHECKS, Case, Finding, judge
from scenarios.checks import conservation as conserved
from scenarios.operations import History
from scenarios.serving.buyers import ACTIVITY_PLACE, PLACE
from scenarios.serving.checks.case import TURNED_AWAY, ShopCase
from scenarios.serving.checks.late_payments import supply_of
from scenarios.serving.checks.remainder import owned_units
from scenarios.serving.client import Served
from scenarios.serving.records import as_attempts, attempts_table

_AT_PAYMENT = {
    "paid": "deducted",
    "already_paid": "replayed",
    **dict.fromkeys(TURNED_AWAY, "refused"),
}


def judge_engine(case: ShopCase, refuses_for: str, ended_ns: int) -> tuple[Finding, ...]:
    """Examine a run by the checks of a strategy."""
    supply = {Cell(sku, case.buyers.place): supply_of(case) for sku in case.buyers.skus}
    seen = engine_case(case, supply, refuses_for, ended_ns)
    rest = tuple(check for check in CHECKS if check is not conserved.CHECK)
    whole = replace(seen, supply=_expected(case))
    return (*judge(whole, (conserved.CHECK,)), *judge(seen, rest))


def engine_case(
    case: ShopCase, supply: Mapping[Cell, int], refuses_for: str, ended_ns: int
) -> Case:
    """The run as the engine saw it."""
    attempts = [_told(case, one) for one in [*case.attempts, *as_attempts(case.expiries)]]
    kept = [one for one in attempts if one is not None]
    return Case(
        history=History.of(attempts_table(kept, case.orders)),
        audit=by_number(case.audit),
        supply=supply,
        hold_s=case.buyers.scenario.demand.hold_s if case.holds else 1e6,
        ended_ns=ended_ns,
        refuses_for=refuses_for,
    )


def _expected(case: ShopCase) -> dict[Cell, int]:
    """What the journal of each cell must add up to at rest: an activity keeps what it sold."""
    sale = case.buyers.scenario.stock.quantity
    found = {}
    for sku in case.buyers.skus:
        sold = owned_units(case, sku) if case.shop.window_s else 0
        found[Cell(sku, PLACE)] = sale - sold
        if case.shop.window_s:
            found[Cell(sku, ACTIVITY_PLACE)] = sold
    return found


def _told(case: ShopCase, one: Served) -> Served | None:
    """An attempt in the engine's words; None if the engine was not asked."""
    outcome = "unknown" if one.outcome == "contended" else one.outcome
    if case.holds or one.kind == "expire":
        return one._replace(outcome=outcome)
    if one.kind == "pay":
        return one._replace(kind="deduct", outcome=_AT_PAYMENT.get(outcome, outcome))
    return None


def by_number(audit: Audit) -> Audit:
    """The same books, with orders by the number that the buyer knows."""
    return Audit(tuple(_by_number(book) for book in audit.books))


def _by_number(book: Book) -> Book:
    orders = {}
    for key, order in book.orders.items():
        number = key.rpartition("/")[2].partition("#")[0]
        orders[number] = replace(order, order_number=number)
    return replace(book, orders=orders)
