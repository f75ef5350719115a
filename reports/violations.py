"""What the checks found broken: how often, and the first, the worst and the last time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.load import Comparison
from reports.wording import ABSENT, count, figure, is_figure

_SHOWN = {"broken", "unknown"}


@dataclass(frozen=True, slots=True)
class BrokenCheck:
    """One check that failed for one row of the table, over all of its repetitions."""

    label: str
    name: str
    promise: str
    count: str
    runs: str
    first: str
    worst: str
    last: str


def broken_checks(comparison: Comparison) -> list[BrokenCheck]:
    """Every check that a row broke, or that could not decide, in the order of the rows."""
    found = []
    for label in comparison.rows["label"]:
        runs = comparison.runs(label)
        by_name: dict[str, list[Mapping[str, Any]]] = {}
        for run in runs:
            for finding in comparison.findings(run):
                if finding.get("state") in _SHOWN:
                    by_name.setdefault(str(finding.get("name")), []).append(finding)
        found += [_check(label, name, own, len(runs)) for name, own in by_name.items()]
    return found


def _check(label: str, name: str, findings: Sequence[Mapping[str, Any]], runs: int) -> BrokenCheck:
    worst = [f["worst"] for f in findings if f.get("worst")]
    largest = max(worst, key=lambda violation: violation.get("size") or 0, default=None)
    undecided = [str(f["why"]) for f in findings if f.get("why")]
    return BrokenCheck(
        label=label,
        name=name,
        promise=str(findings[0].get("promise") or ABSENT),
        count=count(sum(int(f.get("count") or 0) for f in findings)),
        runs=f"{len(findings)} of {runs}",
        first=undecided[0] if undecided else _violation(findings[0].get("first")),
        worst=_violation(largest),
        last=_violation(findings[-1].get("last")),
    )


def _violation(found: Mapping[str, Any] | None) -> str:
    if not found:
        return ABSENT
    at_s = found.get("at_s")
    when = f"after {figure(at_s)} s" if is_figure(at_s) else "at rest"
    return f"{when}: {found.get('what')}"
