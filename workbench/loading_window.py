"""`stockproof load sync_lag`: a shop's product window, fed by the real pipeline beside the shop.

    PostgreSQL of the shop --capture--> Valkey --consumer--> product system <-- Locust's users
    PostgreSQL of the shop <--polls-- a reader ------------> product system

Everything is private and of this run: servers, pipeline, product system. What the other scenarios
of `load` let a user choose (strategy, stack, servers, a service that runs already) is given here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from inventory_core.problems import Problem
from scenarios.lagging.cases import streamed
from scenarios.lagging.paths import Kind, SyncPath
from scenarios.lagging.scenario import HOUR_MS, SYNC_LAG, SyncLag, load_lag
from scenarios.loading.window.product_api import product_api
from scenarios.loading.window.run import WindowWanted
from scenarios.loading.window.shoppers import scenario_of
from scenarios.scenario import Scenario
from workbench.private_pipeline import PrivatePipeline, private_pipeline
from workbench.private_polling import PrivatePolling, private_polling

SOURCE = {"wal_level": "logical", "track_commit_timestamp": "on"}
"""What the shop's server must do so that it can be captured, and held against its window."""

PIPELINE = "shop"
NO_FAULTS = ("faults.at_s=0", "faults.for_s=0.01")
"""Locust brings none about: how long they last must not bound how short a sale may be."""


@dataclass(frozen=True, slots=True)
class ProductWindow:
    """A product system at a URL, and what feeds it."""

    url: str
    fed: PrivatePipeline | PrivatePolling

    def check(self) -> None:
        """Raises if what feeds it has ended."""
        self.fed.check()

    def rest(self) -> None:
        """Nothing changes any more: read all once more, if that is how it learns."""
        self.fed.rest()


@contextmanager
def product_window(path: SyncPath, source: str, schema: str) -> Iterator[ProductWindow]:
    """A window on the cells in a schema of a PostgreSQL, while the block runs."""
    with tempfile.TemporaryDirectory(prefix="stockproof-window-") as name:
        product = Path(name) / "product.db"
        with product_api(product) as url, _fed(path, source, schema, product) as fed:
            yield ProductWindow(url, fed)


def _fed(
    path: SyncPath, source: str, schema: str, product: Path
) -> AbstractContextManager[PrivatePipeline | PrivatePolling]:
    if path.kind is Kind.POLLING:
        return private_polling(path, source, schema, product)
    return private_pipeline(PIPELINE, source, product, f'[[table]]\nname = "{schema}.cell"\n')


def window_asked(
    scenario: str, path: str, sets: Sequence[str], seconds: float | None, seed: int | None
) -> tuple[Scenario, WindowWanted]:
    """The sale with what was set by hand (an option beats --set), and how its window learns."""
    lag = _lag_asked(scenario, sets, seconds, seed)
    way = _path_asked(path, lag)
    wanted = WindowWanted(lag.sale, way, partial(product_window, way))
    return scenario_of(Path(scenario).stem, lag), wanted


def _path_asked(said: str, lag: SyncLag) -> SyncPath:
    """`streaming`, or `polling:` and how many milliseconds lie between two polls."""
    kind, _, own_ms = said.partition(":")
    if said in ("", Kind.STREAMING):
        return streamed(lag).path
    if kind != Kind.POLLING or not own_ms.isdecimal() or not 0 < int(own_ms) <= HOUR_MS:
        raise Problem(
            f"--path is streaming or polling:MS, such as polling:500, and not {said!r}; a window"
            " that reads on demand is `stockproof lag`'s"
        )
    return SyncPath(Kind.POLLING, int(own_ms) / 1e3)


def _lag_asked(
    scenario: str, sets: Sequence[str], seconds: float | None, seed: int | None
) -> SyncLag:
    for setting in sets:
        if setting.partition(".")[0].strip() in ("paths", "faults"):
            raise Problem(
                f"--set {setting} says nothing to load, which has --path, and brings no faults"
                " about: set keys of [sale], or use `stockproof lag`"
            )
    keys = {"sale.seconds": seconds, "sale.seed": seed}
    said = [f"{key}={value}" for key, value in keys.items() if value is not None]
    file = None if scenario == SYNC_LAG else Path(scenario)
    return load_lag(file, [*sets, *said, *NO_FAULTS])


def refuse_choices(**chosen: object) -> None:
    """Refuse the options, by their parameters' names, that have nothing to choose here."""
    for name, value in chosen.items():
        if value:
            raise Problem(
                f"--{name.replace('_', '-')} does not apply to sync_lag, which has a shop, servers"
                " and a pipeline of its own: leave it out"
            )


def window_sentence(row: Mapping[str, Any]) -> str:
    """What shoppers saw in the window, and whom it misled."""
    seen = row["window"]
    return (
        f"the window ({seen['path']}): {seen['looks']:,} looks, {seen['stale_share']:.1%} stale"
        f" ({seen['behind_ms_mean']:.1f} ms behind on average, p99 {seen['behind_ms_p99']:.1f} ms);"
        f" {seen['false_in_stock']:,} showed stock that was gone already;"
        f" {seen['refused_though_shown']:,} orders were refused after the window had shown some;"
        f" {seen['turned_away']:,} shoppers were turned away, {seen['lost_sales']:,} of them from"
        f" stock that was there; {seen['unanswered']:,} got no answer; {seen['wrong_at_rest']:,}"
        " articles wrong at rest"
    )
