"""A run in which a strategy lost what it said that it would lose, as it looks without that.

The lost answers become those of another order, which the crash rolled back: so its units are for
sale again from the crash on, and the order may be taken anew, and no check accuses anybody of what
was declared. What was not declared stays as it is, and is found. The loss itself is told by
check 10, which looks at the run as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from inventory_core.domain import HoldState, add_up
from inventory_core.stores.audit import Audit, BookedLine, BookedOrder
from scenarios.checks.case import Case
from scenarios.checks.lost_in_crash import Loss, crashes_of, losses
from scenarios.operations import History, Integers, Words, understood

LOST = "†"
"""What the number of a lost order ends with."""


def without_declared_losses(case: Case) -> Case:
    """The run as it is to be judged; the very same if nothing was declared, or nothing lost."""
    crashes = [crash for crash in crashes_of(case) if crash.fault in case.loses]
    if not crashes or case.truth is None:
        return case
    found = {loss.order: loss for loss in losses(case, crashes_of(case)) if loss.declared}
    if not found:
        return case
    history = _told_apart(case.history, list(found.values()))
    audit = _booked(case, found)
    return replace(case, history=history, audit=audit, whole=case)


def _told_apart(history: History, lost: Sequence[Loss]) -> History:
    """The answers before the crash belong to another order, and the crash cancels it."""
    known = len(history.order.texts)
    order = history.order.code.copy()
    rows: list[int] = []
    for number, loss in enumerate(lost):
        mine = np.flatnonzero(history.order.code == loss.order)
        mine = mine[history.replied_ns[mine] <= loss.crash.began_ns]
        order[mine] = known + number
        rows.append(int(mine[0]))
    texts = tuple(history.order.texts[loss.order] + LOST for loss in lost)
    began = np.asarray([loss.crash.began_ns for loss in lost], dtype=np.int64)
    over = np.asarray([loss.crash.over_ns for loss in lost], dtype=np.int64)
    own = known + np.arange(len(lost))
    return replace(
        history,
        order=Words(np.concatenate([order, own]), (*history.order.texts, *texts)),
        body=Words(_again(history.body.code, rows), history.body.texts),
        kind=_and(history.kind, "roll_back", len(lost)),
        outcome=_and(history.outcome, "rolled_back", len(lost)),
        sent_ns=np.concatenate([history.sent_ns, began]),
        replied_ns=np.concatenate([history.replied_ns, over]),
    )


def _again(code: Integers, rows: Sequence[int]) -> Integers:
    return np.concatenate([code, code[np.asarray(rows, dtype=np.int64)]])


def _and(words: Words, text: str, times: int) -> Words:
    """The column with one text more, so many times."""
    texts = words.texts if text in words.texts else (*words.texts, text)
    more = np.full(times, texts.index(text), dtype=np.int64)
    return Words(np.concatenate([words.code, more]), texts)


def _booked(case: Case, lost: dict[int, Loss]) -> Audit:
    """The books, in which the lost orders stand as rolled back."""
    truth, history = case.truth, case.history
    assert truth is not None, "asked before"
    orders = dict(truth.orders)
    for order, loss in lost.items():
        number = history.order.texts[order]
        if loss.sold:
            body = history.body.texts[history.operations.body[case.owner[order]]]
            orders[number + LOST] = _rolled_back(number + LOST, body)
    books = [replace(book, orders=orders) if book is truth else book for book in case.audit.books]
    return Audit(tuple(books))


def _rolled_back(number: str, body: str) -> BookedOrder:
    state = HoldState.ROLLED_BACK
    lines = tuple(BookedLine(1, line, state) for line in add_up(understood(body)))
    return BookedOrder(number, state, 1, "", lines)
