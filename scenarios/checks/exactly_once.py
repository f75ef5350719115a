"""Check 5: exactly once. However often an order is delivered: one effect, the same answer.

Broken by two answers "deducted" to one order number, by two bodies under one number that were both
accepted, by more units in the log than were asked for, and by an order that is told both "deducted"
and "refused".
"""

from __future__ import annotations

import numpy as np

from inventory_core.strategy import Promise
from scenarios.checks.case import Case
from scenarios.checks.finding import Check, Finding
from scenarios.operations import Integers, most


def examine(check: Check, case: Case) -> Finding:
    """Orders with a second effect, and orders whose answer changed."""
    history = case.history
    operations, orders = history.operations, len(history.order.texts)
    deducted = _by_order(orders, operations.order, operations.deducted)
    bodies = _by_order(orders, operations.order, (operations.accepted > 0).astype(np.int64))
    excess = _excess(case)
    changed = np.zeros(orders, dtype=bool)
    changed[operations.order[(operations.accepted > 0) & (operations.refused > 0)]] = True
    twice = (deducted > 1) | (bodies > 1) | (excess > 0)
    broken = np.flatnonzero(twice | changed)
    last_ns = most(orders, operations.order, operations.last_replied_ns)

    def tell(place: int) -> str:
        order = broken[place]
        number = history.order.texts[order]
        if deducted[order] > 1:
            return f"order {number} was answered “deducted” {deducted[order]} times"
        if bodies[order] > 1:
            return f"order {number} was accepted with {bodies[order]} different bodies"
        if excess[order]:
            return f"order {number} owns {excess[order]} units more than it asked for"
        return f"order {number} was told both that it has its units and that it was refused"

    size = np.maximum(1, np.maximum(deducted - 1, excess))[broken]
    figures = {"duplicated_orders": int(twice.sum()), "answers_changed": int(changed.sum())}
    return check.found(last_ns[broken], size, tell, figures)


def _by_order(orders: int, order: Integers, values: Integers) -> Integers:
    return np.bincount(order, weights=values, minlength=orders).astype(np.int64)


def _excess(case: Case) -> Integers:
    """For each order number, the units that the log says it owns beyond what it asked for."""
    history = case.history
    excess = np.zeros(len(case.booked), dtype=np.int64)
    for order, booked in enumerate(case.booked):
        owner = int(case.owner[order])
        if booked is not None and booked.state.owns_units and owner >= 0:
            asked = int(history.body_units[history.operations.body[owner]])
            excess[order] = max(0, sum(booked.units().values()) - asked)
    return excess


CHECK = Check(5, "exactly once", Promise.EXACTLY_ONCE, examine)
