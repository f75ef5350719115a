"""Check 10: acknowledged before a crash means present after recovery, but for the declared loss.

An acknowledgement was lost if the books do not have the order, or if the order was taken anew
after the crash as though it had never come. How many, what share of all that were acknowledged, and
over what span of time before the crash are figures of every run in which a server died. A strategy
that says what it loses under this fault is not accused of it, within `LOSS_WINDOW_NS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inventory_core.strategy import Fault, Promise
from scenarios.checks.case import Case
from scenarios.checks.finding import Check, Finding
from scenarios.checks.lost import missing
from scenarios.checks.strike import Strike
from scenarios.operations import ACCEPTED, NEVER, least

CRASHES = frozenset({Fault.SERVER_KILLED, Fault.POWER_LOST, Fault.FAILOVER_WITH_LAG})

LOSS_WINDOW_NS = 3_000_000_000
"""A declared loss reaches back so far. Redis flushes every second, and may be two seconds late.

Source: Redis documentation, "Redis persistence", on appendfsync everysec.
"""


@dataclass(frozen=True, slots=True)
class Loss:
    """One answer that a crash made untrue: of which order, told when, lost to which crash."""

    order: int  # place in history.order.texts
    told_ns: int
    crash: Strike
    declared: bool
    sold: bool = True  # it was a yes; otherwise a refusal that was forgotten


def crashes_of(case: Case) -> list[Strike]:
    """The crashes of a run, by time."""
    crashes = [strike for strike in case.strikes if strike.fault in CRASHES]
    return sorted(crashes, key=lambda strike: strike.began_ns)


def examine(check: Check, case: Case) -> Finding:
    """Acknowledgements that did not outlive a crash, though nobody said that they might not."""
    case = case.whole or case
    crashes = crashes_of(case)
    if not crashes:
        return check.not_judged("no server died in this run")
    history, operations = case.history, case.history.operations
    lost = [loss for loss in losses(case, crashes) if loss.sold]
    undeclared = [loss for loss in lost if not loss.declared]
    acknowledged = int((operations.accepted_ns <= crashes[-1].began_ns).sum())
    spans = [loss.crash.began_ns - loss.told_ns for loss in lost]
    figures = {
        "lost_acknowledgements": len(lost),
        "acknowledged_before_crash": acknowledged,
        "lost_span_us": max(spans, default=0) // 1_000,
    }

    def tell(place: int) -> str:
        loss = undeclared[place]
        number = history.order.texts[loss.order]
        return f"order {number} was acknowledged and is lost since {loss.crash.words}"

    told_ns = np.asarray([loss.told_ns for loss in undeclared], dtype=np.int64)
    return check.found(told_ns, np.ones(len(undeclared), np.int64), tell, figures)


def losses(case: Case, crashes: Sequence[Strike]) -> list[Loss]:
    """Every answer that a crash made untrue."""
    history = case.history
    orders, operations = len(history.order.texts), history.operations
    deduct = history.kind.are("deduct")
    gone = {int(operations.order[place]) for place, _ in missing(case)}

    def first(*outcomes: str) -> list[int]:
        some = deduct & history.outcome.are(*outcomes)
        found: list[int] = least(
            orders, history.order.code[some], history.replied_ns[some]
        ).tolist()
        return found

    anew = np.zeros(orders, dtype=np.int64)  # when an order was last sent that was taken then
    taken = deduct & history.outcome.are("deducted")
    np.maximum.at(anew, history.order.code[taken], history.sent_ns[taken])
    found = []
    for sold, times in ((True, first(*ACCEPTED)), (False, first("refused"))):
        for order, told_ns in enumerate(times):
            crash = next((one for one in crashes if one.began_ns >= told_ns), None)
            if told_ns == NEVER or crash is None:
                continue
            if (sold and order in gone) or anew[order] >= crash.began_ns:
                near = crash.began_ns - told_ns <= LOSS_WINDOW_NS
                declared = near and crash.fault in case.loses
                found.append(Loss(order, told_ns, crash, declared, sold))
    return found


CHECK = Check(10, "nothing lost in a crash", Promise.ALL_OR_NOTHING, examine)
