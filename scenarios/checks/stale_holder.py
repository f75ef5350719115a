"""Check 9: a stale lock holder cannot write.

    holder: lock -- reads 9 -- (stands still) --------------------------- writes 8
    others:                     the lease ends -- lock -- sell 9 to 4 --             8 for sale

Whoever sleeps through its lease and then writes what it had read brings back units that others have
sold. So in a run in which a process stood still: units that orders own and that are for sale all
the same, of cells for which somebody in that process was asking while it stood still.
"""

from __future__ import annotations

import numpy as np

from inventory_core.domain import Cell
from inventory_core.strategy import Fault, Promise
from scenarios.checks.case import Case
from scenarios.checks.conservation import surpluses
from scenarios.checks.finding import Check, Finding
from scenarios.checks.strike import Strike


def examine(check: Check, case: Case) -> Finding:
    """Cells that a holder wrote to after it had stood still."""
    pauses = [strike for strike in case.strikes if strike.fault is Fault.HOLDER_PAUSED]
    if not pauses:
        return check.not_judged("no process stood still in this run")
    slept = [cells for pause in pauses if (cells := _asked_meanwhile(case, pause))]
    if not slept:
        return check.not_judged("nobody in the process that stood still was asking for anything")
    back = surpluses(case)
    stale = [(cell, units) for cell, units in back.items() if cell in set().union(*slept)]
    figures = {"units_brought_back": sum(units for _, units in stale)}

    def tell(place: int) -> str:
        cell, units = stale[place]
        times = sum(cell in cells for cells in slept)
        return (
            f"{units} units of {cell} that were sold are for sale again; {times} times a process"
            " stood still in which somebody was asking for it"
        )

    at_rest = np.full(len(stale), -1, dtype=np.int64)
    size = np.asarray([units for _, units in stale], dtype=np.int64)
    return check.found(at_rest, size, tell, figures)


def _asked_meanwhile(case: Case, pause: Strike) -> set[Cell]:
    """The cells of deductions that were under way from before the pause until after it."""
    history = case.history
    slept = (
        history.kind.are("deduct")
        & (history.sent_ns <= pause.began_ns)
        & (history.replied_ns >= pause.over_ns)
    )
    _, cells, _ = history.takes.of(np.unique(history.body.code[slept]))
    return {history.cells[cell] for cell in np.unique(cells).tolist()}


CHECK = Check(9, "a stale holder cannot write", Promise.NEVER_OVERSELLS, examine)
