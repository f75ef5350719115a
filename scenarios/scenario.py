"""What is asked of the strategies: a scenario, read from a TOML file that anybody can write.

    scenario = load_scenario("flash_sale", ["demand.connections=4"])
    scenario = load_scenario("./my_sale.toml")

A scenario says how much stock there is, who comes for it and how, for how long, and which
strategies and stacks are to be tried. Everything else (the numbers drawn) follows from its seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inventory_core.problems import Problem
from scenarios.faults import LiveFault, read_faults
from scenarios.lagging.scenario import is_sync_lag
from scenarios.named_files import with_files
from scenarios.reading_toml import Place, check_keys, fill, one_of, override, read_toml, within
from scenarios.shapes import SHAPES

FOLDER = Path(__file__).parent

DRIVERS = ("threads", "multiplexed")
"""Who carries out the plans of a worker process; the first, unless a scenario says otherwise."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is to sell.

    `stated`: so many `cells`, each with `quantity` units. `real_baskets`: one cell an article of
    the baskets replayed; the most wanted `hot_share` of the articles open with `hot_cover` of what
    will be asked of them, the others with twice of it. With `demand.kind = "csv"`: every article of
    the orders has `quantity` units, or those that a CSV `file` says.
    """

    source: str = one_of("stated", "real_baskets")
    cells: int = within(1, 1, 100_000)
    quantity: int = within(1_000, 0, 1_000_000_000)
    place: str = "online"
    hot_share: float = within(0.01, 0, 1)
    hot_cover: float = within(0.5, 0, 1_000)
    file: str = ""


@dataclass(frozen=True, slots=True)
class Demand:
    """Who comes, how often, and how badly behaved. Shares are of all orders, from 0 to 1.

    `closed`: each connection sends its next delivery as soon as it has an answer. `open`: orders
    arrive at `rate_per_s` whatever the answers; at most `queue` of them wait in each process, and
    the one that has waited longest leaves when another comes. They come like Poisson's or evenly,
    and the rate may have a shape (`scenarios.shapes`). `csv`: an open loop too, of the orders in
    `file`, at `compress` times their pace (`scenarios.orders_csv`).
    """

    kind: str = one_of("closed", "open", "csv")
    file: str = ""
    compress: float = within(0.0, 0, 1_000_000)  # 0: pressed into the seconds of the run
    processes: int = within(2, 1, 64)
    connections: int = within(8, 1, 256)  # of each process
    driver: str = one_of(*DRIVERS)  # a thread for each client, or one thread for all of a process
    pool: int = within(0, 0, 256)  # database connections that they share; 0: as many as clients
    kv_connections: int = within(1, 1, 64)  # to the keys, of the multiplexed driver: for all
    rate_per_s: float = within(1_000.0, 0.1, 1_000_000)
    arrivals: str = one_of("poisson", "even")
    shape: str = one_of(*SHAPES)
    period_s: float = within(1.0, 0.001, 1_000_000)  # of bursts and days; how fast a flash decays
    peak: float = within(2.0, 1, 1_000)  # times the rate at most
    queue: int = within(1_000, 1, 1_000_000)  # of each process
    hot_cells: int = within(1, 1, 100_000)  # so many cells are hot at a time
    hot_share: float = within(0.0, 0, 1)  # of the lines are for one of these
    hot_moves: int = within(0, 0, 100_000)  # blocks of orders after which others are hot; 0: never
    tail: float = within(0.0, 0, 4)  # Zipf exponent of the other lines; 0: every cell alike
    quantities: tuple[int, ...] = within((1,), 1, 1_000_000)  # a line asks for one of these
    lines: tuple[int, ...] = within((1,), 1, 200)  # an order has one of these
    duplicates: float = within(0.0, 0, 1)  # orders that are delivered again
    deliveries: tuple[int, ...] = within((2,), 2, 5)  # how often those are delivered in all
    duplicates_late: float = within(0.5, 0, 1)  # share of them that come late, not in parallel
    late_by: int = within(200, 1, 1_000)  # so many orders later at most
    other_body: float = within(0.0, 0, 1)  # orders whose number comes again with another body
    roll_back: float = within(0.0, 0, 1)  # orders that are cancelled after a while
    roll_back_first: float = within(0.0, 0, 1)  # cancelled before they come
    pay: float = within(0.0, 0, 1)  # paid after a while
    pay_expired: float = within(0.0, 0, 1)  # expired first, then paid
    retries: int = within(3, 0, 20)  # after an unknown or contended answer
    hold_s: float = within(900.0, 0.001, 1_000_000)

    @property
    def clients(self) -> int:
        """Connections of all processes together."""
        return self.processes * self.connections

    @property
    def open_loop(self) -> bool:
        """Do orders arrive whatever the answers?"""
        return self.kind != "closed"


@dataclass(frozen=True, slots=True)
class Shop:
    """That buyers come to the order flow, and not to a bare strategy; the strategy is its engine.

    Every order has one line and arrives in an open loop. What its buyer does next follows from
    `demand`: of the shares `pay`, `pay_expired` (too late on purpose) and `roll_back` (cancel)
    each does that, and the rest is never heard of again. A `window_s` makes an activity: open from
    its first to its second second, with `quota` units of each article, `limit_per_buyer` of them
    to one buyer; every order asks for it, and `parallel` of the buyers send several at once.
    """

    deduct_at: tuple[str, ...] = ("order",)  # or "payment"; of two, each strategy runs under both
    sweepers: int = within(1, 0, 64)  # in each process; beside one that finishes what was left
    pays_after_s: float = within(0.2, 0, 3_600)  # on average, of those who pay in time or cancel
    pays_late_s: float = within(1.0, 0, 3_600)  # at most so long after the deadline
    warehouses: int = within(2, 1, 100)
    spare: int = within(100, 0, 1_000_000)  # units of each article that no channel was given
    window_s: tuple[int, ...] = within((), 0, 86_400)
    quota: int = within(0, 0, 1_000_000)
    limit_per_buyer: int = within(0, 0, 1_000_000)  # 0: none
    buyers: int = within(0, 0, 1_000_000)  # 0: every order has a buyer of its own
    parallel: float = within(0.0, 0, 1)  # orders that come as three at once from one buyer


@dataclass(frozen=True, slots=True)
class Run:
    """How long, how often, and where the dice start."""

    seconds: float = within(3.0, 0.05, 86_400)
    repetitions: int = within(3, 1, 1_000)
    seed: int = within(1, 0, 2**32 - 1)
    warm_up: str = one_of("mser-5", "none")
    sample_every: int = within(8, 1, 1_000_000)  # operations between two whose steps are timed


@dataclass(frozen=True, slots=True)
class Matrix:
    """Which strategies on which stacks; empty: all of them, each on the smallest that fits."""

    strategies: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One question, complete but for the strategy that is to answer it."""

    name: str
    title: str = ""
    description: str = ""
    stock: Stock = field(default_factory=Stock)
    demand: Demand = field(default_factory=Demand)
    run: Run = field(default_factory=Run)
    matrix: Matrix = field(default_factory=Matrix)
    shop: Shop | None = None
    faults: tuple[LiveFault, ...] = ()


_KNOWN = ("title", "description", "stock", "demand", "shop", "run", "matrix", "fault")


def scenario_names() -> tuple[str, ...]:
    """The scenarios that come with the project."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load_scenario(
    name_or_path: str, overrides: Sequence[str] = (), faults: Sequence[str] = ()
) -> Scenario:
    """A scenario by name, or from a TOML file, with settings such as `demand.connections=4`.

    `faults` come on top of its own: `client_dies`, or `reply_lost,share=0.05`.
    """
    path = _path_of(name_or_path)
    tables = read_toml(path)
    override(tables, overrides)
    place = Place(path.name)
    check_keys(place, tables, _KNOWN)
    scenario = Scenario(
        name=path.stem,
        title=_text(tables, "title", place),
        description=_text(tables, "description", place),
        stock=fill(Stock, tables.get("stock", {}), Place(path.name, "stock")),
        demand=fill(Demand, tables.get("demand", {}), Place(path.name, "demand")),
        run=fill(Run, tables.get("run", {}), Place(path.name, "run")),
        matrix=fill(Matrix, tables.get("matrix", {}), Place(path.name, "matrix")),
        shop=fill(Shop, tables["shop"], Place(path.name, "shop")) if "shop" in tables else None,
        faults=read_faults(tables.get("fault", []), faults, path.name),
    )
    _refuse_nonsense(scenario, place)
    return with_files(scenario, path.parent, place)


def _path_of(name_or_path: str) -> Path:
    if is_sync_lag(name_or_path):
        raise Problem(
            f"{name_or_path} compares no strategies, only ways for a shop window to learn of the"
            " stock: `stockproof lag` predicts and measures it, `stockproof load sync_lag` sends"
            " Locust's users"
        )
    path = Path(name_or_path)
    if path.suffix == ".toml" or len(path.parts) > 1:
        if not path.is_file():
            raise Problem(f"there is no file {name_or_path}; name a TOML file that exists")
        return path
    known = FOLDER / f"{name_or_path}.toml"
    if not known.is_file():
        names = ", ".join(scenario_names())
        raise Problem(
            f"there is no scenario {name_or_path!r}; choose among {names}, or name a TOML file"
        )
    return known


def _text(tables: dict[str, Any], word: str, place: Place) -> str:
    value = tables.get(word, "")
    if not isinstance(value, str):
        raise place.problem(word, f"is {value!r}; write a text in quotes")
    return value.strip()


def _refuse_nonsense(scenario: Scenario, place: Place) -> None:
    demand = scenario.demand
    lives = demand.roll_back + demand.roll_back_first + demand.pay + demand.pay_expired
    if lives > 1 + 1e-9:
        raise place.problem(
            "demand.roll_back",
            f"and roll_back_first, pay, pay_expired are {lives:g} together; an order has one"
            " such life, so let them add up to 1 at most",
        )
    _refuse_rates_nobody_has(scenario, place)
    _refuse_faults_nobody_brings(scenario, place)
    if scenario.shop is not None:
        _refuse_what_no_shop_does(scenario, scenario.shop, place)
    if not demand.quantities or not demand.lines or not demand.deliveries:
        raise place.problem("demand.quantities", "lines and deliveries need at least one number")


def _refuse_rates_nobody_has(scenario: Scenario, place: Place) -> None:
    demand = scenario.demand
    if demand.shape == "steady" and demand.arrivals == "poisson":
        return
    word = "shape" if demand.shape != "steady" else "arrivals"
    if demand.kind != "open" or scenario.shop is not None:
        raise place.problem(
            f"demand.{word}", 'is for an open loop without a shop; set demand.kind to "open"'
        )
    if scenario.stock.source == "real_baskets":
        raise place.problem(
            f"demand.{word}", "is for orders that are made up; real baskets have their own rhythm"
        )
    if demand.shape == "diurnal" and demand.peak > 2:
        raise place.problem(
            "demand.peak", f"is {demand.peak:g}; a sine reaches twice its mean at most, so 1 to 2"
        )


def _refuse_faults_nobody_brings(scenario: Scenario, place: Place) -> None:
    """A fault that would silently not happen is worse than none."""
    if scenario.faults and scenario.shop is not None:
        raise place.problem("fault", "cannot be brought about in a shop; remove one of them")
    if scenario.faults and scenario.demand.pool:
        raise place.problem("fault", "needs a connection of each client's own; remove demand.pool")
    if len({fault.lease_ms for fault in scenario.faults if fault.lease_ms}) > 1:
        raise place.problem("fault", "sets two different lease_ms; a run has one length of lease")
    for number, fault in enumerate(scenario.faults, 1):
        if fault.node > scenario.demand.processes:
            raise place.problem(
                f"fault {number}",
                f"is for process {fault.node}, and demand.processes is"
                f" {scenario.demand.processes}; choose one of them",
            )
        if fault.node and scenario.demand.kind != "closed":
            raise place.problem(
                f"fault {number}", 'leaves a process without buyers; set demand.kind to "closed"'
            )
        if fault.at_s >= scenario.run.seconds:
            raise place.problem(
                f"fault {number}",
                f"strikes after {fault.at_s:g} s, and the run is over after"
                f" {scenario.run.seconds:g} s; let it strike earlier, or set run.seconds",
            )


def _refuse_what_no_shop_does(scenario: Scenario, shop: Shop, place: Place) -> None:
    """A wish that would silently not come true is worse than none."""
    demand = scenario.demand
    complaints = (
        ("demand.kind", demand.kind != "open", 'must be "open" with a table [shop]'),
        ("demand.lines", demand.lines != (1,), "must be [1] with a table [shop]"),
        ("demand.other_body", demand.other_body > 0, "must be 0 with a table [shop]"),
        ("demand.roll_back_first", demand.roll_back_first > 0, "must be 0 with a table [shop]"),
        ("stock.source", scenario.stock.source != "stated", 'must be "stated" with [shop]'),
        (
            "demand.hold_s",
            demand.hold_s < 1 or demand.hold_s % 1 > 0,
            "must be whole seconds, 1 or more, with a table [shop]",
        ),
        (
            "shop.deduct_at",
            not shop.deduct_at or not set(shop.deduct_at) <= {"order", "payment"},
            'takes "order", "payment", or both',
        ),
        (
            "shop.window_s",
            bool(shop.window_s)
            and (len(shop.window_s) != 2 or shop.window_s[0] >= shop.window_s[1]),
            "takes two seconds, when the activity opens and when it closes",
        ),
        (
            "shop.quota",
            shop.quota > scenario.stock.quantity,
            "is more than stock.quantity, from which it is set aside",
        ),
    )
    for name, wrong, complaint in complaints:
        if wrong:
            raise place.problem(name, complaint)
