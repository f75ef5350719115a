"""From records and findings to one row of the table, in which speed and correctness stand together.

    attempts = deducted + replayed + refused + contended + errors + unknown + dropped

counts deduct attempts only; other verbs have their own field. `refused` are all definite refusals,
by reason in `refused_by_reason`. A row is *void* when a promise of the floor that every strategy
owes, or one that the strategy makes itself, was broken; *unknown* when a check could not decide.
A strategy that asks nothing of any store has nothing to be judged: its row says so in `note`, and
`judged` is empty.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from inventory_core.strategy import Promise
from scenarios.checks import Case, Finding
from scenarios.checks.false_sold_out import CAUSES
from scenarios.checks.serial_run import units_left_over
from scenarios.operations import Integers
from scenarios.statistics import BATCH, percentile, warm_up_batches

FLOOR = frozenset(
    {
        Promise.NEVER_OVERSELLS,
        Promise.EXACTLY_ONCE,
        Promise.ALL_OR_NOTHING,
        Promise.LEAVES_NOTHING_BEHIND,
    }
)
"""What is owed by everybody, promised or not: who breaks one of these is void."""

REASONS = {
    "refused": "sold_out",
    "mismatched": "other_body",
    "already_rolled_back": "rolled_back",
    "already_expired": "expired",
}
"""Answers to `deduct` that are definite refusals, and why."""

BIN_NS = 10_000_000
"""Completions are counted in bins of this length to find the warm-up."""

NOTHING_TO_JUDGE = "asks nothing of any store, so there was no stock to judge"


@dataclass(frozen=True, slots=True)
class Window:
    """Over which time speed is measured, and when the stock was gone (None: it was not)."""

    from_ns: int
    until_ns: int
    sold_out_ns: int | None

    @property
    def seconds(self) -> float:
        """Its length."""
        return max(self.until_ns - self.from_ns, 1) / 1e9


def figures(attempts: pa.Table, case: Case, ends_ns: int, warm_up: str) -> dict[str, Any]:
    """Counts, speed and latencies of one run."""
    window = window_of(case, ends_ns, warm_up)
    counts = _counts(attempts)
    operations = case.history.operations
    first_time = operations.deducted_ns[operations.deducted > 0]
    inside = int(((first_time >= window.from_ns) & (first_time <= window.until_ns)).sum())
    sold_out_s = None if window.sold_out_ns is None else window.sold_out_ns / 1e9
    goodput = inside / window.seconds
    return {
        "goodput_per_s": goodput,
        "goodput_per_s_low": goodput,
        "goodput_per_s_high": goodput,
        "sold_out_after_s": sold_out_s,
        **counts,
        **_latencies(attempts, window),
        "warm_up_s": window.from_ns / 1e9,
    }


def window_of(case: Case, ends_ns: int, warm_up: str) -> Window:
    """[start, sell-out] when the stock runs out, the steady window otherwise.

    What was struck by a fault, or sent buyers away, had no steady state to warm up to: a rule that
    looks for one would cut off the part in which it sold.
    """
    sold_out_ns = sold_out_at_ns(case)
    if sold_out_ns is not None:
        return Window(0, sold_out_ns, sold_out_ns)
    operations = case.history.operations
    done = operations.deducted_ns[(operations.deducted > 0) & (operations.deducted_ns <= ends_ns)]
    if warm_up == "none" or case.strikes or (operations.refused > 0).any():
        return Window(0, ends_ns, None)
    bins = np.histogram(done, max(1, ends_ns // BIN_NS), range=(0, ends_ns))[0]
    cut_ns = warm_up_batches(bins.astype(np.float64)) * BATCH * BIN_NS
    return Window(cut_ns, ends_ns, None)


def sold_out_at_ns(case: Case) -> int | None:
    """When the last unit that anybody could use was promised, counting what buyers were told.

    None if it never was, and also if units came back after that: then the sale went on.
    """
    history, moves = case.history, case.moves
    operations = history.operations
    if not len(operations.order) or not case.supply:
        return None
    told = np.flatnonzero(moves.acknowledged)
    when = moves.replied_ns[told]
    units = history.body_units[operations.body[moves.operation[told]]] * moves.sign[told]
    order = np.argsort(when, kind="stable")
    silent = (operations.accepted == 0) & case.effective[operations.order]
    owner = np.zeros(len(silent), dtype=bool)
    owner[case.owner[case.owner >= 0]] = True
    hidden = int(history.body_units[operations.body[silent & owner]].sum())
    smallest = int(history.takes.quantity.min())
    gone = sum(case.supply.values()) - hidden - smallest
    out = np.flatnonzero(np.cumsum(units[order]) > gone)
    if not len(out):
        return None
    at_ns = int(when[order[out[0]]])
    comes_back = (moves.sign < 0) & (moves.sent_ns >= at_ns)
    return None if comes_back.any() else at_ns


def _counts(attempts: pa.Table) -> dict[str, Any]:
    kinds = attempts["kind"].cast(pa.string()).to_numpy(zero_copy_only=False)
    outcomes = attempts["outcome"].cast(pa.string()).to_numpy(zero_copy_only=False)
    deduct = kinds == "deduct"
    by = _tally(outcomes[deduct])
    others = _tally(outcomes[~deduct])
    reasons = {reason: by.pop(word) for word, reason in REASONS.items() if word in by}
    counts = {word: by.pop(word, 0) for word in ("deducted", "replayed", "contended")}
    counts |= {name: by.pop(word, 0) for word, name in _PLURAL.items()}
    counts["refused"] = sum(reasons.values())
    assert not by, f"answers to a deduction that no row has a place for: {by}"
    total = int(deduct.sum())
    assert total == sum(counts.values()), f"{total} attempts, and {counts} do not add up to them"
    return {
        "attempts": total,
        **counts,
        "refused_by_reason": reasons,
        "other_verbs": others,
    }


_PLURAL = {"error": "errors", "unknown": "unknown", "dropped": "dropped"}


def _tally(words: npt.NDArray[Any]) -> dict[str, int]:
    texts, counts = np.unique(words.astype(str), return_counts=True)
    return dict(zip(texts.tolist(), counts.tolist(), strict=True))


def _latencies(attempts: pa.Table, window: Window) -> dict[str, float | None]:
    """Milliseconds from the intended time, of accepted and of refused deductions apart.

    After a sell-out all refusals count; otherwise only what was answered in the steady window.
    """
    accepted = waited_ms(attempts, window.from_ns, "deducted")
    refused = waited_ms(attempts, window.from_ns, "refused")
    return {
        "accepted_latency_ms_p50": percentile(accepted, 50),
        "accepted_latency_ms_p99": percentile(accepted, 99),
        "refused_latency_ms_p50": percentile(refused, 50),
        "refused_latency_ms_p99": percentile(refused, 99),
    }


def waited_ms(attempts: pa.Table, from_ns: int, outcome: str) -> npt.NDArray[np.float64]:
    """How long each deduction waited for that answer, from its intended time, once warmed up."""
    outcomes = attempts["outcome"].cast(pa.string()).to_numpy(zero_copy_only=False)
    deduct = attempts["kind"].cast(pa.string()).to_numpy(zero_copy_only=False) == "deduct"
    replied: Integers = attempts["replied_ns"].to_numpy()
    counts = deduct & (replied >= from_ns) & (outcomes == outcome)
    waited: npt.NDArray[np.float64] = (replied - attempts["intended_ns"].to_numpy())[counts] / 1e6
    return waited


def damage(case: Case, findings: Sequence[Finding]) -> dict[str, Any]:
    """The violation counts of one run."""
    found: dict[str, int] = {}
    for finding in findings:
        found |= finding.figures
    causes = {cause: found.get(cause, 0) for cause in CAUSES}
    return {
        "oversold_units": found.get("oversold_units", 0),
        "undersold_units": found.get("undersold_units", 0),
        "undersold_by_cause": {cause: units for cause, units in causes.items() if units},
        "units_left_over": units_left_over(case),
        **{name: found.get(name, 0) for name in _OTHER_DAMAGE},
    }


def worst_damage(findings: Sequence[Finding]) -> dict[str, Any]:
    """The violation counts of a run that several sets of checks have looked at: the worst."""
    found: dict[str, Any] = dict(blank_damage())
    for finding in findings:
        for name, units in finding.figures.items():
            if name in found:
                found[name] = max(found[name], units)
    return found


_OTHER_DAMAGE = (
    "duplicated_orders",
    "lost_orders",
    "phantom_orders",
    "answers_changed",
    "leaked_units",
    "surplus_units",
)


def verdict(
    findings: Sequence[Finding], kept: Collection[Promise], nothing_to_judge: bool = False
) -> dict[str, Any]:
    """Holds, void or unknown; the promises broken; the checks that judged."""
    if nothing_to_judge:
        return {
            "verdict": "holds",
            "promises_broken": [],
            "judged": [],
            "note": NOTHING_TO_JUDGE,
        }
    owed = FLOOR | set(kept)
    due = [finding for finding in findings if finding.promise in owed]
    broken = {finding.promise for finding in due if finding.state == "broken"}
    unknown = any(finding.state == "unknown" for finding in due)
    return {
        "verdict": "void" if broken else "unknown" if unknown else "holds",
        "promises_broken": [promise.value for promise in Promise if promise in broken],
        "judged": [f.name for f in findings if f.state in ("holds", "broken")],
        "note": "; ".join(f"{f.name}: {f.why}" for f in due if f.state == "unknown"),
    }


def blank_damage() -> Mapping[str, Any]:
    """The violation counts of a run without stock."""
    return {
        "oversold_units": 0,
        "undersold_units": 0,
        "undersold_by_cause": {},
        "units_left_over": 0,
        **dict.fromkeys(_OTHER_DAMAGE, 0),
    }
