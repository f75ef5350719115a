"""What the verbs mean when one buyer comes after the other: the oracle that judges all schedules.

It is written from the words of the contract, not from any strategy, and shares no code with one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from inventory_core.domain import Cell, HoldState, Order, Outcome
from inventory_core.domain.outcomes import DELIVERED_AGAIN, RESOLVED_BEFORE
from scenarios.proving.operations import Operation, Verb


@dataclass(frozen=True, slots=True)
class Hold:
    """An order as the specification knows it. A tombstone has no order."""

    state: HoldState
    order: Order | None


@dataclass(frozen=True, slots=True)
class Shop:
    """Units by cell, holds by number, journal keys: the whole state, as a value."""

    units: tuple[tuple[Cell, int], ...]
    holds: tuple[tuple[str, Hold], ...] = ()
    journal: frozenset[str] = frozenset()

    def of(self, cell: Cell) -> int:
        """Units of a cell."""
        return next((units for known, units in self.units if known == cell), 0)

    def hold(self, number: str) -> Hold | None:
        """An order's hold."""
        for known, hold in self.holds:
            if known == number:
                return hold
        return None

    def covers(self, order: Order) -> bool:
        """Is there enough for every line?"""
        return all(self.of(take.cell) >= take.quantity for take in order.takes)

    def moved(self, order: Order, sign: int) -> Shop:
        """The shop after an order's units came back (1) or went (-1)."""
        changes = {take.cell: sign * take.quantity for take in order.takes}
        return self.changed(changes)

    def changed(self, changes: Mapping[Cell, int]) -> Shop:
        """The shop after changes by cell."""
        units = tuple((cell, left + changes.get(cell, 0)) for cell, left in self.units)
        return replace(self, units=units)

    def became(self, number: str, hold: Hold) -> Shop:
        """The shop after an order came into a state."""
        others = tuple(pair for pair in self.holds if pair[0] != number)
        return replace(self, holds=tuple(sorted((*others, (number, hold)), key=lambda p: p[0])))


def carry_out_alone(shop: Shop, operation: Operation, due: bool = False) -> tuple[Outcome, Shop]:
    """What an operation answers, alone, and the shop after it. `due`: have deadlines passed?"""
    match operation.verb:
        case Verb.DEDUCT:
            return _deduct(shop, operation)
        case Verb.ROLL_BACK:
            return roll_back(shop, operation.order_number)
        case Verb.PAY:
            return _pay(shop, operation.order_number)
        case Verb.EXPIRE:
            return expire(shop, operation.order_number, due)
        case Verb.SHIP:
            return _ship(shop, operation.order_number)
        case Verb.ADJUST:
            return _adjust(shop, operation)
    raise AssertionError(f"{operation} tells nobody anything")


def _deduct(shop: Shop, operation: Operation) -> tuple[Outcome, Shop]:
    order = operation.order
    assert order is not None, "a deduction has an order"
    hold = shop.hold(order.number)
    if hold is not None:
        if hold.order is not None and hold.order.fingerprint != order.fingerprint:
            return Outcome.MISMATCHED, shop
        return DELIVERED_AGAIN[hold.state], shop
    if not shop.covers(order):
        return Outcome.REFUSED, shop.became(order.number, Hold(HoldState.REFUSED, order))
    taken = shop.moved(order, -1)
    return Outcome.DEDUCTED, taken.became(order.number, Hold(HoldState.HELD, order))


def roll_back(shop: Shop, number: str) -> tuple[Outcome, Shop]:
    """What rolling an order back answers, and the shop after it."""
    hold = shop.hold(number)
    if hold is None:
        return Outcome.TOMBSTONED, shop.became(number, Hold(HoldState.TOMBSTONE, None))
    if hold.state not in (HoldState.HELD, HoldState.PAID):
        return RESOLVED_BEFORE[hold.state], shop
    paid = hold.state is HoldState.PAID
    return (Outcome.REFUNDED if paid else Outcome.ROLLED_BACK), _back(shop, number, hold)


def _back(shop: Shop, number: str, hold: Hold, state: HoldState = HoldState.ROLLED_BACK) -> Shop:
    assert hold.order is not None, "a hold with units has an order"
    return shop.moved(hold.order, 1).became(number, replace(hold, state=state))


def expire(shop: Shop, number: str, due: bool) -> tuple[Outcome, Shop]:
    """What expiring an order answers, and the shop after it."""
    hold = shop.hold(number)
    if hold is None:
        return Outcome.NOT_FOUND, shop
    if hold.state is not HoldState.HELD:
        return RESOLVED_BEFORE[hold.state], shop
    if not due:
        return Outcome.NOT_DUE, shop
    return Outcome.EXPIRED, _back(shop, number, hold, HoldState.EXPIRED)


def _pay(shop: Shop, number: str) -> tuple[Outcome, Shop]:
    hold = shop.hold(number)
    if hold is None:
        return Outcome.NOT_FOUND, shop
    if hold.state is HoldState.HELD:
        return Outcome.PAID, shop.became(number, replace(hold, state=HoldState.PAID))
    if hold.state is not HoldState.EXPIRED:
        return RESOLVED_BEFORE[hold.state], shop
    assert hold.order is not None, "an expired hold has an order"
    if not shop.covers(hold.order):
        return Outcome.REFUNDED, shop
    again = shop.moved(hold.order, -1)
    return Outcome.PAID_LATE, again.became(number, replace(hold, state=HoldState.PAID))


def _ship(shop: Shop, number: str) -> tuple[Outcome, Shop]:
    hold = shop.hold(number)
    if hold is None:
        return Outcome.NOT_FOUND, shop
    if hold.state is HoldState.HELD:
        return Outcome.NOT_PAID, shop
    if hold.state is not HoldState.PAID:
        return RESOLVED_BEFORE[hold.state], shop
    return Outcome.SHIPPED, shop.became(number, replace(hold, state=HoldState.SHIPPED))


def _adjust(shop: Shop, operation: Operation) -> tuple[Outcome, Shop]:
    asked = operation.adjustment
    assert asked is not None, "an adjustment has a key"
    if asked.key in shop.journal:
        return Outcome.ALREADY_ADJUSTED, shop
    if shop.of(asked.cell) + asked.delta < 0:
        return Outcome.REFUSED, shop
    after = shop.changed({asked.cell: asked.delta})
    return Outcome.ADJUSTED, replace(after, journal=shop.journal | {asked.key})
