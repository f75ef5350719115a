"""The checks: each looks at a whole run afterwards and says which promise was broken, and where.

Workloads record, checkers judge. A checker that crashes answers *unknown*, never *holds*.
"""

from __future__ import annotations

from scenarios.checks import (
    conservation,
    exactly_once,
    false_sold_out,
    linearizable,
    liveness,
    lost,
    lost_in_crash,
    oversold,
    phantom,
    stale_holder,
)
from scenarios.checks.case import Case
from scenarios.checks.declared_losses import without_declared_losses
from scenarios.checks.finding import Check, Finding, Violation
from scenarios.checks.strike import Strike

CHECKS: tuple[Check, ...] = (
    oversold.CHECK,
    conservation.CHECK,
    lost.CHECK,
    phantom.CHECK,
    exactly_once.CHECK,
    false_sold_out.CHECK,
    linearizable.CHECK,
)
"""The checks of every run, by their number on the list of invariants."""

AFTER_FAULTS: tuple[Check, ...] = (stale_holder.CHECK, lost_in_crash.CHECK, liveness.CHECK)
"""And those of a run in which a fault struck."""

__all__ = ["AFTER_FAULTS", "CHECKS", "Case", "Check", "Finding", "Strike", "Violation", "judge"]


def judge(case: Case, checks: tuple[Check, ...] | None = None) -> tuple[Finding, ...]:
    """Examine a run by every check. What a strategy said that it would lose accuses nobody."""
    due = CHECKS + (AFTER_FAULTS if case.strikes else ()) if checks is None else checks
    judged = without_declared_losses(case)
    return tuple(_examined(check, judged) for check in due)


def _examined(check: Check, case: Case) -> Finding:
    try:
        return check.examine(check, case)
    except Exception as error:  # noqa: BLE001 - a checker that crashes has not said "holds"
        return check.unknown(f"the check crashed: {type(error).__name__}: {error}")
