"""What is compared: statement and transaction, hot row and many, few clients and a crowd.

Each work is done by both in turns, so that what the machine does meanwhile happens to both; the
figures are medians over the turns, and so is the ratio, of the turns' own ratios. One connection a
client on both sides, and one thread. Commands on one connection together are compared with the best
that `redis-benchmark` makes with one command a connection under way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import quote

from inventory_core.domain import Cell, Opening, Outcome
from inventory_core.drivers import carry_out
from inventory_core.stores.addresses import Address
from inventory_core.stores.multiplexed import Width
from inventory_core.stores.servers import Place, Servers, Settings
from inventory_core.stores.stacks import find_stack
from inventory_core.strategy import Strategy
from inventory_core.strategy.registry import make
from scenarios.measuring.peers.ours import Turns, an_order, opened
from scenarios.measuring.peers.pgbench import Pgbench, take_script, transaction_script
from scenarios.measuring.peers.redis_benchmark import (
    RedisBenchmark,
    installed,
    script_words,
)

TURNS = 5
SECONDS = 1.0
UNITS = 1_000_000_000
CLIENTS, KV_CLIENTS, TOGETHER = (1, 8, 32), (1, 8, 50), (8, 50, 256)
SETTINGS = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "jit": "off"}
"""What our own connections set, so that pgbench's statements are planned alike."""

BARE_TAKE = "scenarios.measuring.peers.bare_take:BareTake"
"""The registry finds it by this name; in lists of strategies it would mislead."""

WAITS, FULL, ONE_CONNECTION = "the server waits", "the cores are full", "one connection"
GOALS = {WAITS: 0.9, FULL: 0.75, ONE_CONNECTION: 1.0}
"""The least ratio, by what bounds the figure."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One row: what both did, how fast, and ours divided by theirs. `goal`: the least ratio."""

    work: str
    peer: str
    peer_per_s: float
    ours_per_s: float
    ratio: float
    goal: float
    ratio_low: float
    ratio_high: float


@dataclass(frozen=True, slots=True)
class Work:
    """What both sides do. `bound`: whether the server waits or the cores are full."""

    name: str
    clients: int
    bound: str
    commit: str = ""  # on or off; empty: keys
    cells: int = 1
    transaction: bool = False
    together: bool = False  # of keys: all buyers on one connection


@dataclass(frozen=True, slots=True)
class Step:
    """How far we are: before a turn."""

    done: int
    total: int
    work: str


def works() -> tuple[Work, ...]:
    """Everything that is compared; what needs `redis-benchmark`, where that is installed."""
    rows = [
        _rows(commit, cells, transaction, clients)
        for commit, cells, transaction, clients in product(
            ("on", "off"), (1, 1_000), (False, True), CLIENTS
        )
    ]
    if not installed():
        return tuple(rows)
    alone = [Work(f"script, {n} connections", n, FULL) for n in KV_CLIENTS]
    crowd = [
        Work(f"script, {n} buyers on one connection", n, ONE_CONNECTION, together=True)
        for n in TOGETHER
    ]
    return (*rows, *alone, *crowd)


def _rows(commit: str, cells: int, transaction: bool, clients: int) -> Work:
    what = "transaction of four statements" if transaction else "single statement"
    where = "hot row" if cells == 1 else f"{cells:,} rows"
    crowd = "1 client" if clients == 1 else f"{clients} clients"
    # One client waits for the server; so does a crowd at one row, and one that waits for a flush.
    waits = clients == 1 or cells == 1 or commit == "on"
    name = f"{what}, {where}, {crowd}, commit {commit}"
    return Work(name, clients, WAITS if waits else FULL, commit, cells, transaction)


def compare(
    some: Sequence[Work],
    seconds: float = SECONDS,
    turns: int = TURNS,
    progress: Callable[[Step], None] = lambda _: None,
) -> Iterator[Peer]:
    """Do each work on private servers, turn by turn, and answer its row when it is done."""
    best = 0.0
    with Servers(Settings()) as servers, TemporaryDirectory(prefix="stockproof-") as folder:
        places: dict[str, Place] = {}
        with ExitStack() as life:
            for done, work in enumerate(some):
                stack = "postgresql" if work.commit else "redis"
                if stack not in places:
                    places[stack] = life.enter_context(servers.open(find_stack(stack)))
                taken = []
                with _sides(work, places[stack], Path(folder)) as (theirs, ours):
                    _turn(theirs, ours, min(seconds, 0.2))  # caches and plans get warm
                    for turn in range(turns):
                        progress(Step(done * turns + turn, len(some) * turns, work.name))
                        taken.append(_turn(theirs, ours, seconds))
                peers = [peer for peer, _ in taken]
                if not work.commit and not work.together:
                    best = max(best, median(peers))
                yield _row(work, taken, best)


def _turn(theirs: Turns, ours: Turns, seconds: float) -> tuple[float, float]:
    return theirs.turn(seconds), ours.turn(seconds)


def _row(work: Work, taken: Sequence[tuple[float, float]], best: float) -> Peer:
    ratios = sorted(mine / peer for peer, mine in taken)
    theirs = median(peer for peer, _ in taken)
    if work.together and best > theirs:  # the best of its own figures, at any number of clients
        ratios = [ratio * theirs / best for ratio in ratios]
        theirs = best
    return Peer(
        work.name,
        "pgbench" if work.commit else "redis-benchmark",
        theirs,
        median(mine for _, mine in taken),
        median(ratios),
        GOALS[work.bound],
        ratios[0],
        ratios[-1],
    )


@contextmanager
def _sides(work: Work, place: Place, folder: Path) -> Iterator[tuple[Turns, Turns]]:
    """Both sides of a work, on a place that holds nothing but its cells."""
    cells = tuple(Cell(f"{number}") for number in range(1, work.cells + 1))
    name = "redis_script"
    if work.commit:
        name = "conditional_update" if work.transaction else BARE_TAKE
    strategy = make(name)
    _fill(place, strategy, cells)
    address = _committing(place.address, work.commit)
    if work.commit:
        script = folder / "script.sql"
        text = transaction_script if work.transaction else take_script
        script.write_text(text(address.sql_schema, cells), "utf-8")
        theirs: Turns = Pgbench(address.sql_url, script, work.clients)
        width = Width(work.clients)
    else:
        words = script_words(address.kv_prefix, cells[0])
        theirs = RedisBenchmark(address.kv_url, words, min(work.clients, KV_CLIENTS[-1]))
        width = Width(0, watching=0 if work.together else work.clients)
    with opened(address, strategy, width, work.clients, cells) as ours:
        yield theirs, ours


def _fill(place: Place, strategy: Strategy, cells: Sequence[Cell]) -> None:
    place.clear()
    session = place.connect(strategy.limits)
    try:
        openings = [Opening(cell, UNITS) for cell in cells]
        carry_out(strategy.load(openings), session.perform)
        first = carry_out(strategy.deduct(an_order(cells[0])), session.perform)
        assert first is Outcome.DEDUCTED, first  # and from now on the server knows the script
    finally:
        session.close()


def _committing(address: Address, commit: str) -> Address:
    """The address with a commit that waits for the disk, or not, and plans as our own."""
    if not commit:
        return address
    settings = {"synchronous_commit": commit, **SETTINGS}
    options = quote(" ".join(f"-c {name}={value}" for name, value in settings.items()))
    joint = "&" if "?" in address.sql_url else "?"
    return Address(
        address.stack,
        sql_url=f"{address.sql_url}{joint}options={options}",
        sql_schema=address.sql_schema,
        embedded=address.embedded,
    )
