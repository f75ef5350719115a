"""An ideal shop that plays random true histories, and runs put together by hand.

The shop decides each request at one moment between its sending and its reply, so whatever it writes
down is true: a check that accuses it is wrong. Its rules are written here once more, on purpose: an
oracle does not lean on what it judges.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from inventory_core.domain import Cell, HoldState, Line, add_up
from inventory_core.stores.audit import Audit, Book, BookedLine, BookedOrder
from scenarios.checks import Case
from scenarios.demand import told
from scenarios.history import SCHEMAS
from scenarios.operations import History, understood

HOLD_S = 0.000_002
"""Holds of made-up runs last 2,000 ns: the times are small numbers."""


@dataclass
class MadeUpRun:
    """Attempts and books, put together line by line. Quantities are of `a@online` unless said."""

    supply: dict[Cell, int]
    attempts: list[dict[str, Any]] = field(default_factory=list)
    orders: dict[str, BookedOrder] = field(default_factory=dict)
    remaining: dict[Cell, int] = field(default_factory=dict)
    hold_s: float = 900.0
    refuses_for: str = ""

    def attempt(
        self,
        number: str,
        outcome: str,
        sent: int,
        replied: int,
        *,
        kind: str = "deduct",
        lines: str = "a@online=1",
        attempt: int = 0,
    ) -> None:
        units = sum(line.quantity for line in understood(lines))
        self.attempts.append(
            {
                "operation": len(self.attempts), "client": 0, "order_number": number,
                "lines": lines, "units": units, "kind": kind, "delivery": 0, "attempt": attempt,
                "intended_ns": sent, "sent_ns": sent, "replied_ns": replied, "outcome": outcome,
                "observed": None, "token": None,
            }
        )  # fmt: skip

    def book(
        self, number: str, state: HoldState, lines: str = "a@online=1", generation: int = 1
    ) -> None:
        booked = tuple(BookedLine(generation, line, state) for line in add_up(understood(lines)))
        self.orders[number] = BookedOrder(number, state, generation, "", booked)

    def sold(self, number: str, sent: int, replied: int, lines: str = "a@online=1") -> None:
        """An ordinary sale: acknowledged, and in the log."""
        self.attempt(number, "deducted", sent, replied, lines=lines)
        self.book(number, HoldState.HELD, lines)

    def refused(self, number: str, sent: int, replied: int, lines: str = "a@online=1") -> None:
        self.attempt(number, "refused", sent, replied, lines=lines)
        self.book(number, HoldState.REFUSED, lines)

    @property
    def table(self) -> pa.Table:
        return pa.Table.from_pylist(self.attempts, schema=SCHEMAS["attempts"])

    def audit(self, remaining: Mapping[Cell, int] | None = None) -> Audit:
        """The books; counters say what the law wants unless given."""
        lawful = dict(self.supply)
        for order in self.orders.values():
            for cell, units in order.units().items():
                lawful[cell] = lawful.get(cell, 0) - units
        counters = {**lawful, **self.remaining, **(remaining or {})}
        journal = {f"open {cell}": (cell, units) for cell, units in self.supply.items()}
        return Audit((Book("sql", counters, dict(self.orders), journal),))

    def case(self, audit: Audit | None = None) -> Case:
        ended = max((row["replied_ns"] for row in self.attempts), default=0) + 1
        return Case(
            History.of(self.table),
            audit or self.audit(),
            self.supply,
            hold_s=self.hold_s,
            ended_ns=ended,
            refuses_for=self.refuses_for,
        )


A = Cell("a")


def one_cell(units: int) -> MadeUpRun:
    return MadeUpRun({A: units})


class IdealShop:
    """Decides every request correctly, at one moment; writes down what the buyers saw."""

    def __init__(self, seed: int, *, unit: bool = False, cells: int = 2) -> None:
        self.dice = random.Random(seed)
        self.unit = unit
        names = [Cell(chr(ord("a") + place)) for place in range(1 if unit else cells)]
        self.run = MadeUpRun({cell: self.dice.randint(0, 6) for cell in names}, hold_s=HOLD_S)
        self.left = dict(self.run.supply)
        self.state: dict[str, HoldState] = {}
        self.body: dict[str, str] = {}
        self.generation: dict[str, int] = {}
        self.due: dict[str, int] = {}
        self.now = 1_000

    def play(self, requests: int) -> MadeUpRun:
        for serial in range(requests):
            self.now += self.dice.randint(1, 400)
            if not self.unit and self.state and self.dice.random() < 0.35:
                self._resolve(self.dice.choice(list(self.state)))
            elif self.state and self.dice.random() < 0.25:
                number = self.dice.choice(list(self.state))
                other = not self.unit and self.dice.random() < 0.3
                self._deduct(number, self._lines() if other else self.body[number])
            else:
                self._deduct(f"o{serial:08d}", self._lines())
        for number, state in self.state.items():
            self.run.book(number, state, self.body[number], self.generation[number])
        self.run.remaining = dict(self.left)
        return self.run

    def _lines(self) -> str:
        if self.unit:
            return "a@online=1"
        cells = self.dice.sample(list(self.left), self.dice.randint(1, len(self.left)))
        return told([Line(cell, self.dice.choice((1, 1, 2, 3))) for cell in cells])

    def _deduct(self, number: str, lines: str) -> None:
        tries = self.dice.choice((1, 1, 1, 2))
        for attempt in range(tries):
            lost = attempt + 1 < tries  # the reply is lost, so the client tries again
            done = not lost or self.dice.random() < 0.5
            answer = self._decide(number, lines) if done else "unknown"
            self._write(number, "unknown" if lost else answer, "deduct", lines, attempt)

    def _decide(self, number: str, lines: str) -> str:
        state = self.state.get(number)
        if state is not None:
            if lines != self.body[number]:
                return "mismatched"
            if state.owns_units:
                return "replayed"
            return {
                HoldState.REFUSED: "refused", HoldState.ROLLED_BACK: "already_rolled_back",
                HoldState.EXPIRED: "already_expired",
            }[state]  # fmt: skip
        self.body[number], self.generation[number] = lines, 1
        self.due[number] = self.now + round(HOLD_S * 1e9)
        fits = self._take(lines)
        self.state[number] = HoldState.HELD if fits else HoldState.REFUSED
        return "deducted" if fits else "refused"

    def _take(self, lines: str) -> bool:
        takes = add_up(understood(lines))
        if any(self.left[take.cell] < take.quantity for take in takes):
            return False
        for take in takes:
            self.left[take.cell] -= take.quantity
        return True

    def _resolve(self, number: str) -> None:
        kind = self.dice.choice(("roll_back", "pay", "expire", "sweep"))
        state, answer = self.state[number], "already_refused"
        if kind == "roll_back" and state in (HoldState.HELD, HoldState.PAID):
            self._give_back(number, HoldState.ROLLED_BACK)
            answer = "rolled_back" if state is HoldState.HELD else "refunded"
        elif kind in ("expire", "sweep") and state is HoldState.HELD:
            answer = "not_due"
            if self.now >= self.due[number]:
                self._give_back(number, HoldState.EXPIRED)
                answer = "expired"
        elif kind == "pay" and state is HoldState.HELD:
            self.state[number], answer = HoldState.PAID, "paid"
        elif kind == "pay" and state is HoldState.EXPIRED:
            answer = "refunded"
            if self._take(self.body[number]):
                self.state[number], answer = HoldState.PAID, "paid_late"
                self.generation[number] += 1
        lost = self.dice.random() < 0.1
        if kind != "sweep":  # nobody records the sweeper
            self._write(number, "unknown" if lost else answer, kind, self.body[number])

    def _give_back(self, number: str, state: HoldState) -> None:
        for take in add_up(understood(self.body[number])):
            self.left[take.cell] += take.quantity
        self.state[number] = state

    def _write(self, number: str, answer: str, kind: str, lines: str, attempt: int = 0) -> None:
        sent = max(0, self.now - self.dice.randint(0, 900))
        replied = self.now + self.dice.randint(0, 900)
        self.run.attempt(number, answer, sent, replied, kind=kind, lines=lines, attempt=attempt)


def twin(run: MadeUpRun) -> MadeUpRun:
    """A copy to plant a bug in."""
    return replace(
        run, attempts=[dict(row) for row in run.attempts], orders=dict(run.orders),
        remaining=dict(run.remaining),
    )  # fmt: skip
