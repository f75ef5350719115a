"""Did the stores agree in time once the buyers had gone? Where not, a speed means nothing.

A strategy whose rows follow its keys promises that they agree so many seconds after the sale. If it
takes orders in faster than its helpers write them down, what waits grows with the sale, and so does
what a lost server takes along: its speed could not be kept up, so its row is void.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inventory_core.strategy import Promise, Promises

LATE = 2.0
"""Helpers may take so many times what is promised: they share the machine with whoever looks."""

_READ_TOO_EARLY = {Promise.ALL_OR_NOTHING.value, Promise.LEAVES_NOTHING_BEHIND.value}
_COUNTED_TOO_EARLY = ("lost_orders", "phantom_orders", "leaked_units", "surplus_units")


def patience_s(promises: Promises) -> float:
    """How long helpers are waited for; nobody who promises nothing is hurried."""
    return LATE * promises.settles_within_s or float("inf")


def in_time(promises: Promises, after_s: float) -> float | None:
    """When helpers had done, who were waited for however long it took; None: too late."""
    return after_s if after_s <= patience_s(promises) else None


def judged_settling(
    row: Mapping[str, Any], promises: Promises, after_s: float | None
) -> dict[str, Any]:
    """What changes in the row of a run. `after_s`: None: they were not done in `patience_s`.

    What was not written down yet is not lost, so rows that were read in the middle of it accuse
    nobody of that; what was sold twice was sold twice.
    """
    if not promises.settles_within_s:
        return {}
    if after_s is not None:
        return {"settled_after_s": after_s}
    broken = [each for each in row["promises_broken"] if each not in _READ_TOO_EARLY]
    return {
        **dict.fromkeys(_COUNTED_TOO_EARLY, 0),
        "settled_after_s": None,
        "verdict": "void",
        "promises_broken": [*broken, f"settles within {promises.settles_within_s:g} s"],
        "note": f"{patience_s(promises):g} s after the sale its rows did not know all of it:"
        " it takes orders in faster than its helpers write them down",
    }
