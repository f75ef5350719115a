"""The checks: each looks at a whole run afterwards and says which promise was broken, and where.

Workloads record, checkers judge. A checker that crashes answers *unknown*, never *holds*.
"""

from __future__ import annotations

from scenarios.checks import (
    conservation,
    exactly_once,
    false_sold_out,
    linearizable,
    lost,
    oversold,
    phantom,
)
from scenarios.checks.case import Case
from scenarios.checks.finding import Check, Finding, Violation

CHECKS: tuple[Check, ...] = (
    oversold.CHECK,
    conservation.CHECK,
    lost.CHECK,
    phantom.CHECK,
    exactly_once.CHECK,
    false_sold_out.CHECK,
    linearizable.CHECK,
)
"""Every check, by its number on the list of invariants."""

__all__ = ["CHECKS", "Case", "Check", "Finding", "Violation", "judge"]


def judge(case: Case, checks: tuple[Check, ...] = CHECKS) -> tuple[Finding, ...]:
    """Examine a run by every check."""
    return tuple(_examined(check, case) for check in checks)


def _examined(check: Check, case: Case) -> Finding:
    try:
        return check.examine(check, case)
    except Exception as error:  # noqa: BLE001 - a checker that crashes has not said "holds"
        return check.unknown(f"the check crashed: {type(error).__name__}: {error}")
