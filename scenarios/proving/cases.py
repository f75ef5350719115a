"""The small cases: a handful of units, two or three actors, and all that can go wrong between them.

Every case exists with one line an order and with two. In the second form buyers name their two
cells in opposite order, which is what makes careless locking wait in a circle; and a race on the
first cell may or may not protect the second.
"""

from __future__ import annotations

from collections.abc import Callable

from inventory_core.domain import Line, Order
from scenarios.proving.case import CELLS, Actor, Case, Shelf, buys, does
from scenarios.proving.operations import Operation, Verb

SWEEPER = Operation(Verb.SWEEP)


def last_unit(shelf: Shelf) -> Case:
    """Two buyers of the last unit, and the first one's order is delivered twice."""
    return shelf.case(
        "last unit",
        1,
        buys(shelf, "buyer 1", "1"),
        buys(shelf, "buyer 1 again", "1"),
        buys(shelf, "buyer 2", "2"),
    )


def do_not_fit(shelf: Shelf) -> Case:
    """Two of three units, twice: one of them must be refused, and one unit stays."""
    return shelf.case(
        "quantities that do not fit",
        3,
        buys(shelf, "buyer 1", "1", 2),
        buys(shelf, "buyer 2", "2", 2),
    )


def enough_for_both(shelf: Shelf) -> Case:
    """There is a unit for everybody: nobody may be refused."""
    return shelf.case(
        "enough for both", 2, buys(shelf, "buyer 1", "1"), buys(shelf, "buyer 2", "2")
    )


def early_cancel(shelf: Shelf) -> Case:
    """The rollback of an order may overtake its deduction; another buyer wants the unit."""
    return shelf.case(
        "cancel before deduct",
        1,
        buys(shelf, "buyer 1", "1"),
        does(shelf, "canceller", Verb.ROLL_BACK, "1"),
        buys(shelf, "buyer 2", "2"),
    )


def cancel_twice(shelf: Shelf) -> Case:
    """Two rollbacks of one hold, and a buyer who waits for the unit."""
    return shelf.case(
        "cancel twice",
        1,
        does(shelf, "canceller", Verb.ROLL_BACK, "1"),
        does(shelf, "canceller again", Verb.ROLL_BACK, "1"),
        buys(shelf, "buyer 2", "2"),
        given=(shelf.of(Verb.DEDUCT, "1"),),
    )


def pay_or_expire(shelf: Shelf) -> Case:
    """A hold is paid while the sweeper finds it overdue; another buyer wants the unit."""
    return shelf.case(
        "pay or expire",
        1,
        does(shelf, "payer", Verb.PAY, "1"),
        Actor("sweeper", (SWEEPER,)),
        buys(shelf, "buyer 2", "2"),
        given=(shelf.of(Verb.DEDUCT, "1"),),
        time_moves=1,
    )


def two_sweepers(shelf: Shelf) -> Case:
    """Two sweepers find the same overdue hold, which is being paid."""
    return shelf.case(
        "two sweepers",
        1,
        Actor("sweeper", (SWEEPER,)),
        Actor("sweeper again", (SWEEPER,)),
        does(shelf, "payer", Verb.PAY, "1"),
        given=(shelf.of(Verb.DEDUCT, "1"),),
        time_moves=1,
    )


def late_payment(shelf: Shelf) -> Case:
    """A hold has expired; it is paid, twice, while another buyer wants the unit."""
    return shelf.case(
        "late payment",
        1,
        does(shelf, "payer", Verb.PAY, "1"),
        does(shelf, "payer again", Verb.PAY, "1"),
        buys(shelf, "buyer 2", "2"),
        given=(shelf.of(Verb.DEDUCT, "1"),),
        aged=True,
    )


def late_payments_and_cancel(shelf: Shelf) -> Case:
    """A hold has expired; it is paid twice while a buyer takes the unit and gives it back."""
    return shelf.case(
        "late payment, unit comes back",
        1,
        does(shelf, "payer", Verb.PAY, "1"),
        does(shelf, "payer again", Verb.PAY, "1"),
        Actor("buyer 2", (shelf.of(Verb.DEDUCT, "2"), shelf.of(Verb.ROLL_BACK, "2"))),
        given=(shelf.of(Verb.DEDUCT, "1"),),
        aged=True,
    )


def buys_and_cancels(shelf: Shelf) -> Case:
    """One buyer's order is delivered twice, beside another who takes the unit and gives it back."""
    return shelf.case(
        "deduct, then cancel",
        1,
        buys(shelf, "buyer 1", "1"),
        buys(shelf, "buyer 1 again", "1"),
        Actor("buyer 2", (shelf.of(Verb.DEDUCT, "2"), shelf.of(Verb.ROLL_BACK, "2"))),
    )


def cancel_or_pay(shelf: Shelf) -> Case:
    """A hold is paid and cancelled at once; another buyer wants the unit."""
    return shelf.case(
        "cancel or pay",
        1,
        does(shelf, "payer", Verb.PAY, "1"),
        does(shelf, "canceller", Verb.ROLL_BACK, "1"),
        buys(shelf, "buyer 2", "2"),
        given=(shelf.of(Verb.DEDUCT, "1"),),
    )


def comes_again(shelf: Shelf) -> Case:
    """Sold out, and somebody was told so; the unit comes back while an order is delivered twice."""
    return shelf.case(
        "comes again",
        1,
        buys(shelf, "buyer 2", "2"),
        buys(shelf, "buyer 2 again", "2"),
        does(shelf, "canceller", Verb.ROLL_BACK, "1"),
        given=(shelf.of(Verb.DEDUCT, "1"), shelf.of(Verb.DEDUCT, "3")),
        faults=0,
    )


def ship_or_refund(shelf: Shelf) -> Case:
    """A paid order is shipped, twice, and refunded at once."""
    return shelf.case(
        "ship or refund",
        1,
        does(shelf, "packer", Verb.SHIP, "1"),
        does(shelf, "packer again", Verb.SHIP, "1"),
        does(shelf, "canceller", Verb.ROLL_BACK, "1"),
        given=(shelf.of(Verb.DEDUCT, "1"), shelf.of(Verb.PAY, "1")),
    )


def restock(shelf: Shelf) -> Case:
    """A unit comes in beside two buyers."""
    return shelf.case(
        "restock beside buyers",
        1,
        buys(shelf, "buyer 1", "1"),
        Actor("supplier", (shelf.adjust("delivery", 1),)),
        Actor("buyer 2", (Operation(Verb.DEDUCT, order=Order("2", (Line(CELLS[0], 1),))),)),
    )


def restock_twice(shelf: Shelf) -> Case:
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


def withdraw(shelf: Shelf) -> Case:
    """The last unit is withdrawn by a count while a buyer wants it."""
    return shelf.case(
        "withdraw beside a buyer",
        1,
        Actor("counter", (shelf.adjust("count", -1),)),
        buys(shelf, "buyer 1", "1"),
        buys(shelf, "buyer 2", "2"),
    )


def other_body(shelf: Shelf) -> Case:
    """One order number comes with two bodies."""
    return shelf.case(
        "another body",
        2,
        buys(shelf, "buyer 1", "1", 1),
        buys(shelf, "another body", "1", 2),
        buys(shelf, "buyer 1 again", "1", 1),
    )


def recovery(shelf: Shelf) -> Case:
    """Recovery runs beside live buyers of the last unit."""
    return shelf.case(
        "recovery beside buyers",
        1,
        buys(shelf, "buyer 1", "1"),
        Actor("recovery", (Operation(Verb.RECOVER),)),
        buys(shelf, "buyer 2", "2"),
    )


def recovery_after_cancel(shelf: Shelf) -> Case:
    """Recovery runs beside a rollback and a buyer who waits for the unit."""
    return shelf.case(
        "recovery beside a cancel",
        1,
        does(shelf, "canceller", Verb.ROLL_BACK, "1"),
        Actor("recovery", (Operation(Verb.RECOVER),)),
        buys(shelf, "buyer 2", "2"),
        given=(shelf.of(Verb.DEDUCT, "1"),),
    )


def daemons(shelf: Shelf) -> Case:
    """Two copies of the daemons take a turn each beside a rollback and a buyer."""
    turn = Operation(Verb.TURNS)
    return shelf.case(
        "daemons beside buyers",
        1,
        Actor("daemons", (turn,)),
        Actor("daemons again", (turn,)),
        Actor("buyer 1", (shelf.of(Verb.DEDUCT, "1"), shelf.of(Verb.ROLL_BACK, "1"))),
    )


def cancel_and_two(shelf: Shelf) -> Case:
    """A hold is cancelled, and two buyers want its unit: one of them must get it."""
    return shelf.case(
        "cancel before two buyers",
        1,
        does(shelf, "canceller", Verb.ROLL_BACK, "1"),
        buys(shelf, "buyer 2", "2"),
        buys(shelf, "buyer 3", "3"),
        given=(shelf.of(Verb.DEDUCT, "1"),),
        faults=0,
    )


def daemons_and_two(shelf: Shelf) -> Case:
    """The daemons take a turn beside two buyers of the last unit."""
    return shelf.case(
        "daemons beside two buyers",
        1,
        Actor("daemons", (Operation(Verb.TURNS),)),
        buys(shelf, "buyer 1", "1"),
        buys(shelf, "buyer 2", "2"),
        faults=0,
    )


def half_a_basket(shelf: Shelf) -> Case:
    """A basket is refused for its last line; another buyer wants what its first line gives back."""
    last = shelf.cells[-1]
    lines = tuple(Line(cell, 2 if cell == last else 1) for cell in shelf.cells)
    return shelf.case(
        "half a basket",
        1,
        Actor("buyer 1", (Operation(Verb.DEDUCT, order=Order("1", lines)),)),
        Actor("buyer 2", (Operation(Verb.DEDUCT, order=Order("2", (Line(CELLS[0], 1),))),)),
    )


def paused_holder(shelf: Shelf) -> Case:
    """A lock is a lease: time may run out for whoever holds it."""
    return shelf.case(
        "a holder pauses",
        1,
        buys(shelf, "buyer 1", "1"),
        buys(shelf, "buyer 2", "2"),
        faults=0,
        time_moves=1,
    )


_MAKERS: tuple[Callable[[Shelf], Case], ...] = (
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
    comes_again,
    ship_or_refund,
    restock,
    restock_twice,
    withdraw,
    other_body,
    recovery,
    recovery_after_cancel,
    daemons,
    daemons_and_two,
    cancel_and_two,
    half_a_basket,
    paused_holder,
)

CASES: dict[str, Case] = {
    case.title: case for make in _MAKERS for case in (make(Shelf(1)), make(Shelf(2)))
}
"""Every case by its title."""
