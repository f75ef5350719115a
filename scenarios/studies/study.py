"""What a study is: something that is turned, what is read off, and what theory says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked, predict_once
from scenarios.predicting.side_by_side import side_by_side
from scenarios.scenario import Scenario

Row = Mapping[str, Any]
SEED = 1


@dataclass(frozen=True, slots=True)
class Study:
    """One phenomenon.

    series      what is compared, usually strategies
    points      the values of what is turned
    asked       the run of one point: series, value, profile
    read        the figure of a row: series, value, row
    theory      what theory says the figure is; None where it says nothing
    """

    name: str
    title: str
    turns: str  # words for the axis
    reads: str
    series: tuple[str, ...]
    points: tuple[float, ...]
    asked: Callable[[str, float, Profile], Asked]
    read: Callable[[str, float, Row], float]
    theory: Callable[[str, float, Profile, Row], float | None]
    explains: str  # the theory, in words, with its source
    logarithmic: bool = True


@dataclass(frozen=True, slots=True)
class Point:
    """One point: what was simulated, and what theory says."""

    series: str
    value: float
    simulated: float
    theory: float | None
    verdict: str


def carry_out(study: Study, profile: Profile, executor: Executor) -> Iterator[Point]:
    """Simulate every point, in the order in which they are done."""
    name = study.name
    work = [(name, series, value, profile) for series in study.series for value in study.points]
    yield from side_by_side(executor, _point, work)


def _point(work: tuple[str, str, float, Profile]) -> Point:
    from scenarios.studies import catalogue  # functions do not travel between processes; names do

    name, series, value, profile = work
    study = catalogue.STUDIES[name]
    row = predict_once(study.asked(series, value, profile))
    says = study.theory(series, value, profile, row)
    return Point(series, value, study.read(series, value, row), says, row["verdict"])


def run_of(
    scenario: Scenario, strategy: str, profile: Profile, seconds: float, parts: int = 0
) -> Asked:
    """A run of a study."""
    scenario = replace(scenario, run=replace(scenario.run, seconds=seconds))
    return Asked(scenario, strategy, profile, SEED, seconds, parts=parts)


def goodput(_: str, __: float, row: Row) -> float:
    """Orders a second."""
    return float(row["goodput_per_s"])
