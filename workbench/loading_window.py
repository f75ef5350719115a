"""`stockproof load sync_lag`: a shop's product window, fed by the real pipeline beside the shop.

    PostgreSQL of the shop --capture--> Valkey --consumer--> product system <-- Locust's users

Everything is private and of this run: servers, pipeline, product system. What the other scenarios
of `load` let a user choose (strategy, stack, servers, a service that runs already) is given here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from inventory_core.problems import Problem
from inventory_core.stores.embedded import EmbeddedPostgresql
from inventory_core.stores.servers import Settings
from scenarios.lagging.scenario import SYNC_LAG, SyncLag, load_lag
from scenarios.loading.campaign import LoadWanted
from scenarios.loading.window.product_api import product_api
from workbench.private_pipeline import PrivatePipeline, private_pipeline

SOURCE = {"wal_level": "logical", "track_commit_timestamp": "on"}
"""What the shop's server must do so that it can be captured, and held against its window."""

PIPELINE = "shop"
NO_FAULTS = ("faults.at_s=0", "faults.for_s=0.01")
"""Locust brings none about: how long they last must not bound how short a sale may be."""


@dataclass(frozen=True, slots=True)
class ProductWindow:
    """A product system at a URL, and the pipeline that feeds it."""

    url: str
    pipeline: PrivatePipeline

    def check(self) -> None:
        """A `Problem` if a part of the pipeline has ended."""
        self.pipeline.check()


@contextmanager
def product_window(source: str, schema: str) -> Iterator[ProductWindow]:
    """A window on the cells in a schema of a PostgreSQL, while the block runs."""
    rules = f'[[table]]\nname = "{schema}.cell"\n'
    with tempfile.TemporaryDirectory(prefix="stockproof-window-") as name:
        product = Path(name) / "product.db"
        with (
            product_api(product) as url,
            private_pipeline(PIPELINE, source, product, rules) as pipeline,
        ):
            yield ProductWindow(url, pipeline)


@contextmanager
def on_its_server(wanted: LoadWanted) -> Iterator[LoadWanted]:
    """The same; for a shop with a window, on a private PostgreSQL that can be captured."""
    if wanted.window is None:
        yield wanted
        return
    with EmbeddedPostgresql(settings=SOURCE) as server:
        yield replace(wanted, settings=Settings(sql_url=server.url))


def lag_asked(
    scenario: str, sets: Sequence[str], seconds: float | None, seed: int | None
) -> SyncLag:
    """The sale with what was set by hand: an option beats --set."""
    for setting in sets:
        if setting.partition(".")[0].strip() in ("paths", "faults"):
            raise Problem(
                f"--set {setting} says nothing to load, which streams, and brings no faults about:"
                " set keys of [sale], or use `stockproof lag`"
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
        f"the window: {seen['looks']:,} looks, {seen['stale_share']:.1%} of them stale"
        f" ({seen['behind_ms_mean']:.1f} ms behind on average, p99 {seen['behind_ms_p99']:.1f} ms);"
        f" {seen['false_in_stock']:,} showed stock that was gone,"
        f" {seen['refused_though_shown']:,} orders of it were refused; {seen['turned_away']:,}"
        f" shoppers were turned away, {seen['lost_sales']:,} of them from stock that was there;"
        f" {seen['unanswered']:,} got no answer; {seen['wrong_at_rest']:,} articles wrong at rest"
    )
