"""Load one scenario with Locust: each strategy as the engine of a shop, or by its bare plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from inventory_core.problems import Problem
from inventory_core.records import Channel
from inventory_core.stores.servers import Servers, Settings
from inventory_core.stores.stacks import find_stack
from inventory_core.strategy import Strategy
from inventory_core.strategy.registry import find_strategy
from scenarios.history import FORMAT, RunFolder
from scenarios.loading.direct import load_stores
from scenarios.loading.elsewhere import elsewhere
from scenarios.loading.fleet import Crewing, Fleet
from scenarios.loading.house import served
from scenarios.loading.run import Loadable, LoadQuestion, Where, load_stream
from scenarios.loading.shop_run import load_shop
from scenarios.loading.window.run import WindowWanted, load_window
from scenarios.measuring.campaign import SEEDS_APART, whole_or_absent
from scenarios.measuring.machine import machine, software
from scenarios.measuring.pairs import Pair, pairs_of
from scenarios.scenario import Scenario, Shop
from scenarios.serving.place import shop_on, stack_of_shop, why_no_shop

USUAL = ("conditional_update",)
"""What is loaded unless somebody names others: the engine that `stockproof serve` has."""

Tell = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True)
class LoadWanted:
    """What somebody wants to be loaded, and by whom."""

    scenario: Scenario
    out: Path
    strategies: tuple[str, ...] = USUAL
    users: int = 0  # 0: as many as the scenario has connections
    crewing: Crewing = field(default_factory=Crewing)
    api_processes: int = 1
    plans: bool = False  # on the stores themselves
    stack: str | None = None
    settings: Settings = field(default_factory=Settings)
    url: str = ""  # of a service that runs already
    admin_key: str = ""
    window: WindowWanted | None = None  # of a sale whose shoppers look before they order
    told: Mapping[str, Any] = field(default_factory=dict)  # what else stands in its record

    def pairs(self) -> list[Pair]:
        """Which strategy, on which stack, under which rule; a `Problem` if one cannot be."""
        scenario = self.scenario
        if scenario.faults:
            raise Problem("Locust brings no faults about: leave out --fault, or use measure")
        if self.plans:
            return self._bare()
        if self.url and scenario.shop is not None:
            raise Problem(
                f"{scenario.name} is judged by a shop's books, and a service elsewhere shows only"
                " some of them: leave out --host, or load a scenario without a table [shop]"
            )
        rules = scenario.shop.deduct_at if scenario.shop else ("order",)
        return [pair for name in self.strategies for pair in self._as_engine(name, rules)]

    def _bare(self) -> list[Pair]:
        if self.scenario.shop is not None or self.url:
            raise Problem(
                "--plans goes to the stores past any shop: leave out --host, and take a scenario"
                " without a table [shop]"
            )
        url = self.settings.sql_url
        pairs, skipped = pairs_of(self.scenario, self.strategies, self.stack, url)
        if skipped:
            raise Problem("; ".join(skipped))
        return pairs

    def _as_engine(self, name: str, rules: Sequence[str]) -> Iterator[Pair]:
        kind = find_strategy(name)
        stack = find_stack(self.stack) if self.stack else stack_of_shop(kind)
        reason = why_no_shop(stack, kind, name)
        if reason:
            raise Problem(reason)
        for rule in dict.fromkeys(rules):
            yield Pair(name, stack, rule)

    @property
    def clients(self) -> int:
        """How many users there are."""
        return self.users or self.scenario.demand.clients


def load(wanted: LoadWanted, tell: Tell = lambda _: None) -> dict[str, Any]:
    """Load every strategy that is wanted, one after the other; the record of all of them.

    Who is interrupted keeps what was answered until then, judged; nothing is begun after that.
    """
    rows: list[dict[str, Any]] = []
    fleet = Fleet(wanted.crewing, tell)
    with Servers(wanted.settings) as servers:
        for pair in wanted.pairs():
            parts = filter(None, (pair.strategy, pair.stack.name, pair.rule))
            folder = RunFolder(wanted.out / "-".join(parts).replace(":", "."))
            tell({"event": "run", "strategy": pair.strategy})
            with whole_or_absent(folder):
                row = _loaded(wanted, pair, servers, fleet, folder)
            rows.append(row)
            RunFolder(wanted.out).write_json("comparison", _record(wanted, rows))
            tell({"event": "row", "row": row})
            if row["stopped"]:
                break
    return _record(wanted, rows)


def _loaded(
    wanted: LoadWanted, pair: Pair, servers: Servers, fleet: Fleet, folder: RunFolder
) -> dict[str, Any]:
    scenario = wanted.scenario
    question = LoadQuestion(
        scenario,
        pair.strategy,
        scenario.run.seed * SEEDS_APART,
        scenario.run.seconds,
        wanted.clients,
        pair.rule,
        wanted.api_processes,
    )
    if wanted.url:
        opened = partial(_theirs, wanted)
        return load_stream(question, opened, Where("the service's own"), fleet, folder)
    place = servers.open(pair.stack)
    if wanted.plans:
        with place:
            return load_stores(question, place, fleet, folder)
    with shop_on(place, pair.strategy) as here:
        if wanted.window is not None:
            return load_window(question, here, wanted.window, fleet, folder)
        if scenario.shop is not None:
            return load_shop(question, here, fleet, folder)

        @contextmanager
        def ours(
            channel: Channel, strategy: Strategy, for_sale: Mapping[str, int]
        ) -> Iterator[Loadable]:
            processes = wanted.api_processes
            with served(here, channel, strategy, for_sale, Shop(), processes) as house:
                yield house

        return load_stream(question, ours, Where.of(here.place), fleet, folder)


@contextmanager
def _theirs(
    wanted: LoadWanted, channel: Channel, _: Strategy, for_sale: Mapping[str, int]
) -> Iterator[Loadable]:
    with elsewhere(wanted.url, wanted.admin_key, channel, for_sale) as there:
        yield there


def _record(wanted: LoadWanted, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The content of `comparison.json`."""
    scenario = wanted.scenario
    return {
        "format": FORMAT,
        "scenario": scenario.name,
        "title": scenario.title,
        "description": scenario.description,
        "question": asdict(scenario),
        "seed": scenario.run.seed,
        "seconds": scenario.run.seconds,
        "repetitions": 1,
        "grade": "demo",
        "machine": machine(),
        "software": software(),
        "skipped": [],
        "rows": rows,
        "floor": None,
        "proved": [],
        **wanted.told,
    }
