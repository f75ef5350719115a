"""Check 6, no false sold-out: a refusal needs a moment of its interval without enough stock.

Brute force over what may have come before the refusal. Effects are taken as the clients were told;
what is in doubt may have happened or not, whichever speaks for the refusal. A refusal is stored and
replayed, so any delivery of the same order that may have been refused first can justify it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

from inventory_core.domain import Cell, HoldState, Line, Outcome
from scenarios.proving.judging.account import NO_EFFECT, Account, Heard
from scenarios.proving.operations import Verb


class _Does(Enum):
    """What a delivery did to the units of its order, or of its key."""

    TAKES = "takes"
    GIVES_BACK = "gives back"
    TAKES_LATE = "takes late"
    ADJUSTS = "adjusts"


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a delivery did. Of one order, or one key, each kind counts once."""

    heard: Heard
    about: str
    does: _Does
    lines: tuple[Line, ...]
    sign: int = 1


def falsely_sold_out(account: Account) -> str:
    """Was anybody sent away while there was stock?"""
    for heard in account.heard:
        wanted = _refused(heard)
        if wanted and not any(
            _short(account, at, wanted) for at in _first_refusals(account, heard)
        ):
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
    """The deliveries of the same order that may have been refused first, itself included.

    Only the refusal of a deduction is stored: a payment or an adjustment asks anew every time.
    """
    if refused.operation.verb is not Verb.DEDUCT:
        yield refused
        return
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
    done = {(each.about, each.does): each for each in before}
    for (about, does), effect in done.items():
        if does is _Does.TAKES and (about, _Does.GIVES_BACK) in done:
            continue  # it was given back, whether it had been taken or not
        sign = -1 if does in (_Does.TAKES, _Does.TAKES_LATE) else effect.sign
        for line in effect.lines:
            units[line.cell] = units.get(line.cell, 0) + sign * line.quantity
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
        sign = 1 if delta > 0 else -1
        yield _Effect(heard, asked.key, _Does.ADJUSTS, (Line(cell, abs(delta)),), sign)


def _of_order(account: Account, heard: Heard) -> Iterator[_Effect]:
    number = heard.operation.order_number
    given = account.given(number)
    body = heard.operation.order if heard.operation.verb is Verb.DEDUCT else None
    body = body or next(iter(account.bodies(number)), None)
    if body is None:
        return
    held = given is not None and given.state.owns_units
    if heard.answer in _BACK:  # also "already": the units came back before this was answered
        yield _Effect(heard, number, _Does.GIVES_BACK, body.takes if held else ())
    elif heard.operation.verb is Verb.DEDUCT and heard.answer in (Outcome.DEDUCTED, None):
        if given is None:
            yield _Effect(heard, number, _Does.TAKES, body.takes)
    elif heard.operation.verb is Verb.PAY and heard.answer in (Outcome.PAID_LATE, None):
        if held:  # it expired before, without telling anybody
            yield _Effect(heard, number, _Does.GIVES_BACK, body.takes)
        yield _Effect(heard, number, _Does.TAKES_LATE, body.takes)


_BACK = frozenset(
    {
        Outcome.ROLLED_BACK,
        Outcome.TOMBSTONED,
        Outcome.REFUNDED,
        Outcome.EXPIRED,
        Outcome.ALREADY_ROLLED_BACK,
        Outcome.ALREADY_EXPIRED,
    }
)
"""Answers after which the order owns nothing."""
