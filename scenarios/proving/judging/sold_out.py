"""Check 6, no false sold-out: a refusal needs a moment of its interval without enough stock.

Brute force over what may have come before the refusal. Effects are taken as the clients were told;
what is in doubt may have happened or not, whichever speaks for the refusal. A refusal is stored and
replayed, so any delivery of the same order that may have been refused first can justify it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from inventory_core.domain import Cell, HoldState, Line, Outcome
from scenarios.proving.judging.account import NO_EFFECT, Account, Heard
from scenarios.proving.operations import Verb


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a delivery did to the units. `about`: the order or the key, which counts once."""

    heard: Heard
    about: str
    sign: int
    takes: tuple[Line, ...]


def falsely_sold_out(account: Account) -> str:
    """Was anybody sent away while there was stock?"""
    for heard in account.heard:
        wanted = _refused(heard)
        if wanted and not any(_short(account, at, wanted) for at in _first_refusals(account, heard)):
            return f"{heard.operation} was {_word(heard)} while there was enough at every moment"
    return ""


def _word(heard: Heard) -> str:
    return heard.answer.value if heard.answer else "in doubt"


def _refused(heard: Heard) -> tuple[Line, ...]:
    """What a delivery was refused; empty if it was not."""
    operation = heard.operation
    if heard.answer is Outcome.REFUSED and operation.adjustment is not None:
        return (Line(operation.adjustment.cell, -operation.adjustment.delta),)
    refused = heard.answer is Outcome.REFUSED and operation.verb is Verb.DEDUCT
    late = heard.answer is Outcome.REFUNDED and operation.verb is Verb.PAY
    return operation.order.takes if operation.order and (refused or late) else ()


def _first_refusals(account: Account, refused: Heard) -> Iterator[Heard]:
    """The deliveries of the same operation that may have been refused first, itself included."""
    for heard in account.heard:
        same = heard.operation == refused.operation
        if same and heard.answer in (None, refused.answer) and not heard.follows(refused):
            yield heard


def _short(account: Account, at: Heard, wanted: Sequence[Line]) -> bool:
    """Can there have been too little when `at` was carried out?"""
    effects = [effect for effect in _effects(account, at) if not effect.heard.follows(at)]
    must = [effect for effect in effects if at.follows(effect.heard)]
    may = [effect for effect in effects if effect not in must]
    units = _units_for(account, at)
    for many in range(len(may) + 1):
        for chosen in combinations(may, many):
            before = [*must, *chosen]
            if _closed(before, effects) and _lacks(units, before, wanted):
                return True
    return False


def _units_for(account: Account, at: Heard) -> dict[Cell, int]:
    """What there is before anything happens. A late payment comes after its own expiry."""
    units = dict(account.shop.units)
    given = account.given(at.operation.order_number)
    if at.operation.verb is Verb.PAY and given and given.order and given.state is HoldState.HELD:
        for take in given.order.takes:
            units[take.cell] += take.quantity
    return units


def _closed(before: Sequence[_Effect], effects: Sequence[_Effect]) -> bool:
    """Does everything that must come before one of them, too?"""
    return all(
        earlier in before
        for each in before
        for earlier in effects
        if each.heard.follows(earlier.heard)
    )


def _lacks(at_first: dict[Cell, int], before: Sequence[_Effect], wanted: Sequence[Line]) -> bool:
    units = dict(at_first)
    for _, sign, takes in {(each.about, each.sign, each.takes) for each in before}:
        for take in takes:
            units[take.cell] = units.get(take.cell, 0) + sign * take.quantity
    return any(units.get(line.cell, 0) < line.quantity for line in wanted)


def _effects(account: Account, at: Heard) -> Iterator[_Effect]:
    for heard in account.heard:
        operation = heard.operation
        if heard is at or heard.answer in NO_EFFECT:
            continue
        if operation.adjustment is not None:
            yield from _adjusting(heard, operation.adjustment.cell, operation.adjustment.delta)
        elif operation.order_number != at.operation.order_number:
            yield from _of_order(account, heard)  # an order's own units are not in its way


def _adjusting(heard: Heard, cell: Cell, delta: int) -> Iterator[_Effect]:
    asked = heard.operation.adjustment
    done = heard.answer is Outcome.ADJUSTED or (heard.in_doubt and delta < 0)
    if asked is not None and done and delta:
        yield _Effect(heard, asked.key, 1 if delta > 0 else -1, (Line(cell, abs(delta)),))


def _of_order(account: Account, heard: Heard) -> Iterator[_Effect]:
    operation = heard.operation
    given = account.given(operation.order_number)
    body = given.order if given else None
    if operation.verb is Verb.DEDUCT:
        body = operation.order
        taken = heard.answer in (Outcome.DEDUCTED, None)
        if taken and given is None and body is not None:
            yield _Effect(heard, operation.order_number, -1, body.takes)
        return
    if body is None:  # it was placed by one of the actors
        body = next(iter(account.bodies(operation.order_number)), None)
    if body is None:
        return
    expired = given is not None and given.state is HoldState.EXPIRED
    if operation.verb is Verb.PAY and expired and heard.answer in (Outcome.PAID_LATE, None):
        yield _Effect(heard, f"late {operation.order_number}", -1, body.takes)
    back = (Outcome.ROLLED_BACK, Outcome.REFUNDED, Outcome.EXPIRED)
    if operation.verb in (Verb.ROLL_BACK, Verb.EXPIRE) and heard.answer in back:
        yield _Effect(heard, operation.order_number, 1, body.takes)
