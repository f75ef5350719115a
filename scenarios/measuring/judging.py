"""From what a run brought back, live or simulated, to its records and its row.

The verdict is written last: a folder with a verdict is a finished run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import pyarrow as pa

from inventory_core.domain import Cell, Limits, Opening
from inventory_core.stores.audit import Audit
from inventory_core.strategy import Strategy
from inventory_core.strategy.registry import make
from scenarios import verdict
from scenarios.checks import Case, Finding, judge
from scenarios.demand import Demand
from scenarios.history import SCHEMAS, RunFolder
from scenarios.measuring import records
from scenarios.measuring.aftermath import aftermath, strikes_of
from scenarios.measuring.daemons import Expiry
from scenarios.measuring.job import FaultEvent, Result
from scenarios.model.round_trips import round_trips_of
from scenarios.operations import History
from scenarios.scenario import Scenario


class Brought(Protocol):
    """What a run brings back, before anything is judged."""

    @property
    def results(self) -> list[Result]:
        """What the clients recorded."""

    @property
    def expiries(self) -> Sequence[Expiry]:
        """What the sweeper did."""

    @property
    def starts_ns(self) -> int:
        """When the run started, on the clock of the expiries."""

    @property
    def timeline(self) -> Mapping[str, Any]:
        """The columns of `timeline.parquet`."""

    @property
    def events(self) -> Sequence[FaultEvent]:
        """The faults that happened."""

    @property
    def audit(self) -> Audit:
        """What the stores held when all had come to rest."""

    @property
    def unmended(self) -> Audit | None:
        """What they held before `recover`, of a run with faults."""

    @property
    def ended_ns(self) -> int:
        """When that was."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A run's records, judged. `judged_nothing`: there was no stock to judge."""

    table: pa.Table
    case: Case
    findings: tuple[Finding, ...]
    row: dict[str, Any]


def limits_of(scenario: Scenario) -> Limits:
    """Leases as long as the scenario's faults want them; all else as usual."""
    limits = Limits()
    for fault in scenario.faults:
        limits = replace(limits, lease_ms=fault.lease_ms or limits.lease_ms)
    return limits


def strategy_of(name: str, scenario: Scenario) -> Strategy:
    """The strategy, as it runs in this scenario."""
    return make(name, limits_of(scenario))


def judge_run(
    scenario: Scenario,
    seconds: float,
    strategy: Strategy,
    demand: Demand,
    brought: Brought,
    folder: RunFolder | None,
    nothing: bool = False,
    *,
    seen: Callable[[pa.Table], pa.Table] = lambda table: table,
) -> Judged:
    """Write down what was brought back, and judge it. `nothing`: there was no stock to judge.

    `seen` are the attempts as the strategy saw them, where somebody stood between it and buyers.
    """
    columns = records.attempt_columns(demand, brought.results, brought.expiries, brought.starts_ns)
    if folder is not None:
        folder.write_table("attempts", columns)
        folder.write_table("steps", records.step_columns(brought.results))
        folder.write_table("timeline", brought.timeline)
        folder.write_table("faults", records.fault_columns(brought.events))
        folder.write_table("audit", records.audit_columns(brought.audit))
    table = pa.table(columns, schema=SCHEMAS["attempts"])
    case = Case(
        history=History.of(seen(table)),
        audit=brought.audit,
        supply={} if nothing else _supply(demand.openings),
        hold_s=scenario.demand.hold_s,
        ended_ns=brought.ended_ns,
        refuses_for=strategy.refuses_for,
        strikes=strikes_of(brought.events),
        back_within_s=min((f.back_within_s for f in scenario.faults), default=0.0),
        unmended=brought.unmended,
        loses=frozenset(strategy.promises.loses),
    )
    findings = () if nothing else judge(case)
    speed = verdict.figures(table, case, round(seconds * 1e9), scenario.run.warm_up)
    harm = verdict.damage(case, findings) if case.supply else verdict.blank_damage()
    row = {
        "round_trips": round_trips_of(strategy),
        "family": strategy.family,
        "control": strategy.control,
        "connections": scenario.demand.clients,
        "loses": {fault.value: much for fault, much in strategy.promises.loses.items()},
        **speed,
        **harm,
        **verdict.verdict(findings, strategy.promises.kept, not case.supply),
    }
    if scenario.faults:
        row["faults"] = aftermath(brought.events, case, findings)
    return Judged(table, case, findings, row)


def _supply(openings: tuple[Opening, ...]) -> Mapping[Cell, int]:
    return {opening.cell: opening.quantity for opening in openings}
