"""What a single clerk would have sold to the same buyers, one after the other.

Baskets are all or nothing, so min(demand, stock) - sold would accuse the innocent: units may be
left over because the next basket did not fit. So the same orders are served once more, serially, in
the order in which they were first sent; what the clerk sells beyond the run is `units_left_over`.
"""

from __future__ import annotations

import numpy as np

from scenarios.checks.case import Case
from scenarios.operations import NEVER, History, Integers, least


def units_left_over(case: Case) -> int:
    """Units that a serial run of the same arrivals owns at the end, and this run does not."""
    return max(0, units_sold_serially(case) - sum(case.owned_in_truth.values()))


def units_sold_serially(case: Case) -> int:
    """What the clerk's buyers own in the end."""
    clerk = Clerk(case)
    for place in np.argsort(clerk.when_ns, kind="stable").tolist():
        clerk.serve(int(clerk.what[place]), int(clerk.whose[place]))
    return clerk.owned


_DEDUCT, _ROLL_BACK, _PAY, _DUE = range(4)


class Clerk:
    """Serves the requests of a run one after the other: deductions when an order was first sent,
    cancellations and payments when they were, and the end of each unpaid hold when it is due.
    """

    def __init__(self, case: Case) -> None:
        history = case.history
        operations = history.operations
        self._left = history.supply_of(case.supply).tolist()
        self._start, self._cell, self._quantity = (each.tolist() for each in history.takes)
        self._body, self._order = operations.body.tolist(), operations.order.tolist()
        self._state: dict[int, str] = {}  # by order: held, paid, expired, closed
        self._served: dict[int, int] = {}  # by order: the operation that got its units
        self.owned = 0
        due_ns = operations.first_sent_ns + int(case.hold_s * 1e9)
        all_of_them = np.arange(len(operations.order))
        due = np.flatnonzero(due_ns <= case.ended_ns)
        parts = [
            (operations.first_sent_ns, all_of_them, _DEDUCT),
            (due_ns[due], operations.order[due], _DUE),
            (*_first_sent(history, "roll_back"), _ROLL_BACK),
            (*_first_sent(history, "pay"), _PAY),
        ]
        self.when_ns = np.concatenate([when for when, _, _ in parts])
        self.whose = np.concatenate([whose for _, whose, _ in parts])
        self.what = np.repeat([what for _, _, what in parts], [len(when) for when, _, _ in parts])

    def serve(self, what: int, whose: int) -> None:
        """Serve one request: of an operation if it is a deduction, else of an order."""
        if what == _DEDUCT:
            if self._order[whose] not in self._state:
                self._take(self._order[whose], whose, "held")
            return
        state = self._state.get(whose)
        if what == _ROLL_BACK:
            if state in ("held", "paid"):
                self._give_back(whose)
            self._state[whose] = "closed"
        elif what == _DUE and state == "held":
            self._give_back(whose)
            self._state[whose] = "expired"
        elif what == _PAY and state == "held":
            self._state[whose] = "paid"
        elif what == _PAY and state == "expired":
            self._take(whose, self._served[whose], "paid")

    def _lines(self, operation: int) -> range:
        body = self._body[operation]
        return range(self._start[body], self._start[body + 1])

    def _take(self, order: int, operation: int, state: str) -> None:
        lines, left = self._lines(operation), self._left
        if any(left[self._cell[line]] < self._quantity[line] for line in lines):
            return
        for line in lines:
            left[self._cell[line]] -= self._quantity[line]
            self.owned += self._quantity[line]
        self._state[order], self._served[order] = state, operation

    def _give_back(self, order: int) -> None:
        for line in self._lines(self._served[order]):
            self._left[self._cell[line]] += self._quantity[line]
            self.owned -= self._quantity[line]


def _first_sent(history: History, kind: str) -> tuple[Integers, Integers]:
    """When each order was first asked to be resolved so, and which order."""
    orders = len(history.order.texts)
    mine = history.kind.are(kind)
    when = least(orders, history.order.code[mine], history.sent_ns[mine])
    some = np.flatnonzero(when < NEVER)
    return when[some], some
