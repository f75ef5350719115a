"""Check 7, linearizable: some order of all operations, one after the other, explains every answer.

A memoised search (J. Wing and C. Gong, "Testing and Verifying Concurrent Objects", 1993) over the
orders that the intervals allow. What is in doubt may have happened at any time after it was sent,
or never. Expiry, once time has passed, may happen at any moment; and recovery, where it runs, may
roll back an order whose delivery is in doubt.
"""

from __future__ import annotations

from collections.abc import Iterator

from inventory_core.domain import Outcome
from scenarios.proving.judging.account import NO_EFFECT, Account, Heard
from scenarios.proving.judging.specification import Shop, carry_out_alone, expire, roll_back
from scenarios.proving.operations import Operation, Verb
from scenarios.proving.testimony import Answer

_SECOND_TIME: dict[Outcome, frozenset[Outcome]] = {
    Outcome.REPLAYED: frozenset({Outcome.DEDUCTED}),
    Outcome.ALREADY_ADJUSTED: frozenset({Outcome.ADJUSTED}),
    Outcome.ALREADY_PAID: frozenset({Outcome.PAID, Outcome.PAID_LATE}),
    Outcome.ALREADY_SHIPPED: frozenset({Outcome.SHIPPED}),
    Outcome.ALREADY_ROLLED_BACK: frozenset(
        {Outcome.ROLLED_BACK, Outcome.REFUNDED, Outcome.TOMBSTONED}
    ),
}
"""If the first delivery is in doubt, nobody was told: the next may be told as if it were first."""


def unexplained(account: Account) -> str:
    """Is there no order in which the answers make sense?"""
    search = _Search(account)
    if search.explains(account.shop, 0, 0):
        return ""
    return "no order of the operations, one after the other, explains all answers"


class _Search:
    def __init__(self, account: Account) -> None:
        self._heard = [each for each in account.heard if each.answer not in NO_EFFECT]
        self._definite = sum(1 << n for n, each in enumerate(self._heard) if not each.in_doubt)
        self._before = [
            sum(1 << n for n, other in enumerate(self._heard) if each.follows(other))
            for each in self._heard
        ]
        self._due = account.time_passed
        self._doubted = {
            (e.operation.verb, _subject(e.operation)) for e in self._heard if e.in_doubt
        }
        self._unasked = list(_unasked(account))
        self._hopeless: set[tuple[Shop, int, int]] = set()

    def explains(self, shop: Shop, placed: int, happened: int) -> bool:
        """Can the rest be placed after this?"""
        if placed & self._definite == self._definite:
            return True
        key = (shop, placed, happened)
        if key in self._hopeless:
            return False
        for after, now_placed, now_happened in self._next(shop, placed, happened):
            if self.explains(after, now_placed, now_happened):
                return True
        self._hopeless.add(key)
        return False

    def _next(self, shop: Shop, placed: int, happened: int) -> Iterator[tuple[Shop, int, int]]:
        for n, heard in enumerate(self._heard):
            bit = 1 << n
            if placed & bit or self._before[n] & ~placed:
                continue
            answer, after = carry_out_alone(shop, heard.operation, self._due)
            if heard.in_doubt or self._agrees(heard, answer):
                yield after, placed | bit, happened
        for n, (number, verb) in enumerate(self._unasked):
            bit = 1 << n
            if happened & bit:
                continue
            if verb is Verb.EXPIRE:
                yield expire(shop, number, due=True)[1], placed, happened | bit
            else:
                yield roll_back(shop, number)[1], placed, happened | bit

    def _agrees(self, heard: Heard, answer: Answer) -> bool:
        if heard.answer is answer:
            return True
        operation = heard.operation
        if operation.verb is Verb.EXPIRE and heard.answer is Outcome.NOT_DUE:
            return answer is Outcome.EXPIRED  # it may have come before its time
        if heard.answer is Outcome.TOMBSTONED and answer is Outcome.ROLLED_BACK:
            # The deduction that it undid is in doubt: nobody was told that there was one.
            return (Verb.DEDUCT, _subject(operation)) in self._doubted
        if (operation.verb, _subject(operation)) not in self._doubted:
            return False
        return isinstance(answer, Outcome) and heard.answer in _SECOND_TIME.get(answer, ())


def _subject(operation: Operation) -> str:
    return operation.adjustment.key if operation.adjustment else operation.order_number


def _unasked(account: Account) -> Iterator[tuple[str, Verb]]:
    """What may happen to orders without anybody's asking."""
    for number in account.numbers():
        if account.time_passed:
            yield number, Verb.EXPIRE
        if account.recovers and any(h.in_doubt for h in account.about(number, Verb.DEDUCT)):
            yield number, Verb.ROLL_BACK
