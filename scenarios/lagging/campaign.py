"""Cases run again and again with other seeds, and their figures as rows, one a case and world."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from scenarios.lagging.cases import Case, Control
from scenarios.lagging.history import History
from scenarios.lagging.judging import combined, judge
from scenarios.lagging.paths import Kind
from scenarios.lagging.scenario import SyncLag

PREDICTED, MEASURED = "predicted", "measured"
Row = dict[str, Any]
Run = Callable[[SyncLag, Case, int], History]
"""A world: what it makes of a case and a seed."""


@dataclass(frozen=True, slots=True)
class World:
    """What carries out cases, and how often each."""

    name: str
    run: Run
    repeat: int

    def rows(self, scenario: SyncLag, cases: Iterable[Case]) -> Iterator[Row]:
        """A row a case, when it is done."""
        for case in cases:
            seeds = range(scenario.sale.seed, scenario.sale.seed + self.repeat)
            runs = [judge(self.run(scenario, case, seed), case.path) for seed in seeds]
            yield self._about(case) | combined(runs)

    def _about(self, case: Case) -> Row:
        return {
            "world": self.name,
            "path": case.path.kind.value,
            "own_ms": case.path.own_s * 1e3,
            "fault": case.fault.value if case.fault else "",
            "control": case.control.value if case.control else "",
            "repeat": self.repeat,
        }


def as_measured(scenario: SyncLag, rows: Iterable[Row]) -> SyncLag:
    """The scenario with what was measured of the pipeline: its lag, and how long faults lasted.

    A consumer that is started again takes its time, and nobody could predict on which machine. The
    measured rows of the pipeline are then named for its lag, too.
    """
    streaming = [row for row in rows if row["path"] == Kind.STREAMING]
    quiet = [row for row in streaming if not row["fault"] and not row["control"]]
    if not quiet:
        return scenario
    p50, p99 = quiet[0]["lag_ms_p50"], quiet[0]["lag_ms_p99"]
    for row in streaming:
        row["own_ms"] = p50
    paths = replace(scenario.paths, lag_ms_p50=p50, lag_ms_p99=p99)
    away_s = {row["fault"]: row["silent_ms"] / 1e3 for row in streaming if row["fault"]}
    return replace(scenario, paths=paths, away_s=away_s)


def agreement(rows: Sequence[Row]) -> Row:
    """How far predicted shares of the looks are from measured ones, in points of a hundred."""
    worlds: dict[tuple[Any, ...], dict[str, Row]] = {}
    for row in rows:
        key = tuple(row[name] for name in ("path", "own_ms", "fault", "control"))
        worlds.setdefault(key, {})[row["world"]] = row
    pairs = [each for each in worlds.values() if len(each) == 2]
    found: Row = {"pairs": len(pairs)}
    for name in ("stale_share", "lost_sales", "refused", "oversold"):
        shares = [[_share(pair[world], name) for world in (PREDICTED, MEASURED)] for pair in pairs]
        errors = [abs(predicted - measured) for predicted, measured in shares]
        found[f"{name}_points_median"] = median(errors) if errors else None
        found[f"{name}_points_worst"] = max(errors, default=None)
    return found


def _share(row: Row, name: str) -> float:
    share: float = row[name] if name == "stale_share" else row[name] / max(row["looks"], 1)
    return 100 * share


def broken(rows: Iterable[Row]) -> list[str]:
    """What no row may show, in sentences: a unit sold twice, a copy that is wrong at rest.

    And what a planted bug has to show, if it does not.
    """
    found = []
    for row in rows:
        name = " ".join(filter(None, (row["path"], f"{row['own_ms']:g} ms", row["fault"])))
        wrong = {"oversold": row["oversold_high"], "left wrong at rest": row["differing_high"]}
        if not row["control"]:
            found += [f"{name}: {value:g} {what}" for what, value in wrong.items() if value]
        elif row["control"] != Control.SELLS_BY_THE_COPY and not row["differing"]:
            found.append(f"{name}: the planted {row['control']} was not seen")
    return found
