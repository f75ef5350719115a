"""The processes beside each other: who brings counts in, who buys, and the warehouse system.

    python -m workbench.warehouse_sync_parts sync|buy     its job comes on stdin, one line of JSON

Each has the memory that is measured to itself. `sync` ends when its runs have; `buy` when its stdin
closes; both then print one line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inventory_core.drivers.blocking import carry_out
from inventory_core.services.contract import LineRequest, OrderRequest, Said
from inventory_core.services.order_flow import OrderFlow
from inventory_core.services.stock_management import StockManagement
from inventory_core.steps.errors import StepError
from inventory_core.steps.step import Plan
from inventory_core.stores.service import ServiceAddress, connect_service
from inventory_core.stores.session import Session
from inventory_core.sync.alternating import alternate
from inventory_core.sync.dispatching import Dispatching
from inventory_core.sync.limits import SyncLimits
from inventory_core.sync.synchronisation import Synchronisation
from inventory_core.sync.warehouse_client import Patience, WarehouseClient
from workbench.warehouse_sync_town import CHANNEL, ENGINES, sku_of

HURRIED = Patience(connect_s=1.0, answer_s=10.0, tries=3, back_off_s=0.05, back_off_most_s=0.2)
ROOT = Path(__file__).parents[1]
END_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """What a process does. Runs are named NAME-WAREHOUSE, order numbers begin with NAME."""

    sql_url: str
    schema: str
    name: str
    codes: tuple[str, ...]
    clients: int = 4
    hot: int = 0
    page: int = SyncLimits().page
    ship_every: int = 5  # orders of a client: the warehouse is told of that one at once

    def session(self, who: str) -> Session:
        """A session on the stores of the job; whoever has it draws ids of their own."""
        return connect_service(ServiceAddress(self.sql_url, self.schema), seed=f"{self.name} {who}")


class Process:
    """One of the two, as a child. The job goes by stdin: a command line is for all to see."""

    def __init__(self, what: str, job: Job) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "workbench.warehouse_sync_parts", what],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()

    def lives(self) -> bool:
        """Is it still at it?"""
        return self._process.poll() is None

    def told(self) -> dict[str, Any]:
        """Have it end, and hear what it has to say."""
        said, _ = self._process.communicate(timeout=END_WITHIN_S)
        assert self._process.returncode == 0, f"a process ended with {self._process.returncode}"
        found: dict[str, Any] = json.loads(said)
        return found

    def kill(self) -> None:
        """Whatever it does."""
        self._process.kill()
        self._process.communicate()


@dataclass
class System:
    """The warehouse system in a process of its own; it may be killed and started again."""

    file: Path
    codes: tuple[str, ...]
    port: int = 0
    _process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Start it, again at the same place if need be; where it is."""
        named = [word for code in self.codes for word in ("--warehouse", code)]
        words = ["--database", str(self.file), "--port", str(self.port), *named]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "warehouse_system", *words],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        assert self._process.stdout is not None
        url: str = json.loads(self._process.stdout.readline())["url"]
        self.port = int(url.rpartition(":")[2])
        return url

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()


@contextmanager
def serving(file: Path, codes: tuple[str, ...]) -> Iterator[tuple[System, str]]:
    """A warehouse system that is no more when the block ends."""
    system = System(file, codes)
    url = system.start()
    try:
        yield system, url
    finally:
        system.kill()


# ---------------------------------------------------------------------------------- in the process


def _sync(job: Job) -> dict[str, Any]:
    """Bring every warehouse's counts in, one after the other."""
    sync = Synchronisation(StockManagement(ENGINES), SyncLimits(page=job.page))
    with closing(job.session("sync")) as session, closing(WarehouseClient("", HURRIED)) as client:
        before_mb, runs, first_s = _peak_mb(), [], time.monotonic()
        for code in job.codes:
            begun_s = time.monotonic()
            run = _alternated(sync.full(code, f"{job.name}-{code}"), session, client)
            took_s = time.monotonic() - begun_s
            runs.append({**asdict(run), "state": run.state.value, "took_s": took_s})
    times = {"begun_s": first_s, "ended_s": time.monotonic()}
    return {"before_mb": before_mb, "peak_mb": _peak_mb(), "runs": runs, **times}


def _alternated(plan: Plan[Any], session: Session, client: WarehouseClient) -> Any:
    def run(part: Plan[Any]) -> Any:
        return carry_out(part, session.perform)

    return alternate(plan, run, client)


def _peak_mb() -> float:
    """Of this very process: `ru_maxrss` remembers what its parent had when it was forked."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(peak) / 1_024


def _buy(job: Job) -> dict[str, Any]:
    """Buy until stdin closes, several clients at once: when orders began, how long they took."""
    over = threading.Event()
    threading.Thread(target=_until_closed, args=(over,), daemon=True).start()
    with ThreadPoolExecutor(job.clients) as pool:
        clients = [_Client(job, number) for number in range(job.clients)]
        list(pool.map(lambda client: client.buy_until(over), clients))
    orders = [order for client in clients for order in client.orders]
    shipped, troubled = (sum(getattr(one, what) for one in clients) for what in _COUNTED)
    return {"orders": orders, "shipped": shipped, "troubled": troubled}


def _until_closed(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


_COUNTED = ("shipped", "troubled")


class _Client:
    """Places an order of a hot article, pays it, has some shipped; and again."""

    def __init__(self, job: Job, number: int) -> None:
        self.orders: list[tuple[float, float]] = []  # begun (monotonic), took, in seconds
        self.shipped = self.troubled = 0
        self._job, self._number, self._made = job, number, 0
        self._flow = OrderFlow(ENGINES)
        self._dispatching = Dispatching(self._flow, Synchronisation(StockManagement(ENGINES)))

    def buy_until(self, over: threading.Event) -> None:
        """One order after the other."""
        with (
            closing(self._job.session(str(self._number))) as session,
            closing(WarehouseClient("", HURRIED)) as client,
        ):
            while not over.is_set():
                try:
                    self._buy_one(session, client)
                except StepError:
                    session.reset()
                    self.troubled += 1

    def _buy_one(self, session: Session, client: WarehouseClient) -> None:
        self._made += 1
        number = f"{self._job.name}-{self._number}-{self._made}"
        turn = self._number + self._made
        lines = (LineRequest(sku_of(turn % self._job.hot), 1),)
        codes = self._job.codes
        request = OrderRequest(CHANNEL, number, number, codes[turn % len(codes)], lines)
        begun_s = time.monotonic()
        placed = carry_out(self._flow.place(request), session.perform)
        paid = carry_out(self._flow.pay(request.order_id), session.perform)
        if (placed.said, paid.said) != (Said.PLACED, Said.PAID):
            self.troubled += 1
            return
        self.orders.append((begun_s, time.monotonic() - begun_s))
        if self._made % self._job.ship_every == 0:
            told = _alternated(self._dispatching.one(request.order_id), session, client)
            self.shipped += sum(one.said is Said.SHIPPED for one in told)


if __name__ == "__main__":
    asked = json.loads(sys.stdin.readline())
    asked["codes"] = tuple(asked["codes"])
    print(json.dumps({"sync": _sync, "buy": _buy}[sys.argv[1]](Job(**asked))))
