"""Check 3: no lost deduction. Who was told "deducted" is in the log, with all lines, exactly once.

An order that was closed again counts as found if somebody asked for it: rolled back after a
cancellation, expired after its hold was over.
"""

from __future__ import annotations

import numpy as np

from inventory_core.domain import HoldState
from inventory_core.stores.audit import BookedOrder
from inventory_core.strategy import Promise
from scenarios.checks.case import Case
from scenarios.checks.finding import Check, Finding


def examine(check: Check, case: Case) -> Finding:
    """Acknowledged orders that the books do not have, or not whole."""
    history, operations = case.history, case.history.operations
    lost = missing(case)
    places = np.asarray([place for place, _ in lost], dtype=np.int64)

    def tell(which: int) -> str:
        number = history.order.texts[operations.order[places[which]]]
        return f"order {number} was acknowledged and {lost[which][1]}"

    at_ns, size = operations.accepted_ns[places], history.body_units[operations.body[places]]
    return check.found(at_ns, size, tell, {"lost_orders": len(lost)})


def missing(case: Case) -> list[tuple[int, str]]:
    """The operations that were acknowledged and are not in the books as they should, and how."""
    history = case.history
    operations = history.operations
    cancelled = set(history.order.code[history.kind.are("roll_back")].tolist())
    found = []
    for place in np.flatnonzero(operations.accepted > 0).tolist():
        order, body = int(operations.order[place]), int(operations.body[place])
        due_ns = int(operations.first_sent_ns[place]) + int(case.hold_s * 1e9)
        complaint = _complaint(
            case.booked[order],
            may_be_cancelled=order in cancelled,
            may_be_expired=due_ns <= case.ended_ns,
        ) or _unlike(case, case.booked[order], body)
        if complaint:
            found.append((place, complaint))
    return found


def _complaint(
    booked: BookedOrder | None, *, may_be_cancelled: bool, may_be_expired: bool
) -> str | None:
    if booked is None:
        return "is not in the log"
    if booked.state.owns_units:
        return None
    if booked.state is HoldState.ROLLED_BACK and may_be_cancelled:
        return None
    if booked.state is HoldState.EXPIRED and may_be_expired:
        return None
    return f"is in the log as {booked.state.value}"


def _unlike(case: Case, booked: BookedOrder | None, body: int) -> str | None:
    """Does the log of an order that owns its units have fewer of them than was promised?

    More is another matter: see check 5.
    """
    if booked is None or not booked.state.owns_units:
        return None
    takes, cells = case.history.takes, case.history.cells
    owned = booked.units()
    for at in range(int(takes.start[body]), int(takes.start[body + 1])):
        cell, quantity = cells[int(takes.cell[at])], int(takes.quantity[at])
        if owned.get(cell, 0) < quantity:
            return f"the log has {owned.get(cell, 0)} of its {quantity} units of {cell}"
    return None


CHECK = Check(3, "no lost deduction", Promise.ALL_OR_NOTHING, examine)
