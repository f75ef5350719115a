"""Check 1: never oversold. Units promised never exceed what there is, at any moment.

A running sum over each cell: a deduction counts from its *reply* on, a give-back already from its
*send* on, so that no true history is accused. Two acknowledged buyers of one unit count, however
the second came to be. At rest, the books are asked as well: they know orders whose reply was lost.
"""

from __future__ import annotations

import numpy as np

from inventory_core.strategy import Promise
from scenarios.checks.case import Case
from scenarios.checks.finding import Check, Finding
from scenarios.operations import Integers


def examine(check: Check, case: Case) -> Finding:
    """Where and by how many units the promises exceeded the stock."""
    history = case.history
    supply = history.supply_of(case.supply)
    cell, at_ns, sum_after = _running(case)
    over = sum_after - supply[cell]
    broken = np.flatnonzero(over > 0)
    by_cell = np.zeros(len(supply), dtype=np.int64)
    np.maximum.at(by_cell, cell, over)
    at_rest = _owned(case) - supply
    worse = np.flatnonzero(at_rest > np.maximum(by_cell, 0))
    by_cell = np.maximum(by_cell, at_rest).clip(min=0)

    when = np.concatenate([at_ns[broken], np.full(len(worse), -1)])
    size = np.concatenate([over[broken], at_rest[worse]])
    where = np.concatenate([cell[broken], worse])

    def tell(place: int) -> str:
        name, had = history.cells[where[place]], supply[where[place]]
        how = "promised" if when[place] >= 0 else "owned by orders at rest"
        return f"{had + size[place]} units of {name} {how}, {size[place]} more than there are"

    return check.found(when, size, tell, {"oversold_units": int(by_cell.sum())})


def _running(case: Case) -> tuple[Integers, Integers, Integers]:
    """After each acknowledged move of a cell: the cell, the time, the units promised by then."""
    history, moves = case.history, case.moves
    operations = history.operations
    told = moves.acknowledged.copy()
    acknowledged = operations.accepted[moves.operation] > 0
    use = np.flatnonzero(np.where(moves.sign > 0, told, acknowledged))
    at_ns = np.where(moves.sign > 0, moves.replied_ns, moves.sent_ns)[use]
    owner, cell, quantity = history.takes.of(operations.body[moves.operation[use]])
    change, when = quantity * moves.sign[use][owner], at_ns[owner]
    order = np.lexsort((change, when, cell))  # give-backs first within one instant
    cell, when, change = cell[order], when[order], change[order]
    return cell, when, sums_within(cell, change)


def sums_within(group: Integers, change: Integers) -> Integers:
    """Running sums that start anew with each group (groups lie together)."""
    total: Integers = np.cumsum(change)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    before = np.concatenate([[0], total])[starts]
    sums: Integers = total - np.repeat(before, np.diff(np.append(starts, len(group))))
    return sums


def _owned(case: Case) -> Integers:
    """Units that the book of truth says are owned, by cell."""
    owned = case.owned_in_truth
    return np.asarray([owned.get(cell, 0) for cell in case.history.cells], dtype=np.int64)


CHECK = Check(1, "never oversold", Promise.NEVER_OVERSELLS, examine)
