"""Check 4: no phantom. Every entry of the log has an attempt that may have written it.

A refusal, a contended answer and a definite error have no effect; an unknown one has none or one.
"""

from __future__ import annotations

import numpy as np

from inventory_core.strategy import Promise
from scenarios.checks.case import HAD_UNITS, Case
from scenarios.checks.finding import Check, Finding


def examine(check: Check, case: Case) -> Finding:
    """Orders that took units though nobody asked, or though everybody was told no."""
    history = case.history
    operations = history.operations
    able = np.zeros(len(history.order.texts), dtype=bool)
    able[operations.order[(operations.accepted > 0) | (operations.unknown > 0)]] = True
    last_ns = np.full(len(able), -1, dtype=np.int64)
    np.maximum.at(last_ns, operations.order, operations.last_replied_ns)
    found = [
        (int(last_ns[order]), number, "has units, though every answer said that it got none")
        for order, number in enumerate(history.order.texts)
        if case.effective[order] and not able[order]
    ]
    known = set(history.order.texts)
    for number, booked in (case.truth.orders if case.truth else {}).items():
        if number not in known and booked.state in HAD_UNITS:
            found.append((-1, number, "is in the log, and nobody sent it"))
    return check.found(
        np.asarray([at_ns for at_ns, _, _ in found], dtype=np.int64),
        np.ones(len(found), dtype=np.int64),
        lambda place: f"order {found[place][1]} {found[place][2]}",
        {"phantom_orders": len(found)},
    )


CHECK = Check(4, "no phantom", Promise.ALL_OR_NOTHING, examine)
