"""A full synchronisation beside a flash sale, measured; then one that is cut off, and compared.

    buyers alone | buyers, synchronisation, audits | buyers alone | audit at rest | cut off, again

Every figure stands in `Figures`, which the published page shows a column each.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inventory_core.drivers.blocking import carry_out
from inventory_core.problems import Problem
from inventory_core.records import SyncRun
from inventory_core.services.stock_management import StockManagement
from inventory_core.steps import rows
from inventory_core.steps.step import Plan
from inventory_core.stores.embedded import EmbeddedPostgresql
from inventory_core.stores.service import ServiceAddress, open_service
from inventory_core.stores.session import Session
from inventory_core.stores.sql.address import connect
from inventory_core.sync.limits import SyncLimits
from workbench.warehouse_sync_figures import Figures, Law, Sale
from workbench.warehouse_sync_parts import Job, Process, System, serving
from workbench.warehouse_sync_town import (
    ENGINES,
    Size,
    furnish,
    shelves_of_system,
    sku_of,
    write_system,
)

SCHEMA = "stockproof_sync"
ALONE_S = 15.0
"""How long buyers buy before the synchronisation begins, and after it has ended."""

SAMPLED = 40
"""Articles of each sample of the law, the hot ones among them."""

LOOK_EVERY_S, SAMPLE_EVERY_S = 0.002, 0.5
STUCK_S = 900.0
TABLES = ("warehouse_stock", "unassigned", "entry", "movement", "cell", "stock_move")
"""Everything that a count could change."""


def measure(size: Size, alone_s: float = ALONE_S, seed: int = 1) -> Figures:
    """Found the town, hold the sale, synchronise beside it, audit; then cut one off."""
    with town_of(size) as town:
        (alone, beside, shipped), synced, law = _flash_sale(town, alone_s)
        found: dict[str, Any] = _full_sync(town, synced)
        found |= {f"orders_alone_{name}": value for name, value in _rates(alone).items()}
        found |= {f"orders_beside_{name}": value for name, value in _rates(beside).items()}
        found |= {f"law_{name}": value for name, value in asdict(law).items()}
        found["orders_shipped"] = shipped
        found["breaches_at_rest"] = len(town.do(StockManagement(ENGINES).audit()))
        found["shelves_that_differ"] = differing(town)
        return Figures(**found, **_cut_off(town, seed))


# ---------------------------------------------------------------------------------------- the town


@dataclass(frozen=True)
class Town:
    """Where it takes place."""

    size: Size
    session: Session
    system: System
    sql_url: str

    def do(self, plan: Plan[Any]) -> Any:
        """Carry out a plan that asks no warehouse."""
        return carry_out(plan, self.session.perform)

    def job(self, name: str, codes: Sequence[str] = ()) -> Job:
        """A job in this town."""
        told = tuple(codes or self.size.codes)
        return Job(self.sql_url, SCHEMA, name, told, hot=self.size.hot, page=self.size.page)


@contextmanager
def town_of(size: Size) -> Iterator[Town]:
    """The town on servers of its own, for as long as the block lasts."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stockproof-sync-")))
        server = stack.enter_context(EmbeddedPostgresql())
        write_system(folder / "system.db", size)
        system, url = stack.enter_context(serving(folder / "system.db", size.codes))
        stores = stack.enter_context(open_service(ServiceAddress(server.url, SCHEMA)))
        stores.create()
        session = stack.enter_context(closing(stores.connect()))
        furnish(session, size, url)
        with closing(connect(server.url)) as connection:
            connection.execute("ANALYZE")
        yield Town(size, session, system, server.url)


# ----------------------------------------------------------------------------------- the flash sale


def _flash_sale(town: Town, alone_s: float) -> tuple[tuple[Sale, Sale, int], dict[str, Any], Law]:
    """Buyers alone, beside the synchronisation, and alone again."""
    buyers = Process("buy", town.job("sale"))
    try:
        time.sleep(alone_s)
        syncing = Process("sync", town.job("full"))
        law = _watched(town, syncing)
        synced = syncing.told()
        time.sleep(alone_s)
    except BaseException:
        buyers.kill()
        raise
    bought = buyers.told()
    if bought["troubled"]:
        raise Problem(f"{bought['troubled']} orders of the sale came to nothing: see the stores")
    orders = bought["orders"]
    begun_s, ended_s = synced["begun_s"], synced["ended_s"]
    beside = [one for one in orders if begun_s <= one[0] < ended_s]
    alone = [one for one in orders if not begun_s <= one[0] < ended_s]
    moments = [one[0] for one in orders]
    alone_s = max(moments) - min(moments) - (ended_s - begun_s)
    sale = (_sale(alone, alone_s), _sale(beside, ended_s - begun_s), bought["shipped"])
    return sale, synced, law


def _sale(orders: Sequence[Sequence[float]], seconds: float) -> Sale:
    took_ms = [1e3 * took_s for _, took_s in orders] or [0.0]
    p50, p99 = np.quantile(took_ms, [0.5, 0.99])
    return Sale(len(orders), len(orders) / seconds, float(p50), float(p99))


def _rates(sale: Sale) -> dict[str, float]:
    return {"per_s": sale.per_s, "ms_p50": sale.ms_p50, "ms_p99": sale.ms_p99}


def _watched(town: Town, syncing: Process) -> Law:
    """Audit some articles again and again, until the synchronisation is over."""
    stock, dice = StockManagement(ENGINES), random.Random(town.size.skus)
    hot = [sku_of(one) for one in range(min(town.size.hot, SAMPLED // 4))]
    samples = articles = comparable = breaches = 0
    while syncing.lives():
        cold = [sku_of(dice.randrange(town.size.skus)) for _ in range(SAMPLED - len(hot))]
        surveys = town.do(stock.read_ledger({*hot, *cold})).values()
        samples += 1
        articles += len(surveys)
        comparable += sum(one.comparable for one in surveys)
        breaches += sum(len(one.breaches) for one in surveys)
        time.sleep(SAMPLE_EVERY_S)
    return Law(samples, articles, comparable, breaches)


def _full_sync(town: Town, synced: dict[str, Any]) -> dict[str, Any]:
    size, runs = town.size, synced["runs"]
    states = {run["state"] for run in runs}
    if states != {"done"}:
        raise Problem(f"a synchronisation ended as {states}: {[run['reason'] for run in runs]}")
    counts, batch = sum(run["applied"] for run in runs), SyncLimits().batch
    took_s = sum(run["took_s"] for run in runs)
    return {
        "skus": size.skus,
        "warehouses": size.warehouses,
        "counts": counts,
        "pages": sum(run["pages"] for run in runs),
        "batches": sum(-(-run["staged"] // batch) for run in runs),
        "took_s": took_s,
        "counts_per_s": counts / took_s,
        "memory_before_mb": synced["before_mb"],
        "memory_peak_mb": synced["peak_mb"],
        "changed": sum(run["changed"] for run in runs),
        "changed_foretold": sum(size.drifted),
        "absent": sum(run["absent"] for run in runs),
        "absent_foretold": size.absent * size.warehouses,
        "stale": sum(run["stale"] for run in runs),
    }


def differing(town: Town) -> int:
    """Shelves that are not what lies there, of all that the warehouses name."""
    differ = 0
    with closing(connect(town.sql_url)) as connection:
        asked = f"SELECT sku, physical FROM {SCHEMA}.warehouse_stock WHERE warehouse = %s"
        for code in town.size.codes:
            ours = dict(connection.execute(asked, [code]).fetchall())
            theirs = shelves_of_system(town.system.file, code)
            differ += sum(ours.get(sku) != units for sku, units in theirs.items())
    return differ


# ------------------------------------------------------------------------------------- the cut off


def _cut_off(town: Town, seed: int) -> dict[str, Any]:
    """Kill the warehouse system at a page; compare all tables; start it, and ask again."""
    code = town.size.codes[0]
    pages = -(-town.size.skus // town.size.page)
    page = random.Random(seed).randrange(1, max(2, 3 * pages // 4))
    before = digests(town)
    syncing = Process("sync", town.job("cut", [code]))
    try:
        _await_page(town, f"cut-{code}", page)
        town.system.kill()
        (cut,) = syncing.told()["runs"]
    except BaseException:
        syncing.kill()
        raise
    changed = sum(one != other for one, other in zip(before, digests(town), strict=True))
    town.system.start()
    (again,) = Process("sync", town.job("again", [code])).told()["runs"]
    return {
        "cut_at_page": page,
        "cut_staged": cut["staged"],
        "cut_state": cut["state"],
        "cut_changed_tables": changed,
        "again_state": again["state"],
        "again_s": again["took_s"],
    }


def _await_page(town: Town, run: str, page: int) -> None:
    """Wait until so many pages are staged."""
    deadline_s = time.monotonic() + STUCK_S
    while time.monotonic() < deadline_s:
        known = town.do(_run(run))
        if known is not None and known.pages >= page:
            return
        time.sleep(LOOK_EVERY_S)
    raise Problem(f"page {page} of the count never came: see what the warehouse system says")


async def _run(name: str) -> SyncRun | None:
    return await rows.Get(SyncRun, (name,))


def digests(town: Town) -> list[Any]:
    """A number for the rows of each table, whatever their order."""
    told = "SELECT count(*), coalesce(sum(hashtextextended(one::text, 0)), 0)"
    with closing(connect(town.sql_url)) as connection:
        return [
            connection.execute(f"{told} FROM {SCHEMA}.{name} AS one").fetchone() for name in TABLES
        ]
