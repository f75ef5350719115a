"""Who asks for what, and when: a pure function of scenario and seed.

Demand is an endless (or, for replayed baskets, a long) *stream of deliveries*, made in blocks. Any
block can be made by itself, so every worker process makes the same stream and takes its share of
it, and every strategy meets the same buyers (common random numbers, so that a difference in the
figures is a difference of strategy).

    order      one order number, and the lines behind it
    delivery   one arrival of an order at the front door: its first, a duplicate, a cancellation ...
    position   where a delivery stands in the stream: block x `STRIDE` + place in its block

`Behaviour` decides which deliveries an order has, in numpy; the kinds of demand decide what its
lines are (`made_demand.py`, `real_baskets.py`, `orders_csv.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inventory_core.domain import Cell, Line, Opening
from scenarios.scenario import Demand as Wishes
from scenarios.scenario import Scenario

Integers = npt.NDArray[np.int64]

ORDERS = 2_048
"""Orders of one block; what comes late comes within the next block (`late_by` is at most 1,000)."""

STRIDE = 1 << 16
"""Positions set aside for one block; an order has at most eight deliveries."""

KINDS = ("deduct", "roll_back", "pay", "expire", "ship")
"""What a delivery asks for; columns hold the place in this list."""

_DEDUCT, _ROLL_BACK, _PAY, _EXPIRE = range(4)


class Block(NamedTuple):
    """The deliveries of one block in the order of the stream, as columns of equal length."""

    serial: Integers  # of the order
    kind: Integers  # place in KINDS
    delivery: Integers  # 0: the first time this order is sent
    body: Integers  # 1: another body under the same number
    intended_ns: Integers  # when it should be sent, from the start of the run


class OrderLines(NamedTuple):
    """The lines of a block's orders: order i has lines `start[i]` to `start[i + 1]`."""

    start: Integers
    cell: Integers
    quantity: Integers


class Delivery(NamedTuple):
    """One delivery as a client needs it. `lines` is empty where only the number is sent."""

    position: int
    kind: int
    number: str
    lines: tuple[Line, ...]
    intended_ns: int


def order_number(serial: int) -> str:
    """The idempotency key of the order with this serial number."""
    return f"o{serial:08d}"


def serial_of(number: str) -> int:
    """The serial number behind an order number."""
    return int(number[1:])


def told(lines: Iterable[Line]) -> str:
    """Lines as the records keep them: `SKU@PLACE=2;SKU@PLACE=1`."""
    return ";".join(f"{line.cell}={line.quantity}" for line in lines)


class Demand(ABC):
    """A stream of deliveries. Subclasses say which cells there are and what orders ask for."""

    def __init__(self, scenario: Scenario, seed: int, seconds: float) -> None:
        self.wishes: Wishes = scenario.demand
        self.seed = seed
        self.seconds = seconds
        self.block = lru_cache(maxsize=4)(self._block)
        self.lines = lru_cache(maxsize=6)(self._lines)
        self._listed = lru_cache(maxsize=6)(self._lists)

    @property
    @abstractmethod
    def cells(self) -> tuple[Cell, ...]:
        """The cells that orders may ask for; lines name them by place in this tuple."""

    @property
    @abstractmethod
    def openings(self) -> tuple[Opening, ...]:
        """The stock that the run starts with."""

    @property
    @abstractmethod
    def blocks(self) -> int:
        """How many blocks the stream has at most."""

    @abstractmethod
    def _lines(self, block: int) -> OrderLines:
        """What the orders of a block ask for."""

    def _lists(self, block: int) -> tuple[list[int], list[int], list[int]]:
        """The same as lists, which are faster to look into one by one."""
        lines = self.lines(block)
        return lines.start.tolist(), lines.cell.tolist(), lines.quantity.tolist()

    @abstractmethod
    def _arrivals(self, block: int) -> npt.NDArray[np.float64]:
        """When the orders of a block arrive, in orders: 2048.0 is when block 1 starts."""

    @abstractmethod
    def _nanoseconds(self, arrivals: npt.NDArray[np.float64]) -> Integers:
        """Arrivals in orders as nanoseconds from the start."""

    def _block(self, number: int) -> Block:
        """The deliveries that fall into block `number`: of its own orders and of the last one's."""
        parts = [self._deliveries(each) for each in (number - 1, number) if each >= 0]
        key, *columns = (np.concatenate(column) for column in zip(*parts, strict=True))
        low = number * ORDERS if number else -1.0
        inside = np.flatnonzero((key >= low) & (key < (number + 1) * ORDERS))
        inside = inside[np.argsort(key[inside], kind="stable")]
        serial, kind, delivery, body = (column[inside] for column in columns)
        assert len(inside) < STRIDE, "a block overflowed its positions"
        return Block(serial, kind, delivery, body, self._nanoseconds(key[inside]))

    def _deliveries(self, block: int) -> tuple[npt.NDArray[np.float64], Integers, Integers,
                                               Integers, Integers]:  # fmt: skip
        arrivals = self._arrivals(block)
        serials = block * ORDERS + np.arange(len(arrivals), dtype=np.int64)
        dice = np.random.default_rng([self.seed, block, 1])
        return _behave(self.wishes, dice, arrivals, serials)

    def deliveries(self, number: int, first: int, last: int, clients: int) -> list[list[Delivery]]:
        """The deliveries of a block for the clients `first` to `last` - 1 of `clients`."""
        block = self.block(number)
        shares: list[list[Delivery]] = [[] for _ in range(first, last)]
        whose = np.arange(len(block.serial)) % clients
        some = np.flatnonzero((whose >= first) & (whose < last))
        columns = (whose, block.serial, block.kind, block.body, block.intended_ns)
        listed = (column[some].tolist() for column in columns)
        for place, who, serial, kind, body, intended_ns in zip(some.tolist(), *listed, strict=True):
            lines = self.lines_of(serial, body) if kind == _DEDUCT else ()
            position = number * STRIDE + place
            delivery = Delivery(position, kind, order_number(serial), lines, intended_ns)
            shares[who - first].append(delivery)
        return shares

    def lines_of(self, serial: int, body: int = 0) -> tuple[Line, ...]:
        """The lines of an order; another body asks for one unit more in its first line."""
        block, place = divmod(serial, ORDERS)
        start, cell, quantity = self._listed(block)
        low, high = start[place], start[place + 1]
        first = self._line(cell[low], quantity[low] + body)
        if high == low + 1:
            return (first,)
        return (first, *(self._line(cell[at], quantity[at]) for at in range(low + 1, high)))

    def _line(self, cell: int, quantity: int) -> Line:
        return _line(self.cells[cell], quantity)

    def bodies(self, serials: Integers, bodies: Integers) -> tuple[Integers, list[str], Integers]:
        """What orders ask for, as texts: for each its place among the texts; the texts; the units.

        Almost all orders of many scenarios have one line; those are told apart in numpy.
        """
        blocks, places = np.divmod(serials, ORDERS)
        code, units = np.empty(len(serials), np.int64), np.empty(len(serials), np.int64)
        known: dict[str, int] = {}
        for block in np.unique(blocks).tolist():
            lines = self.lines(block)
            total = np.concatenate([[0], np.cumsum(lines.quantity)])
            here = np.flatnonzero(blocks == block)
            low, high = lines.start[places[here]], lines.start[places[here] + 1]
            units[here] = total[high] - total[low] + bodies[here]
            single = high - low == 1
            plain = here[single]
            shape = (lines.cell[low[single]] << 32) + units[plain]
            for body in np.unique(shape).tolist():
                text = told((self._line(body >> 32, body & 0xFFFFFFFF),))
                code[plain[shape == body]] = known.setdefault(text, len(known))
            for row in here[~single].tolist():
                text = told(self.lines_of(int(serials[row]), int(bodies[row])))
                code[row] = known.setdefault(text, len(known))
        return code, list(known), units

    def columns(self, positions: Integers) -> Block:
        """The columns of the deliveries at these positions, in the order given."""
        blocks, places = np.divmod(positions, STRIDE)
        found = [np.empty(len(positions), dtype=np.int64) for _ in Block._fields]
        for number in np.unique(blocks).tolist():
            here = blocks == number
            for column, made in zip(found, self.block(number), strict=True):
                column[here] = made[places[here]]
        return Block(*found)

    def numbers(self) -> Iterator[int]:
        """The numbers of the blocks, in order."""
        return iter(range(self.blocks))


@lru_cache(maxsize=100_000)
def _line(cell: Cell, quantity: int) -> Line:
    return Line(cell, quantity)


def _behave(
    wishes: Wishes, dice: np.random.Generator, arrivals: npt.NDArray[np.float64], serials: Integers
) -> tuple[npt.NDArray[np.float64], Integers, Integers, Integers, Integers]:
    """Every delivery of these orders: when (in orders), which order, kind, delivery, body."""
    count = len(arrivals)
    life, copies, other = dice.random(count), dice.random(count), dice.random(count)
    times = dice.choice(np.asarray(wishes.deliveries, dtype=np.int64), count)
    later = np.sort(dice.uniform(0.25, 1.0, (count, 3)), axis=1) * wishes.late_by
    late = dice.random(count) < wishes.duplicates_late

    edges = np.cumsum([wishes.roll_back_first, wishes.roll_back, wishes.pay_expired, wishes.pay])
    first, back, expired, paid = (
        (life >= low) & (life < high) for low, high in zip([0.0, *edges[:-1]], edges, strict=True)
    )
    start = arrivals + np.where(first, later[:, 0], 0.0)
    found = [(start, serials, _DEDUCT, 0, 0)]
    for again in range(1, max(wishes.deliveries)):
        some = (copies < wishes.duplicates) & (times > again)
        lag = np.where(late, later[:, again % 3], again * 1e-3)
        found.append((start[some] + lag[some], serials[some], _DEDUCT, again, 0))
    some = other < wishes.other_body
    lag = np.where(late, later[:, 1], 5e-4)
    found.append((start[some] + lag[some], serials[some], _DEDUCT, 8, 1))
    found.append((arrivals[first], serials[first], _ROLL_BACK, 0, 0))
    for whom, kind, place in (
        (back, _ROLL_BACK, 1), (paid, _PAY, 1), (expired, _EXPIRE, 1), (expired, _PAY, 2),
    ):  # fmt: skip
        found.append((arrivals[whom] + later[whom, place], serials[whom], kind, 0, 0))
    return _stacked(found)


def _stacked(
    found: list[tuple[npt.NDArray[np.float64], Integers, int, int, int]],
) -> tuple[npt.NDArray[np.float64], Integers, Integers, Integers, Integers]:
    sizes = [len(key) for key, *_ in found]
    constant = [
        np.repeat(np.asarray([part[column] for part in found], dtype=np.int64), sizes)
        for column in (2, 3, 4)
    ]
    keys = np.concatenate([part[0] for part in found])
    serials = np.concatenate([part[1] for part in found])
    return keys, serials, constant[0], constant[1], constant[2]


@dataclass(frozen=True, slots=True)
class Share:
    """Which clients of all a worker process plays: from `first` to `last` - 1 of `clients`."""

    first: int
    last: int
    clients: int


def make_demand(scenario: Scenario, seed: int, seconds: float) -> Demand:
    """The demand of a scenario: the same for the same seed, wherever it is made."""
    # Here, because all kinds are subclasses of what this module defines, and baskets are heavy.
    if scenario.demand.kind == "csv":
        from scenarios.orders_csv import CsvDemand

        return CsvDemand(scenario, seed, seconds)
    if scenario.stock.source == "real_baskets":
        from scenarios.real_baskets import BasketDemand

        return BasketDemand(scenario, seed, seconds)
    from scenarios.made_demand import MadeDemand

    return MadeDemand(scenario, seed, seconds)
