"""A shop's run, whichever world it was in, examined by every check: its figures and its verdict."""

from __future__ import annotations

from typing import Any

from inventory_core.strategy import Strategy
from scenarios import verdict
from scenarios.checks import Finding
from scenarios.serving.checks import judge_shop
from scenarios.serving.checks.case import ShopCase
from scenarios.serving.engine_case import judge_engine
from scenarios.serving.figures import figures_of


def judged(
    case: ShopCase,
    strategy: Strategy,
    seconds: float,
    ended_ns: int,
    more: tuple[Finding, ...] = (),
) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """A row's figures, damage and verdict, and every finding. `more`: of whoever stood between."""
    engine = judge_engine(case, strategy.refuses_for, ended_ns)
    findings = (*judge_shop(case), *engine, *more)
    row = {
        **figures_of(case, round(seconds * 1e9)),
        **verdict.worst_damage(findings),
        **verdict.verdict(findings, strategy.promises.kept),
    }
    return row, findings
