"""The small cases: a handful of units, two to four actors, and all that can go wrong between them.

Every case exists with one line an order and with two. In the second form buyers name their two
cells in opposite order, which is what makes careless locking wait in a circle; and a race on the
first cell may or may not protect the second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inventory_core.domain import Cell, Line, Opening, Order
from scenarios.proving.operations import Adjustment, Operation, Verb

CELLS = (Cell("a"), Cell("b"))


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who performs operations one after the other."""

    name: str
    script: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A small world.

    given       operations carried out one after the other before the actors start
    aged        has time passed all deadlines after that, and a sweep been made?
    faults      how many clients may die or replies may be lost, anywhere
    time_moves  how many times the clock may jump to a pending deadline
    """

    name: str
    lines: int
    openings: tuple[Opening, ...]
    actors: tuple[Actor, ...]
    given: tuple[Operation, ...] = ()
    aged: bool = False
    faults: int = 1
    time_moves: int = 0

    @property
    def title(self) -> str:
        """The case's name with its number of lines."""
        return f"{self.name}, {self.lines} line{'s' if self.lines > 1 else ''}"

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All operations, those that were given first."""
        return (*self.given, *(each for actor in self.actors for each in actor.script))


class _Shelf:
    """Builds orders of one or two lines."""

    def __init__(self, lines: int) -> None:
        self.cells = CELLS[:lines]

    def openings(self, units: int) -> tuple[Opening, ...]:
        return tuple(Opening(cell, units) for cell in self.cells)

    def order(self, number: str, units: int = 1) -> Order:
        """An order of so many units of each cell; even numbers name the cells backwards."""
        cells = self.cells if int(number) % 2 else self.cells[::-1]
        return Order(number, tuple(Line(cell, units) for cell in cells))

    def of(self, verb: Verb, number: str, units: int = 1) -> Operation:
        return Operation(verb, order=self.order(number, units))

    def adjust(self, key: str, delta: int) -> Operation:
        """A change of the first cell."""
        return Operation(Verb.ADJUST, adjustment=Adjustment(key, self.cells[0], delta))

    def case(self, name: str, units: int, *actors: Actor, **more: object) -> Case:
        opened = self.openings(units)
        return Case(name, len(self.cells), opened, actors, **more)  # type: ignore[arg-type]


def _buys(shelf: _Shelf, name: str, number: str, units: int = 1) -> Actor:
    return Actor(name, (shelf.of(Verb.DEDUCT, number, units),))


def _does(shelf: _Shelf, name: str, verb: Verb, number: str) -> Actor:
    return Actor(name, (shelf.of(verb, number),))


SWEEPER = Operation(Verb.SWEEP)


def last_unit(shelf: _Shelf) -> Case:
    """Two buyers of the last unit, and the first one's order is delivered twice."""
    return shelf.case(
        "last unit",
        1,
        _buys(shelf, "buyer 1", "1"),
        _buys(shelf, "buyer 1 again", "1"),
        _buys(shelf, "buyer 2", "2"),
    )


def do_not_fit(shelf: _Shelf) -> Case:
    """Two of three units, twice: one of them must be refused, and one unit stays."""
    return shelf.case(
        "quantities that do not fit",
        3,
        _buys(shelf, "buyer 1", "1", 2),
        _buys(shelf, "buyer 2", "2", 2),
    )


def enough_for_both(shelf: _Shelf) -> Case:
    """There is a unit for everybody: nobody may be refused."""
    return shelf.case(
        "enough for both", 2, _buys(shelf, "buyer 1", "1"), _buys(shelf, "buyer 2", "2")
    )


def early_cancel(shelf: _Shelf) -> Case:
    """The rollback of an order may overtake its deduction; another buyer wants the unit."""
    return shelf.case(
        "cancel before deduct",
        1,
        _buys(shelf, "buyer 1", "1"),
        _does(shelf, "canceller", Verb.ROLL_BACK, "1"),
        _buys(shelf, "buyer 2", "2"),
    )


def cancel_twice(shelf: _Shelf) -> Case:
    """Two rollbacks of one hold, and a buyer who waits for the unit."""
    return shelf.case(
        "cancel twice",
        1,
        _does(shelf, "canceller", Verb.ROLL_BACK, "1"),
        _does(shelf, "canceller again", Verb.ROLL_BACK, "1"),
        _buys(shelf, "buyer 2", "2"),
        given=(shelf.of(Verb.DEDUCT, "1"),),
    )


def pay_or_expire(shelf: _Shelf) -> Case:
    """A hold is paid while the sweeper finds it overdue; another buyer wants the unit."""
    return shelf.case(
        "pay or expire",
        1,
        _does(shelf, "payer", Verb.PAY, "1"),
        Actor("sweeper", (SWEEPER,)),
        _buys(shelf, "buyer 2", "2"),
        given=(shelf.of(Verb.DEDUCT, "1"),),
        time_moves=1,
    )


def two_sweepers(shelf: _Shelf) -> Case:
    """Two sweepers find the same overdue hold, which is being paid."""
    return shelf.case(
        "two sweepers",
        1,
        Actor("sweeper", (SWEEPER,)),
        Actor("sweeper again", (SWEEPER,)),
        _does(shelf, "payer", Verb.PAY, "1"),
        given=(shelf.of(Verb.DEDUCT, "1"),),
        time_moves=1,
    )


def late_payment(shelf: _Shelf) -> Case:
    """A hold has expired; it is paid, twice, while another buyer wants the unit."""
    return shelf.case(
        "late payment",
        1,
        _does(shelf, "payer", Verb.PAY, "1"),
        _does(shelf, "payer again", Verb.PAY, "1"),
        _buys(shelf, "buyer 2", "2"),
        given=(shelf.of(Verb.DEDUCT, "1"),),
        aged=True,
    )


def late_payments_and_cancel(shelf: _Shelf) -> Case:
    """A hold has expired; it is paid twice while a buyer takes the unit and gives it back."""
    return shelf.case(
        "late payment, unit comes back",
        1,
        _does(shelf, "payer", Verb.PAY, "1"),
        _does(shelf, "payer again", Verb.PAY, "1"),
        Actor("buyer 2", (shelf.of(Verb.DEDUCT, "2"), shelf.of(Verb.ROLL_BACK, "2"))),
        given=(shelf.of(Verb.DEDUCT, "1"),),
        aged=True,
    )


def buys_and_cancels(shelf: _Shelf) -> Case:
    """One buyer's order is delivered twice, beside another who takes the unit and gives it back."""
    return shelf.case(
        "deduct, then cancel",
        1,
        _buys(shelf, "buyer 1", "1"),
        _buys(shelf, "buyer 1 again", "1"),
        Actor("buyer 2", (shelf.of(Verb.DEDUCT, "2"), shelf.of(Verb.ROLL_BACK, "2"))),
    )


def cancel_or_pay(shelf: _Shelf) -> Case:
    """A hold is paid and cancelled at once; another buyer wants the unit."""
    return shelf.case(
        "cancel or pay",
        1,
        _does(shelf, "payer", Verb.PAY, "1"),
        _does(shelf, "canceller", Verb.ROLL_BACK, "1"),
        _buys(shelf, "buyer 2", "2"),
        given=(shelf.of(Verb.DEDUCT, "1"),),
    )


def ship_or_refund(shelf: _Shelf) -> Case:
    """A paid order is shipped, twice, and refunded at once."""
    return shelf.case(
        "ship or refund",
        1,
        _does(shelf, "packer", Verb.SHIP, "1"),
        _does(shelf, "packer again", Verb.SHIP, "1"),
        _does(shelf, "canceller", Verb.ROLL_BACK, "1"),
        given=(shelf.of(Verb.DEDUCT, "1"), shelf.of(Verb.PAY, "1")),
    )


def restock(shelf: _Shelf) -> Case:
    """A unit comes in beside two buyers."""
    return shelf.case(
        "restock beside buyers",
        1,
        _buys(shelf, "buyer 1", "1"),
        Actor("supplier", (shelf.adjust("delivery", 1),)),
        Actor("buyer 2", (Operation(Verb.DEDUCT, order=Order("2", (Line(CELLS[0], 1),))),)),
    )


def restock_twice(shelf: _Shelf) -> Case:
    """The same delivery is booked twice beside a buyer of two."""
    lines = tuple(Line(cell, 2 if cell == CELLS[0] else 1) for cell in shelf.cells)
    buys = Operation(Verb.DEDUCT, order=Order("1", lines))
    return shelf.case(
        "one delivery booked twice",
        1,
        Actor("supplier", (shelf.adjust("delivery", 1),)),
        Actor("supplier again", (shelf.adjust("delivery", 1),)),
        Actor("buyer 1", (buys,)),
    )


def withdraw(shelf: _Shelf) -> Case:
    """The last unit is withdrawn by a count while a buyer wants it."""
    return shelf.case(
        "withdraw beside a buyer",
        1,
        Actor("counter", (shelf.adjust("count", -1),)),
        _buys(shelf, "buyer 1", "1"),
        _buys(shelf, "buyer 2", "2"),
    )


def other_body(shelf: _Shelf) -> Case:
    """One order number comes with two bodies."""
    return shelf.case(
        "another body",
        2,
        _buys(shelf, "buyer 1", "1", 1),
        _buys(shelf, "another body", "1", 2),
        _buys(shelf, "buyer 1 again", "1", 1),
    )


def recovery(shelf: _Shelf) -> Case:
    """Recovery runs beside live buyers of the last unit."""
    return shelf.case(
        "recovery beside buyers",
        1,
        _buys(shelf, "buyer 1", "1"),
        Actor("recovery", (Operation(Verb.RECOVER),)),
        _buys(shelf, "buyer 2", "2"),
    )


def recovery_after_cancel(shelf: _Shelf) -> Case:
    """Recovery runs beside a rollback and a buyer who waits for the unit."""
    return shelf.case(
        "recovery beside a cancel",
        1,
        _does(shelf, "canceller", Verb.ROLL_BACK, "1"),
        Actor("recovery", (Operation(Verb.RECOVER),)),
        _buys(shelf, "buyer 2", "2"),
        given=(shelf.of(Verb.DEDUCT, "1"),),
    )


def daemons(shelf: _Shelf) -> Case:
    """Two copies of the daemons take a turn each beside a rollback and a buyer."""
    turn = Operation(Verb.TURNS)
    return shelf.case(
        "daemons beside buyers",
        1,
        Actor("daemons", (turn,)),
        Actor("daemons again", (turn,)),
        Actor("buyer 1", (shelf.of(Verb.DEDUCT, "1"), shelf.of(Verb.ROLL_BACK, "1"))),
    )


def paused_holder(shelf: _Shelf) -> Case:
    """A lock is a lease: time may run out for whoever holds it."""
    return shelf.case(
        "a holder pauses",
        1,
        _buys(shelf, "buyer 1", "1"),
        _buys(shelf, "buyer 2", "2"),
        faults=0,
        time_moves=1,
    )


_MAKERS: tuple[Callable[[_Shelf], Case], ...] = (
    last_unit,
    do_not_fit,
    enough_for_both,
    early_cancel,
    cancel_twice,
    pay_or_expire,
    two_sweepers,
    late_payment,
    late_payments_and_cancel,
    buys_and_cancels,
    cancel_or_pay,
    ship_or_refund,
    restock,
    restock_twice,
    withdraw,
    other_body,
    recovery,
    recovery_after_cancel,
    daemons,
    paused_holder,
)

CASES: dict[str, Case] = {
    case.title: case for make in _MAKERS for case in (make(_Shelf(1)), make(_Shelf(2)))
}
"""Every case by its title."""
