"""Checks 5 and 11, exactly once: one effect for every order number, one winner for every hold."""

from __future__ import annotations

from collections import Counter

from inventory_core.domain import Outcome
from scenarios.proving.judging.account import NO_EFFECT, Account, Remains
from scenarios.proving.operations import Verb
from scenarios.proving.testimony import Answer

_ONCE = (
    Outcome.DEDUCTED,
    Outcome.TOMBSTONED,
    Outcome.ROLLED_BACK,
    Outcome.EXPIRED,
    Outcome.PAID,
    Outcome.PAID_LATE,
    Outcome.SHIPPED,
)
_NEVER_BOTH = (
    (Outcome.DEDUCTED, Outcome.TOMBSTONED),
    (Outcome.REPLAYED, Outcome.TOMBSTONED),
    (Outcome.PAID, Outcome.ROLLED_BACK),
    (Outcome.PAID, Outcome.EXPIRED),
    (Outcome.PAID, Outcome.PAID_LATE),
    (Outcome.ROLLED_BACK, Outcome.EXPIRED),
    (Outcome.ROLLED_BACK, Outcome.PAID_LATE),
    (Outcome.ROLLED_BACK, Outcome.SHIPPED),
)
_OWNED = frozenset({Outcome.DEDUCTED, Outcome.REPLAYED})


def told_twice(account: Account) -> str:
    """Do the answers about one order, or one adjustment, contradict each other?"""
    for number in account.numbers():
        found = _about_order(account, number)
        if found:
            return f"order {number}: {found}"
    adjusted = Counter(
        heard.operation.adjustment.key
        for heard in account.heard
        if heard.operation.adjustment and heard.answer is Outcome.ADJUSTED
    )
    twice = [key for key, times in adjusted.items() if times > 1]
    return f"adjusted more than once under one key: {', '.join(twice)}" if twice else ""


def _about_order(account: Account, number: str) -> str:
    answers = account.answers(number)
    count = Counter(answers)
    for outcome in _ONCE:
        if count[outcome] > 1:
            return f"answered {outcome.value} {count[outcome]} times"
    for one, other in _NEVER_BOTH:
        if count[one] and count[other]:
            return f"answered {one.value} and {other.value}"
    back = account.answers(number, Verb.ROLL_BACK).count(Outcome.REFUNDED)
    if back > 1 or (back and count[Outcome.SHIPPED]):
        return "refunded twice, or refunded and shipped"
    return _deliveries(account, number)


def _deliveries(account: Account, number: str) -> str:
    """Deliveries of one body must agree, and only one body can be the order."""
    given = account.given(number)
    by_body: dict[str, set[Answer]] = {}
    if given is not None and given.order is not None:
        by_body[given.order.fingerprint] = {Outcome.DEDUCTED}
    for heard in account.about(number, Verb.DEDUCT):
        assert heard.operation.order is not None, "a deduction has an order"
        answers = by_body.setdefault(heard.operation.order.fingerprint, set())
        if heard.answer is not None and heard.answer not in NO_EFFECT:
            answers.add(heard.answer)
    for answers in by_body.values():
        if Outcome.REFUSED in answers and not _OWNED.isdisjoint(answers):
            return "one delivery was deducted and another refused"
        if Outcome.MISMATCHED in answers and (len(answers) > 1 or len(by_body) == 1):
            return "one delivery of the same body was mismatched and another was not"
    taken = [body for body, answers in by_body.items() if not _OWNED.isdisjoint(answers)]
    return "two bodies were deducted under one number" if len(taken) > 1 else ""


def resolved_twice(account: Account, remains: Remains) -> str:
    """Does an order own units whose hold was resolved against it, or the other way round?"""
    for book in remains.books:
        for number in account.numbers():
            booked = book.orders.get(number)
            back = account.answers(number, Verb.ROLL_BACK)
            given_back = {Outcome.ROLLED_BACK, Outcome.TOMBSTONED, Outcome.REFUNDED}
            if booked and booked.units() and not given_back.isdisjoint(back):
                return f"{book.store}: order {number} was rolled back and owns units"
            paid = {heard.answer for heard in account.about(number, Verb.PAY)}
            refused = Outcome.REFUNDED in paid and paid <= {Outcome.REFUNDED, *NO_EFFECT}
            if booked and booked.units() and refused:
                return f"{book.store}: order {number} was refunded and owns units"
    return ""
