"""The checks of the shop: what the order flow owes beyond what its engine owes."""

from __future__ import annotations

from scenarios.checks.finding import Finding
from scenarios.serving.checks import (
    late_payments,
    law,
    limit_per_buyer,
    remainder,
    resolved_once,
    window,
)
from scenarios.serving.checks.case import ShopCase, ShopCheck

CHECKS: tuple[ShopCheck, ...] = (
    resolved_once.CHECK,
    late_payments.CHECK,
    law.CHECK,
    window.CHECK,
    limit_per_buyer.CHECK,
    remainder.CHECK,
)
"""Every check, in the order in which a page tells them."""

__all__ = ["CHECKS", "ShopCase", "ShopCheck", "judge_shop"]


def judge_shop(case: ShopCase, checks: tuple[ShopCheck, ...] = CHECKS) -> tuple[Finding, ...]:
    """Examine a run by every check."""
    return tuple(_examined(check, case) for check in checks)


def _examined(check: ShopCheck, case: ShopCase) -> Finding:
    try:
        return check.examine(check, case)
    except Exception as error:  # noqa: BLE001 - a checker that crashes has not said "holds"
        return check.unknown(f"the check crashed: {type(error).__name__}: {error}")
