"""Predict several strategies in one scenario: replications until their interval is narrow.

A shop's strategies are its engines, each under every rule that the scenario names.

Every replication has a seed of its own, the same for all strategies (common random numbers), and a
folder of its own. A campaign that was stopped and is started again with the same `out` goes on
where it stopped. They run side by side, one on each processor, and nothing depends on that.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from scipy.stats import t as student

from inventory_core.problems import Problem
from inventory_core.strategy import Needs
from inventory_core.strategy.registry import find_strategy, strategies
from scenarios.combining import combine
from scenarios.history import FORMAT, RunFolder
from scenarios.measuring.campaign import SEEDS_APART
from scenarios.measuring.machine import machine, software
from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked, predict_once
from scenarios.predicting.shop_run import predict_shop, refuse_no_engine
from scenarios.predicting.side_by_side import side_by_side
from scenarios.scenario import Scenario

Pair = tuple[str, str]
"""A strategy, and in a shop the rule by which it is asked to deduct."""


@dataclass(frozen=True, slots=True)
class Precision:
    """When a strategy has been replicated enough.

    Enough: the 95 % interval of its mean goodput reaches at most `within` of it to either side, or
    `most` replications are done.
    """

    least: int = 3
    most: int = 10
    within: float = 0.05


@dataclass
class Campaign:
    """One prediction in the making."""

    scenario: Scenario
    names: tuple[str, ...]
    profile: Profile
    out: Path
    precision: Precision = field(default_factory=Precision)

    def __post_init__(self) -> None:
        shop = self.scenario.shop
        rules = dict.fromkeys(shop.deduct_at) if shop else ("",)
        self.rows: dict[Pair, list[dict[str, Any]]] = {
            (name, rule): [] for name in self.names for rule in rules
        }
        self.path = RunFolder(self.out)

    def run(self, executor: Executor, progress: Callable[[dict[str, Any]], None]) -> None:
        """Replicate until every strategy is known well enough; each row is kept at once."""
        self._check()
        while missing := list(self._missing()):
            for row in side_by_side(executor, _predicted, missing):
                rows = self.rows[row["strategy"], row.get("rule", "")]
                rows.append(row)
                rows.sort(key=lambda one: int(one["repetition"]))
                self.path.write_json("comparison", self.about())
                progress(row)

    def about(self) -> dict[str, Any]:
        """The content of `comparison.json`."""
        return {
            "format": FORMAT,
            "world": "predicted",
            "scenario": self.scenario.name,
            "title": self.scenario.title,
            "description": self.scenario.description,
            "question": asdict(self.scenario),
            "profile": asdict(self.profile),
            "seed": self.scenario.run.seed,
            "seconds": self.scenario.run.seconds,
            "machine": machine(),
            "software": software(),
            "rows": self.combined(),
        }

    def combined(self) -> list[dict[str, Any]]:
        """One row a strategy, of the replications that are finished."""
        found = []
        for rows in filter(None, self.rows.values()):
            reach = reach_of([row["goodput_per_s"] for row in rows])
            found.append(combine(rows, self.scenario.run.seed) | {"goodput_within": reach})
        return found

    def _missing(self) -> list[tuple[Asked, Path]]:
        return [
            (self._asked(pair, repetition), self._folder(pair, repetition))
            for pair, rows in self.rows.items()
            for repetition in range(len(rows), self._wanted(rows))
        ]

    def _wanted(self, rows: Sequence[dict[str, Any]]) -> int:
        """How many replications there should be, as far as is known."""
        precision, done = self.precision, len(rows)
        if done < precision.least:
            return precision.least
        reach = reach_of([row["goodput_per_s"] for row in rows])
        enough = done >= precision.most or (reach is not None and reach <= precision.within)
        return done if enough else done + 1

    def _asked(self, pair: Pair, repetition: int) -> Asked:
        name, rule = pair
        scenario, run = self.scenario, self.scenario.run
        if scenario.shop is not None:
            scenario = replace(scenario, shop=replace(scenario.shop, deduct_at=(rule,)))
        seed = run.seed * SEEDS_APART + repetition
        return Asked(scenario, name, self.profile, seed, run.seconds, repetition)

    def _folder(self, pair: Pair, repetition: int) -> Path:
        name = "-".join(filter(None, pair))
        return self.out / f"{name}-{repetition + 1}".replace(":", ".")

    def _check(self) -> None:
        """Runs of another question must not be taken for answers to this one."""
        if not (self.out / "comparison.json").exists():
            return
        before, ours = self.path.json("comparison"), self.about()
        for key in ("format", "question", "profile", "seed", "seconds"):
            if before.get(key) != _as_read(ours[key]):
                raise Problem(
                    f"{self.out} holds a prediction with another {key}; name another folder"
                )


def reach_of(values: Sequence[float]) -> float | None:
    """How far the 95 % interval of the mean reaches, as a share of it; None of a single value."""
    if len(values) < 2:
        return None
    mean = fmean(values)
    quantile = float(student.ppf(0.975, len(values) - 1))
    return quantile * stdev(values) / len(values) ** 0.5 / mean if mean else 0.0


def predictable(names: Sequence[str], scenario: Scenario) -> tuple[str, ...]:
    """The strategies asked for, by name; those of the scenario, if none is named."""
    wanted = tuple(names) or scenario.matrix.strategies or tuple(strategies())
    if scenario.shop is not None:
        for name in names:
            refuse_no_engine(name)
    return tuple(
        name for name in dict.fromkeys(wanted) if find_strategy(name).needs is not Needs.NOTHING
    )


def _predicted(work: tuple[Asked, Path]) -> dict[str, Any]:
    """One replication, whole or absent, in whatever process it is carried out."""
    asked, path = work
    folder = RunFolder(path)
    if folder.finished:
        return dict(folder.json("verdict")["row"])
    shutil.rmtree(path, ignore_errors=True)
    try:
        return (predict_once if asked.scenario.shop is None else predict_shop)(asked, folder)
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise


def _as_read(content: Any) -> Any:
    return json.loads(json.dumps(content))
