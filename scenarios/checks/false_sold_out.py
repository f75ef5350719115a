"""Check 6: no false sold-out. A refusal is legal only if stock may have been short at the time.

Stock is counted low: a deduction takes its units from its *send* on, a give-back returns them only
at its *reply*. If even so there was enough of everything during the whole interval of a refusal,
the buyer was turned away for nothing. Buyers who gave up contended while there was enough are
counted too (`retries_exhausted`), but they were not told "sold out": no promise is broken by that.
Nor is it by refusals for want of units that a dead client's order still held when all came to rest,
and that `recover` gave back: they are counted (`stranded`), and until then that order was open.

Why a strategy did not see units that were there, it says itself: they lay in another part or lease
(`fragmented`), somebody had them locked, marked or picked who did not keep them
(`in_other_hands`), or a flag said "sold out" after units had come back (`stale_flag`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inventory_core.domain import Cell
from inventory_core.strategy import Promise
from scenarios.checks.case import Case
from scenarios.checks.conservation import balances
from scenarios.checks.finding import Check, Finding
from scenarios.checks.oversold import sums_within
from scenarios.operations import NEVER, Flags, History, Integers

CAUSES = (
    "fragmented",
    "in_other_hands",
    "stale_flag",
    "stranded",
    "leaked",
    "retries_exhausted",
    "lost_in_crash",
    "unexplained",
)


def examine(check: Check, case: Case) -> Finding:
    """Refusals for which there was stock, and why the strategy may not have seen it."""
    history = case.history
    operations = history.operations
    stock = LowStock.of(case)
    turned = np.flatnonzero(operations.refused > 0)
    undersold = turned[stock.enough(history, turned, operations.refused_ns[turned])]
    withheld = LowStock.of(case, _stranded_orders(case))
    false = undersold[withheld.enough(history, undersold, operations.refused_ns[undersold])]
    tired = np.flatnonzero(
        (operations.contended > 0) & (operations.accepted == 0) & (operations.refused == 0)
    )
    tired = tired[stock.enough(history, tired, operations.contended_ns[tired])]
    units = history.body_units[operations.body]
    causes = _causes(case, undersold)
    causes["retries_exhausted"] = int(units[tired].sum())
    figures = {"undersold_units": sum(causes.values()), **causes}

    def tell(place: int) -> str:
        operation = false[place]
        number = history.order.texts[operations.order[operation]]
        body = history.body.texts[operations.body[operation]]
        return f"order {number} ({body}) was refused while there was enough of everything"

    return check.found(operations.refused_ns[false], units[false], tell, figures)


class LowStock(NamedTuple):
    """The least that each cell may have held, over time, in a form that answers ranges fast."""

    key: Integers  # cell * NEVER' + time, sorted
    smallest: list[Integers]  # smallest[k][i]: the least of 2 ** k values from i on
    span: int

    @staticmethod
    def of(case: Case, stranded: Flags | None = None) -> LowStock:
        """From all moves of the run, and from unknown deductions that left no trace.

        Those of the orders in `stranded` kept their units until the end.
        """
        history = case.history
        cell, at_ns, change = _lowest(case, stranded)
        span = int(max(at_ns[at_ns < NEVER].max(initial=0), history.replied_ns.max(initial=0))) + 2
        kept = at_ns < NEVER
        cells = np.arange(len(history.cells))
        cell = np.concatenate([cells, cell[kept]])
        at_ns = np.concatenate([np.full(len(cells), -1), at_ns[kept]]) + 1
        change = np.concatenate([history.supply_of(case.supply), change[kept]])
        order = np.lexsort((change, at_ns, cell))
        values = sums_within(cell[order], change[order])
        return LowStock((cell * span + at_ns)[order], _pyramid(values), span)

    def least(self, cell: Integers, sent_ns: Integers, replied_ns: Integers) -> Integers:
        """The least stock of each cell at any moment of the interval."""
        until = np.minimum(replied_ns + 1, self.span - 1)
        low = np.searchsorted(self.key, cell * self.span + sent_ns + 1, side="right") - 1
        high = np.searchsorted(self.key, cell * self.span + until, side="right")
        level = np.floor(np.log2(high - low)).astype(np.int64)
        found = np.empty(len(cell), dtype=np.int64)
        for each in np.unique(level).tolist():
            here, values = level == each, self.smallest[each]
            found[here] = np.minimum(values[low[here]], values[high[here] - (1 << each)])
        return found

    def enough(self, history: History, operation: Integers, until_ns: Integers) -> Flags:
        """For each operation: was there enough of every cell from its first send to `until_ns`?"""
        operations = history.operations
        owner, cell, quantity = history.takes.of(operations.body[operation])
        sent = operations.first_sent_ns[operation][owner]
        short = self.least(cell, sent, until_ns[owner]) < quantity
        fits: Flags = np.bincount(owner[short], minlength=len(operation)) == 0
        return fits


def _lowest(case: Case, stranded: Flags | None) -> tuple[Integers, Integers, Integers]:
    """Every change that may lower the stock, as early as it may; every rise, as late as it may."""
    history = case.history
    operations, moves = history.operations, case.moves
    when = np.where(moves.sign > 0, moves.sent_ns, moves.replied_ns)
    owner, cell, quantity = history.takes.of(operations.body[moves.operation])
    parts = [(cell, when[owner], -moves.sign[owner] * quantity)]
    traceless = np.flatnonzero(
        (operations.unknown > 0) & (operations.accepted == 0)
        & ~case.effective[operations.order]
    )  # fmt: skip
    owner, cell, quantity = history.takes.of(operations.body[traceless])
    parts.append((cell, operations.first_sent_ns[traceless][owner], -quantity))
    back_ns = operations.last_replied_ns[traceless]
    if stranded is not None:
        back_ns = np.where(stranded[operations.order[traceless]], NEVER, back_ns)
    parts.append((cell, back_ns[owner], quantity))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return columns[0], columns[1], columns[2]


def _pyramid(values: Integers) -> list[Integers]:
    """Least values of 1, 2, 4, 8 ... neighbours (a sparse table)."""
    levels = [values]
    while 2 << (len(levels) - 1) <= len(values):
        last, step = levels[-1], 1 << (len(levels) - 1)
        levels.append(np.minimum(last[: len(last) - step], last[step:]))
    return levels


def _causes(case: Case, false: Integers) -> dict[str, int]:
    """The units of false refusals by what the books say went wrong with the cells asked for."""
    history = case.history
    operations = history.operations
    causes = dict.fromkeys(CAUSES, 0)
    leaked, stranded = _leaked_cells(case), _stranded_cells(case)
    lost = _lost_cells(case)
    owner, cell, _ = history.takes.of(operations.body[false])
    units = history.body_units[operations.body[false]]
    asked: list[set[Cell]] = [set() for _ in false]
    for place, each in zip(owner.tolist(), cell.tolist(), strict=True):
        asked[place].add(history.cells[each])
    default = case.refuses_for or "unexplained"
    for cells, count in zip(asked, units.tolist(), strict=True):
        found = (
            "leaked" if cells & leaked
            else "stranded" if cells & stranded
            else "lost_in_crash" if cells & lost
            else default
        )  # fmt: skip
        causes[found] += count
    return causes


def _leaked_cells(case: Case) -> set[Cell]:
    return {cell for cell, units in balances(case).items() if units < 0}


def _stranded_cells(case: Case) -> set[Cell]:
    """Cells of stranded orders, or with units between two stores, or on which two stores differ."""
    history = case.history
    books = (case.unmended or case.audit).books  # as the buyers met them
    waiting = {cell for book in books for cell, units in book.pending.items() if units}
    cells = {cell for book in books for cell in book.remaining}
    unlike = {cell for cell in cells if len({b.remaining.get(cell, 0) for b in books}) > 1}
    numbers = [history.order.texts[order] for order in np.flatnonzero(_stranded_orders(case))]
    orders = [book.orders[number] for book in books for number in numbers if number in book.orders]
    return waiting | unlike | {cell for order in orders for cell in order.units()}


def _stranded_orders(case: Case) -> Flags:
    """For each order number: did some book have its units before the recovery, and none after?"""
    books = case.unmended.books if case.unmended else ()
    held = {number for book in books for number, order in book.orders.items() if order.units()}
    kept = np.asarray([number in held for number in case.history.order.texts], dtype=bool)
    return kept & ~case.effective


def _lost_cells(case: Case) -> set[Cell]:
    """Cells of orders whose reply was lost and that left no trace in the books."""
    history = case.history
    operations = history.operations
    gone = (operations.unknown > 0) & ~case.effective[operations.order]
    _, cell, _ = history.takes.of(operations.body[np.flatnonzero(gone)])
    return {history.cells[each] for each in np.unique(cell).tolist()}


CHECK = Check(6, "no false sold-out", Promise.NO_FALSE_SOLD_OUT, examine)
