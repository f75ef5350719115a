"""What is asked of the worlds: a path, perhaps a fault, perhaps a bug that is planted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from scenarios.lagging.paths import Kind, SyncPath
from scenarios.lagging.scenario import SyncLag


class Fault(StrEnum):
    """What goes wrong with a stream; the names of every world."""

    CONSUMER_STOPPED = "consumer_stopped"  # stands still, then goes on
    CONSUMER_KILLED = "consumer_killed"  # is started again, and told again what it had not said
    BROKER_KILLED = "broker_killed"  # nothing is delivered, and nothing can be published
    POSITION_LOST = "position_lost"  # nobody reads the log; then a new snapshot
    DUPLICATE_DELIVERY = "duplicate_delivery"
    REORDERED_DELIVERY = "reordered_delivery"
    TWO_CONSUMERS = "two_consumers"  # one stands still with its changes, the other goes on


class Control(StrEnum):
    """A bug that is planted, and has to be seen."""

    SELLS_BY_THE_COPY = "sells_by_the_copy"  # what is shown decides, not the source
    LAST_WRITE_WINS = "last_write_wins"  # the copy takes what comes, whatever its version
    NO_SNAPSHOT = "no_snapshot"  # after its position was lost, the capture just goes on


BEFORE_THE_END = 0.9
"""Share of a late fault that lies before the end of the sale."""

LIVE_FAULTS = (Fault.CONSUMER_STOPPED, Fault.CONSUMER_KILLED, Fault.BROKER_KILLED)
"""Those that are brought about on real servers, too."""


@dataclass(frozen=True, slots=True)
class Case:
    """One run of either world."""

    path: SyncPath
    fault: Fault | None = None
    at_s: float = 0.0
    for_s: float = 0.0
    control: Control | None = None


def swept(scenario: SyncLag, control: Control | None = None) -> Iterator[Case]:
    """Every path at every lag of its own."""
    paths = scenario.paths
    spread_s = (paths.lag_ms_p99 - paths.lag_ms_p50) / 1e3  # a slower pipeline is as even
    for kind, lags_ms in (
        (Kind.POLLING, paths.polling_ms),
        (Kind.ON_DEMAND, paths.on_demand_ms),
        (Kind.STREAMING, paths.streaming_ms),
    ):
        for own_ms in lags_ms:
            own_s = own_ms / 1e3
            p99_s = own_s + spread_s if kind is Kind.STREAMING else 0.0
            yield Case(SyncPath(kind, own_s, p99_s), control=control)


def streamed(scenario: SyncLag, fault: Fault | None = None, control: Control | None = None) -> Case:
    """The pipeline as it is, with a fault or a bug.

    What nothing but the last change would mend lasts until after that: of two consumers one stands
    still, or nobody reads the log, while the sale ends.
    """
    paths, faults = scenario.paths, scenario.faults
    path = SyncPath(Kind.STREAMING, paths.lag_ms_p50 / 1e3, paths.lag_ms_p99 / 1e3)
    late = fault in (Fault.TWO_CONSUMERS, Fault.POSITION_LOST)
    at_s = scenario.sale.seconds - BEFORE_THE_END * faults.for_s if late else faults.at_s
    for_s = scenario.away_s.get(fault, faults.for_s) if fault else 0.0
    return Case(path, fault, at_s, for_s, control)


def measurable(scenario: SyncLag) -> Iterator[Case]:
    """What is run on real servers: some lags of each path, faults, and the shop that oversells.

    The undisturbed pipeline comes first: it says what lag to predict the others with.
    """
    yield streamed(scenario)
    for fault in LIVE_FAULTS:
        yield streamed(scenario, fault)
    paths = [
        SyncPath(kind, own_ms / 1e3)
        for kind in (Kind.POLLING, Kind.ON_DEMAND)
        for own_ms in scenario.paths.measured_ms
    ]
    yield from (Case(path) for path in paths)
    yield streamed(scenario, control=Control.SELLS_BY_THE_COPY)
    for path in paths:
        if path.kind is Kind.POLLING:
            yield Case(path, control=Control.SELLS_BY_THE_COPY)


def troubled(scenario: SyncLag) -> Iterator[Case]:
    """Every fault, and the planted bugs beside those that bring them to light."""
    for fault in Fault:
        yield streamed(scenario, fault)
    yield streamed(scenario, Fault.TWO_CONSUMERS, Control.LAST_WRITE_WINS)
    yield streamed(scenario, Fault.POSITION_LOST, Control.NO_SNAPSHOT)


def predictable(scenario: SyncLag) -> list[Case]:
    """Everything that is measured, every path at every lag, every fault; each once."""
    cases = (
        *measurable(scenario),
        *swept(scenario),
        *swept(scenario, Control.SELLS_BY_THE_COPY),
        *troubled(scenario),
    )
    return list(dict.fromkeys(cases))
