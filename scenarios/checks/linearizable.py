"""Check 7: linearizable. Deductions of single units look as if they came one after the other.

For one cell, without give-backs, this is so exactly when: (a) no more were accepted than there
were, and if anybody was refused, with t the earliest reply of a refusal: (b) every accepted one was
sent before t, and (c) those accepted or unknown and sent before t were as many as there were.
Cells with other quantities, baskets or give-backs are not judged by this rule.
"""

from __future__ import annotations

import numpy as np

from inventory_core.strategy import Promise
from scenarios.checks.case import Case
from scenarios.checks.finding import Check, Finding
from scenarios.operations import NEVER, Flags, Integers


def examine(check: Check, case: Case) -> Finding:
    """Cells whose answers no order of deductions explains."""
    history = case.history
    judged = _judgeable(case)
    if not judged.any():
        why = "needs a cell of which only single units are asked, and none given back"
        return check.not_judged(why)
    operations, takes = history.operations, history.takes
    cell = takes.cell[takes.start[:-1]][operations.body]  # of one line, where judged
    supply = history.supply_of(case.supply)
    at_ns, size, what = [], [], []
    for each in np.flatnonzero(judged).tolist():
        mine = cell == each
        complaint = complain(
            int(supply[each]),
            _times(operations.first_sent_ns, mine & (operations.accepted > 0)),
            _times(operations.refused_ns, mine & (operations.refused > 0)),
            _times(operations.first_sent_ns,
                   mine & (operations.accepted == 0) & (operations.unknown > 0)),
        )  # fmt: skip
        if complaint:
            when, units, words = complaint
            at_ns.append(when)
            size.append(units)
            what.append(f"{history.cells[each]}: {words}")
    return check.found(np.asarray(at_ns), np.asarray(size), what.__getitem__)


def _times(times: Integers, which: Flags) -> Integers:
    return times[which]


def complain(
    stock: int, accepted_sent: Integers, refused_replied: Integers, unknown_sent: Integers
) -> tuple[int, int, str] | None:
    """Why no order of these deductions of one unit explains their answers; None if one does.

    Answers when, by how many units, and in words.
    """
    if len(accepted_sent) > stock:
        over = len(accepted_sent) - stock
        when = int(np.sort(accepted_sent)[stock])
        return when, over, f"{len(accepted_sent)} accepted of {stock}"
    if not len(refused_replied):
        return None
    first_refusal = int(refused_replied.min())
    late = int((accepted_sent >= first_refusal).sum())
    if late:
        return first_refusal, late, f"{late} accepted that were sent after somebody was refused"
    before = int((unknown_sent < first_refusal).sum()) + len(accepted_sent)
    if before < stock:
        left = stock - before
        return first_refusal, left, f"refused with at least {left} left"
    return None


def _judgeable(case: Case) -> Flags:
    """The cells that only orders of one unit of them alone ask for, and nobody gives back."""
    history = case.history
    operations, takes, moves = history.operations, history.takes, case.moves
    single = (takes.start[1:] - takes.start[:-1] == 1) & (history.body_units == 1)
    fine = np.ones(len(history.cells), dtype=bool)
    _, cell, _ = takes.of(np.flatnonzero(~single))
    fine[cell] = False
    given = moves.operation[(moves.sign < 0) | (moves.sent_ns >= NEVER)]
    _, cell, _ = takes.of(operations.body[given])
    fine[cell] = False
    _, asked, _ = takes.of(operations.body)
    return fine & np.isin(np.arange(len(fine)), asked)


CHECK = Check(7, "linearizable", Promise.LINEARIZABLE, examine)
