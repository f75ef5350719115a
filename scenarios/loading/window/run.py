"""One loaded run of `sync_lag`: a shop, a product window, and who goes from the one to the other.

    shop --> pipeline --> product system         the window shows what the shop has
    Locust: look at the window --> order at the shop, if it shows some
        --> at rest --> the service's own audit --> the window beside the source --> API ends
        --> the stores, read past the service --> records --> verdict

The source decides every order, and the window only who comes. So nothing may be oversold however
late it is; how late it was, and whom it misled, stands beside the verdict.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from inventory_core.problems import Problem
from inventory_core.strategy.registry import make
from scenarios.history import RunFolder
from scenarios.lagging.paths import SyncPath
from scenarios.lagging.scenario import Sale
from scenarios.loading.fleet import Fleet, Takings
from scenarios.loading.house import House, channel_for, served
from scenarios.loading.job import LoadJob, Window
from scenarios.loading.run import REPORT, REST_WITHIN_S, LoadQuestion, Ran, Watch, Where, written
from scenarios.loading.window.judging import Brought, judged
from scenarios.loading.window.keeper import Keeper
from scenarios.loading.window.shoppers import for_sale, shop_of
from scenarios.loading.window.showing import Shown, wrong_in
from scenarios.loading.window.witness import Witness
from scenarios.measuring.records import timeline_columns
from scenarios.measuring.sampler import Sampler
from scenarios.serving.place import ShopPlace

SHOWS_WITHIN_S = 60.0
"""How long it may take until the window shows the opening."""


@dataclass(frozen=True, slots=True)
class WindowWanted:
    """The sale, how its window learns of the stock, and what opens it beside a shop."""

    sale: Sale
    path: SyncPath
    shown: Shown


@dataclass
class _Opening:
    """What happens between the start's announcement and the start."""

    watch: Watch
    keeper: Keeper
    beside: ThreadPoolExecutor
    zero_us: int = 0
    kept: Future[None] | None = None

    def begun(self, starts_ns: int) -> None:
        """Compare the clocks, send the keeper to work, begin to watch."""
        self.zero_us = (time.time_ns() - time.monotonic_ns() + starts_ns) // 1_000
        self.kept = self.beside.submit(self.keeper.keep, starts_ns)
        self.watch.begun(starts_ns)


def load_window(
    question: LoadQuestion,
    here: ShopPlace,
    wanted: WindowWanted,
    fleet: Fleet,
    folder: RunFolder,
    rest_within_s: float = REST_WITHIN_S,
) -> dict[str, Any]:
    """Load a shop through its window; its row."""
    strategy, sale, at = make(question.strategy), wanted.sale, here.address
    channel = channel_for(question.strategy, question.rule, question.scenario.demand.hold_s)
    goods, shop = for_sale(sale), shop_of(sale)
    with (
        served(here, channel, strategy, goods, shop, question.api_processes) as house,
        closing(Witness(at.sql_url, at.schema)) as witness,
        wanted.shown(at.sql_url, at.schema) as window,
    ):
        if wrong_in(window, witness, SHOWS_WITHIN_S):
            raise Problem(
                f"the window did not show the opening within {SHOWS_WITHIN_S:g} s: see what was"
                " said above"
            )
        opening, takings = _played(question, sale, house, window.url, fleet, folder)
        cpu, blind = opening.watch.over()
        survey = house.survey(REST_WITHIN_S)
        window.rest()
        wrong = wrong_in(window, witness, rest_within_s)
        changes = witness.changes()
    brought = Brought(
        wanted.sale,
        wanted.path,
        takings,
        opening.keeper.refilled,
        changes,
        opening.zero_us,
        survey,
        wrong,
        house.audit(),
        timeline_columns(opening.watch.sampler.samples, takings.starts_ns),
        time.monotonic_ns() - takings.starts_ns,
        channel.hold_s,
    )
    row, findings = judged(brought, strategy, folder)
    ran = Ran(question, strategy, Where.of(here.place), fleet.crewing, takings, cpu, blind)
    return written(ran, folder, row, findings)


def _played(
    question: LoadQuestion, sale: Sale, house: House, url: str, fleet: Fleet, folder: RunFolder
) -> tuple[_Opening, Takings]:
    """Let Locust's users in, and bring what comes in meanwhile."""
    job = LoadJob(
        question.scenario,
        question.seed,
        question.seconds,
        1,
        question.users,
        house.front,
        window=Window(url, sale),
    )
    keeper = Keeper(house.desk, sale)
    with ThreadPoolExecutor(1) as beside:
        opening = _Opening(Watch(Sampler(house.remaining)), keeper, beside)
        try:
            takings = fleet.play(job, folder.path / REPORT, opening.begun)
        finally:
            keeper.over.set()
    assert opening.kept is not None, "the run has no start"
    opening.kept.result()
    return opening, takings
