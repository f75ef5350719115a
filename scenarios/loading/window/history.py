"""What shoppers saw, and what the source was, as the judge of `stockproof lag` reads it.

    looks of Locust's users  --+
                               +--> History --> judge
    the source's own changes --+

The window says as of which change it shows what it shows; so its version is how many of the
source's changes it knew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scenarios.lagging.demand import article_of, sku_of
from scenarios.lagging.history import Answer, Changed, History, Look
from scenarios.lagging.scenario import Sale
from scenarios.lagging.source import Row
from scenarios.loading.answers import Reply
from scenarios.loading.window.looks import LOOK, SEEN, TURNED_AWAY
from scenarios.loading.window.witness import Change
from scenarios.serving.buyers import Order

_ANSWERS: Mapping[str, Answer] = {
    "deducted": Answer.SOLD,
    "replayed": Answer.SOLD,
    "refused": Answer.REFUSED,
}


def history_of(
    sale: Sale,
    orders: Mapping[int, Order],
    replies: Sequence[Reply],
    changes: Iterable[Change],
    zero_us: int,
) -> History:
    """The run's history. It began at `zero_us` of the clock on the wall.

    Whose order has no clear answer has only looked; who got no answer from the window has not.
    """
    history = History(sale.articles, sale.quantity, sale.seconds)
    known_us = _take_in(history, changes, zero_us)
    told = {one.key: one.outcome for one in replies if one.kind == "deduct"}
    for one in replies:
        if one.kind == LOOK and one.outcome in SEEN:
            article = article_of(orders[one.key].sku)
            shown = Row(one.units, bisect_right(known_us[article], one.as_of_us))
            away = Answer.WENT_AWAY if one.outcome == TURNED_AWAY else Answer.LOOKED
            answer = _ANSWERS.get(told.get(one.key, ""), away)
            history.looks.append(Look(one.sent_ns / 1e9, article, shown, answer))
    return history


def _take_in(history: History, changes: Iterable[Change], zero_us: int) -> list[list[int]]:
    """Put the changes in; for each article, when each was."""
    known_us: list[list[int]] = [[] for _ in range(history.articles)]
    left = [history.quantity] * history.articles
    for article, units, at_us in changes:
        known_us[article].append(at_us)
        row = Row(units, len(known_us[article]))
        at_s = (at_us - zero_us) / 1e6
        history.changes.append(Changed(at_s, article, row, left[article] - units))
        left[article] = units
    return known_us


def look_columns(
    replies: Sequence[Reply], orders: Mapping[int, Order], zero_us: int
) -> dict[str, Any]:
    """The columns of `looks.parquet`, by the time of sending."""
    looks = sorted((one for one in replies if one.kind == LOOK), key=lambda one: one.sent_ns)
    return {
        "operation": [one.key for one in looks],
        "client": [one.user for one in looks],
        "sku": [orders[one.key].sku for one in looks],
        "intended_ns": [one.intended_ns for one in looks],
        "sent_ns": [one.sent_ns for one in looks],
        "replied_ns": [one.replied_ns for one in looks],
        "outcome": [one.outcome for one in looks],
        "units": [one.units for one in looks],
        "as_of_ns": [(one.as_of_us - zero_us) * 1_000 if one.as_of_us else None for one in looks],
    }


def change_columns(changes: Sequence[Change], zero_us: int) -> dict[str, Any]:
    """The columns of `changes.parquet`, those of one article in their order."""
    return {
        "at_ns": [(one.at_us - zero_us) * 1_000 for one in changes],
        "sku": [sku_of(one.article) for one in changes],
        "units": [one.units for one in changes],
    }
