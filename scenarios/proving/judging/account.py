"""All that a checker may know: what was given, what clients were told in which order, the books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inventory_core.domain import Cell, Order, Outcome
from inventory_core.stores.audit import Book
from scenarios.proving.judging.specification import Hold, Shop
from scenarios.proving.operations import Operation, Verb
from scenarios.proving.testimony import Answer, Trouble

NO_EFFECT = frozenset({Outcome.CONTENDED, Trouble.ERROR, Trouble.SILENT})
"""Answers that promise that nothing was done."""
HOLDS = frozenset(
    {Outcome.DEDUCTED, Outcome.REPLAYED, Outcome.PAID, Outcome.PAID_LATE, Outcome.SHIPPED}
)
"""Answers that say that the order owns its units."""
PAID = frozenset({Outcome.PAID, Outcome.PAID_LATE, Outcome.SHIPPED, Outcome.ALREADY_PAID})
"""Answers after which no expiry can take the units away."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One delivery of an operation, as its client saw it. No answer: it is in doubt."""

    slot: int
    operation: Operation
    before: int  # bit mask of the slots that had replied when it was sent
    answer: Answer | None

    @property
    def in_doubt(self) -> bool:
        """Was there no answer?"""
        return self.answer is None

    def follows(self, other: Heard) -> bool:
        """Had the other replied before this one was sent?"""
        return bool(self.before >> other.slot & 1)


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """What clients saw of one schedule. Told apart by identity: whoever makes them keeps them.

    shop         the shop when the actors start
    time_passed  have deadlines passed at some moment?
    recovers     does recovery run beside the actors?
    """

    shop: Shop
    heard: tuple[Heard, ...]
    time_passed: bool
    recovers: bool

    def about(self, number: str, *verbs: Verb) -> Iterator[Heard]:
        """The deliveries about an order; all verbs, or some."""
        for heard in self.heard:
            operation = heard.operation
            if operation.order_number == number and (not verbs or operation.verb in verbs):
                yield heard

    def answers(self, number: str, *verbs: Verb) -> list[Answer]:
        """What was answered about an order, answers in doubt left out."""
        return [heard.answer for heard in self.about(number, *verbs) if heard.answer is not None]

    def numbers(self) -> list[str]:
        """All the order numbers that anybody has spoken of."""
        spoken = {heard.operation.order_number for heard in self.heard}
        return sorted((spoken | {number for number, _ in self.shop.holds}) - {""})

    def given(self, number: str) -> Hold | None:
        """The order's hold when the actors started."""
        return self.shop.hold(number)

    def bodies(self, number: str) -> list[Order]:
        """Every body that was ever sent under a number, the given one first."""
        given = self.given(number)
        sent = [heard.operation.order for heard in self.about(number, Verb.DEDUCT)]
        orders = [given.order if given else None, *sent]
        return [order for order in orders if order is not None]

    def told_held(self, number: str) -> Order | None:
        """The order if some client knows, or it was given, that it owns its units."""
        given = self.given(number)
        if given is not None and given.state.owns_units:
            return given.order
        for heard in self.about(number):
            if heard.answer in HOLDS:
                return heard.operation.order
        return None

    def may_have_come_back(self, number: str) -> bool:
        """Was anything sent, or may anything have run, that gives the order's units back?"""
        undone = {*NO_EFFECT, Outcome.ALREADY_SHIPPED}
        if any(heard.answer not in undone for heard in self.about(number, Verb.ROLL_BACK)):
            return True
        answers = self.answers(number)
        if Outcome.REFUNDED in answers and Outcome.PAID_LATE not in answers:
            return True
        paid = self.given_paid(number) or not PAID.isdisjoint(answers)
        return self.time_passed and not paid

    def given_paid(self, number: str) -> bool:
        """Was the order paid before the actors started?"""
        given = self.given(number)
        return given is not None and given.state.value in ("paid", "shipped")


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left at the very end: the books, and why the stores do not rest, if they do not.

    `broke`: a plan broke on the way, so nothing that it promised can be relied on.
    """

    books: tuple[Book, ...]
    trouble: str = ""
    broke: bool = False


def units_of(many: int, cell: Cell) -> str:
    """So many units of a cell, for a sentence."""
    return f"{many} unit{'' if many == 1 else 's'} of {cell}"
