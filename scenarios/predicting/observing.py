"""Looks at these servers for some minutes: what a calibration has to explain.

    alone        every strategy for a moment at one client, over a few articles, nobody in its way:
                 how long each kind of step takes, and whose processor time that is
    few          the same strategies at four clients, on a sale with one hot article: how many
                 orders they get through
    flush        the same commit, durable and not
    crowds       mechanisms without a strategy, at up to 32 clients: a statement, a transaction and
                 a script over a thousand rows, and the first two on one hot row

Strategies are looked at with one client and with four. Whatever they do under any other crowd has
to come out of the simulation. All of it is told as of a machine at its usual pace, which is what
the looks at strategies had at the median (`levelling.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, median

import numpy as np

from inventory_core.problems import Problem
from inventory_core.stores.servers import Settings
from inventory_core.strategy import Needs
from inventory_core.strategy.registry import strategies
from scenarios.measuring.hands import Hands
from scenarios.predicting.levelling import Level, level_of
from scenarios.predicting.looking import Look, at_level, look
from scenarios.scenario import Demand, Run, Scenario, Stock, load_scenario

ALONE_S, FEW_S, CROWD_S = 0.35, 0.35, 0.6
FEW_TIMES = 2
UPDATE = "scenarios.predicting.probes:OneUpdate"
TRANSACTION = "scenarios.predicting.probes:OneTransaction"
CLAIM = "scenarios.predicting.probes:OneClaim"
SCRIPT = "scenarios.predicting.probes:OneScript"
LINES = 21
FEW, MANY = 4, 1_000
"""Articles: enough for one client, whose strategy may keep every unit as a row; and for a crowd."""

CROWDS = (2, 4, 16, 32)
FEW_CLIENTS = 4
SALE = "deep_stock"
SALE_SETTINGS = ("demand.pool=0", "stock.cells=10", "matrix.stacks=[]")


@dataclass(frozen=True, slots=True)
class Probe:
    """A mechanism at one crowd: what was measured, and what the fit made of it."""

    name: str
    cells: int
    clients: int
    orders_per_s: float
    simulated_per_s: float = 0.0

    @property
    def error(self) -> float:
        """How far the simulation is off, as a share."""
        return self.simulated_per_s / self.orders_per_s - 1


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of the servers, before anything is made of it.

    `rows`: looks at orders of one line and of many, by the name of the probe. `few`: orders a
    second at four clients, by the name of the strategy. `level`: how fast the reference work went.
    """

    alone: Sequence[Look]
    rows: Mapping[str, tuple[Look, Look]]
    flush_us: float
    probes: Sequence[Probe]
    few: Mapping[str, float]
    level: Level = field(default_factory=dict)


def scenario_of(cells: int, clients: int, lines: int = 1) -> Scenario:
    """Orders of single units, for so many articles that never sell out."""
    processes = 1 if clients == 1 else 2
    return Scenario(
        name="calibration",
        stock=Stock(cells=cells, quantity=1_000_000_000),
        demand=Demand(processes=processes, connections=clients // processes, lines=(lines,)),
        run=Run(seconds=CROWD_S, repetitions=1, seed=1, warm_up="none", sample_every=1),
    )


def sale_of(clients: int) -> Scenario:
    """A sale of one hot article, with orders of two lines and duplicates; it never sells out."""
    processes = 1 if clients == 1 else 2
    crowd = (f"demand.processes={processes}", f"demand.connections={clients // processes}")
    return load_scenario(SALE, [*SALE_SETTINGS, *crowd])


def honest() -> tuple[str, ...]:
    """Every strategy that is no control and asks something of a store."""
    return tuple(
        name
        for name, kind in strategies().items()
        if not kind.control and kind.needs is not Needs.NOTHING
    )


def observe(settings: Settings, progress: Callable[[str], None], names: Sequence[str] = ()) -> Seen:
    """Look at the servers, alone."""
    names = tuple(names) or honest()
    with Hands(settings) as hands:
        alone = look(scenario_of(FEW, 1), names, hands, ALONE_S, seen=progress)
        few = [a_few(names, hands, progress) for _ in range(FEW_TIMES)]
        level = level_of(one.beside for looks in (alone, *few) for one in looks)
        rows = {name: _rows(name, hands, level, progress) for name in (CLAIM, SCRIPT)}
        flush_us = _flush_us(hands, progress)
        probes = crowds(hands, level, progress)
        return Seen(at_level(alone, level), rows, flush_us, probes, rates_of(few, level), level)


def rates_of(times: Sequence[Sequence[Look]], level: Level) -> dict[str, float]:
    """Orders a second of every strategy, the mean of the times that it was looked at."""
    each: dict[str, list[float]] = {}
    for looks in times:
        for one in at_level(looks, level):
            each.setdefault(one.strategy, []).append(one.orders_per_s)
    return {name: fmean(per_s) for name, per_s in each.items()}


def a_few(names: Sequence[str], hands: Hands, progress: Callable[[str], None]) -> list[Look]:
    """Look at strategies once, with four clients."""
    return look(sale_of(FEW_CLIENTS), names, hands, FEW_S, seen=progress)


def crowds(hands: Hands, level: Level, progress: Callable[[str], None]) -> list[Probe]:
    """Look at the mechanisms under a crowd."""
    looks: list[Look] = []
    asked: list[tuple[int, int]] = []
    for cells, names in ((MANY, [UPDATE, SCRIPT, TRANSACTION]), (1, [UPDATE, TRANSACTION])):
        for clients in CROWDS:
            looks += look(scenario_of(cells, clients), names, hands, CROWD_S)
            asked += [(cells, clients)] * len(names)
            progress(f"{cells} rows, {clients} clients")
    seen = at_level(looks, level)
    return [Probe(one.strategy, *at, one.orders_per_s) for one, at in zip(seen, asked, strict=True)]


def at_the_median(times: Sequence[Sequence[Probe]]) -> list[Probe]:
    """What mechanisms did when they were looked at several times."""
    each: dict[tuple[str, int, int], list[float]] = {}
    for one in (probe for probes in times for probe in probes):
        each.setdefault((one.name, one.cells, one.clients), []).append(one.orders_per_s)
    return [Probe(*asked, median(per_s)) for asked, per_s in each.items()]


def _flush_us(hands: Hands, progress: Callable[[str], None]) -> float:
    """What a durable commit waits for the disk: with and without waiting for it."""
    settings = hands.settings
    if not settings.sql_url.startswith("postgres"):
        raise Problem(
            "calibrate needs PostgreSQL: leave the SQL URL out, or give one of PostgreSQL"
        )
    joint = "&" if "?" in settings.sql_url else "?"
    lazy = replace(settings, sql_url=f"{settings.sql_url}{joint}options=-csynchronous_commit%3Doff")
    with Hands(lazy) as never_waits:
        commits = [_commit_us(hands), _commit_us(never_waits)]
    progress("flush")
    return max(commits[0] - commits[1], 1.0)


def _commit_us(hands: Hands) -> float:
    seen = look(scenario_of(FEW, 1), ["conditional_update"], hands, ALONE_S)[0]
    return float(np.median(seen.steps_us["Commit"]))


def _rows(
    name: str, hands: Hands, level: Level, progress: Callable[[str], None]
) -> tuple[Look, Look]:
    """Orders of one line, and of many."""
    found = [look(scenario_of(MANY, 1, lines), [name], hands, ALONE_S)[0] for lines in (1, LINES)]
    progress(f"{name.rpartition(':')[2]}, {LINES} lines")
    one, many = at_level(found, level)
    return one, many
