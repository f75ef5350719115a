"""What the faults of a run came to, for its row: how often they struck, and what they left behind.

| field of `faults` | says |
|---|---|
| struck | how often, by fault |
| acknowledged_before_crash | answers "deducted" before the last crash |
| lost_acknowledgements, lost_share, lost_span_s | of those, how many are gone, and over what time |
| stranded_before_recover, stranded_after_recover | units that no order owns, or stores differ on |
| down_s | from the first strike until the server answered, or the process went on, at most |
| back_after_s | from then until goodput was back to nine tenths of before, at most |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from inventory_core.strategy import Fault
from scenarios.checks import Case, Finding, Strike
from scenarios.checks.conservation import stranded_units
from scenarios.measuring.job import CLIENT, FaultEvent
from scenarios.measuring.strikes import BUYERS


def strikes_of(events: Sequence[FaultEvent]) -> tuple[Strike, ...]:
    """What struck at a moment or for a time; what befell single clients is no strike."""
    return tuple(
        Strike(Fault(event.kind), event.began_ns, event.over_ns, event.whom)
        for event in events
        if event.whom != CLIENT
    )


def aftermath(
    events: Sequence[FaultEvent], case: Case, findings: Sequence[Finding]
) -> dict[str, Any]:
    """The field `faults` of a row."""
    found: dict[str, int] = {}
    for finding in findings:
        found |= finding.figures
    struck = Counter(event.kind for event in events if event.whom != BUYERS)
    points = [strike for strike in case.strikes if strike.whom != BUYERS]
    before = found.get("acknowledged_before_crash")
    lost = found.get("lost_acknowledgements")
    unmended = case.unmended
    return {
        "struck": dict(sorted(struck.items())),
        "acknowledged_before_crash": before,
        "lost_acknowledgements": lost,
        "lost_share": None if lost is None or not before else lost / before,
        "lost_span_s": _seconds(found.get("lost_span_us"), 1e6),
        "stranded_before_recover": (
            None if unmended is None else stranded_units(replace(case, audit=unmended))
        ),
        "stranded_after_recover": stranded_units(case),
        "down_s": max(((s.over_ns - s.began_ns) / 1e9 for s in points), default=None),
        "back_after_s": _seconds(found.get("back_after_ms"), 1e3),
    }


def _seconds(count: int | None, per_s: float) -> float | None:
    return None if count is None else count / per_s
