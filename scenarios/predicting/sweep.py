"""Many settings side by side: every strategy at every point of a grid.

    axes = read_axes(["rate=1000..200000", "rtt_ms=0.2,0.5,2"])

A range is taken in equal ratios, eight points unless it says how many (`rate=1000..200000/12`).
What is finished stays on disk, point by point; started again, a sweep goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from inventory_core.problems import Problem
from scenarios.history import FORMAT, RunFolder
from scenarios.measuring.campaign import SEEDS_APART
from scenarios.measuring.machine import machine, software
from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked, predict_once
from scenarios.predicting.side_by_side import side_by_side
from scenarios.scenario import Scenario

ORDERS = 20_000
"""Orders that arrive in one run of an open loop: a faster crowd is watched for a shorter time."""

SHORTEST_S = 0.2
POINTS = 8


@dataclass(frozen=True, slots=True)
class Axis:
    """Something that a sweep turns. `least` and `most`: what may be said."""

    name: str
    says: str
    least: float
    most: float
    whole: bool


AXES: Mapping[str, Axis] = {
    axis.name: axis
    for axis in (
        Axis("rate", "orders that arrive, a second", 0.1, 1e6, whole=False),
        Axis("stock", "units of each article", 0, 1e9, whole=True),
        Axis("connections", "connections of each process", 1, 256, whole=True),
        Axis("servers", "processes of the shop", 1, 64, whole=True),
        Axis("pool", "database connections that a process shares out", 1, 256, whole=True),
        Axis("buckets", "parts of a split counter", 1, 10_000, whole=True),
        Axis("rtt_ms", "there and back between shop and servers", 0, 10_000, whole=False),
        Axis("flush_us", "a flush of the database's log", 0, 1e6, whole=False),
    )
}

Settings = dict[str, float]


def read_axes(said: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """The axes of a sweep and their values."""
    found: dict[str, tuple[float, ...]] = {}
    for text in said:
        name, equals, values = text.partition("=")
        axis = AXES.get(name.strip())
        if axis is None or not equals:
            known = ", ".join(AXES)
            raise Problem(f"{text!r} is no axis; write one of {known} as in rate=1000..200000")
        found[axis.name] = tuple(dict.fromkeys(_values(axis, text, values.strip())))
    return found


def _values(axis: Axis, text: str, values: str) -> Iterator[float]:
    try:
        first, dots, rest = values.partition("..")
        if dots:
            last, _, count = rest.partition("/")
            drawn = _between(float(first), float(last), int(count or POINTS))
        else:
            drawn = [float(value) for value in values.split(",")]
    except ValueError:
        form = f"{axis.name}=A,B,C or {axis.name}=A..B or {axis.name}=A..B/8"
        raise Problem(f"{text!r} has no numbers, or none between; write {form}") from None
    for value in drawn:
        if not axis.least <= value <= axis.most:
            reach = f"{axis.least:,g} to {axis.most:,g}"
            raise Problem(f"{text!r} goes to {value:g}; {axis.name} takes {reach}")
        yield float(round(value)) if axis.whole else value


def _between(first: float, last: float, count: int) -> list[float]:
    if first <= 0 or last <= first or not 2 <= count <= 1_000:
        raise ValueError
    return [float(f"{value:.3g}") for value in np.geomspace(first, last, count)]


def at(asked: Asked, settings: Settings) -> Asked:
    """The same run at another point of the grid."""
    scenario, profile, parts = asked.scenario, asked.profile, asked.parts
    demand, stock = scenario.demand, scenario.stock
    seconds = asked.seconds
    for name, value in settings.items():
        match name:
            case "rate":
                demand = replace(demand, kind="open", rate_per_s=value)
                seconds = min(seconds, max(SHORTEST_S, ORDERS / value))
            case "stock":
                stock = replace(stock, quantity=int(value))
            case "connections":
                demand = replace(demand, connections=int(value))
            case "servers":
                demand = replace(demand, processes=int(value))
            case "pool":
                demand = replace(demand, pool=int(value))
            case "buckets":
                parts = int(value)
            case "rtt_ms":
                network = replace(profile.network, one_way_us=value * 500)
                profile = replace(profile, network=network)
            case _:
                profile = replace(profile, sql=replace(profile.sql, flush_us=value))
    scenario = replace(scenario, demand=demand, stock=stock)
    return replace(asked, scenario=scenario, profile=profile, parts=parts, seconds=seconds)


@dataclass(frozen=True, slots=True)
class Sweep:
    """A grid, the strategies on it, and where its points are kept."""

    scenario: Scenario
    names: tuple[str, ...]
    profile: Profile
    axes: Mapping[str, tuple[float, ...]]
    out: Path
    repetitions: int = 1

    def __post_init__(self) -> None:
        if self.scenario.shop is not None:
            raise Problem(
                f"{self.scenario.name} is a shop, and a sweep has no picture for shops: leave"
                " --sweep out and predict it at one setting, or sweep flash_sale"
            )
        before = self.out / "sweep.json"
        if before.exists():
            kept = json.loads(before.read_text("utf-8"))
            for key in ("question", "profile", "axes"):
                if kept[key] != json.loads(json.dumps(self.about([])[key])):
                    raise Problem(
                        f"{self.out} holds a sweep with another {key}; name another folder"
                    )

    @property
    def size(self) -> int:
        """How many runs it has."""
        return len(list(self._points()))

    def run(self, executor: Executor, progress: Callable[[dict[str, Any]], None]) -> list[Any]:
        """Simulate every point; the rows in the order of the grid."""
        self.out.mkdir(parents=True, exist_ok=True)
        self._write([])
        rows = []
        for row in side_by_side(executor, _simulated, list(self._points())):
            rows.append(row)
            progress(row)
        rows.sort(key=lambda row: (row["strategy"], *row["settings"].values(), row["repetition"]))
        self._write(rows)
        return rows

    def about(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The content of `sweep.json`."""
        return {
            "format": FORMAT,
            "world": "predicted",
            "scenario": self.scenario.name,
            "title": self.scenario.title,
            "question": asdict(self.scenario),
            "profile": asdict(self.profile),
            "axes": {name: list(values) for name, values in self.axes.items()},
            "machine": machine(),
            "software": software(),
            "rows": list(rows),
        }

    def _write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        RunFolder(self.out).write_json("sweep", self.about(rows))

    def _points(self) -> Iterator[tuple[Asked, Settings, Path]]:
        run = self.scenario.run
        for values in product(*self.axes.values()):
            settings = dict(zip(self.axes, values, strict=True))
            for name in self.names:
                for repetition in range(self.repetitions):
                    seed = run.seed * SEEDS_APART + repetition
                    first = Asked(self.scenario, name, self.profile, seed, run.seconds, repetition)
                    words = [name, *(f"{key}={value:g}" for key, value in settings.items())]
                    file = f"{'_'.join(words)}_{repetition + 1}.json".replace(":", ".")
                    yield at(first, settings), settings, self.out / "points" / file


def _simulated(work: tuple[Asked, Settings, Path]) -> dict[str, Any]:
    """One point, in whatever process it is carried out."""
    asked, settings, path = work
    folder = RunFolder(path.parent)
    if path.exists():
        return folder.json(path.stem)
    row = predict_once(asked) | {"settings": settings, "seconds": asked.seconds}
    folder.write_json(path.stem, row)
    return row
