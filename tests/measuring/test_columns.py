"""What the multiplexed driver writes down comes back as it was, and takes little room."""

from __future__ import annotations

import pytest

from inventory_core.domain import Outcome
from scenarios.measuring.client import ANSWERS, DROPPED, UNKNOWN
from scenarios.measuring.columns import Columns
from scenarios.measuring.history_cost import bytes_an_attempt

ATTEMPTS = [
    (7, 1 << 40, 0, 10, 20, Outcome.DEDUCTED),
    (-1, 3, 31, 1 << 60, 1 << 60, DROPPED),
    (0, 4, 1, 30, 50, UNKNOWN),
]


@pytest.mark.parametrize("room", [1, 2, 3, 100])
def test_every_attempt_comes_back_as_it_was_noted_however_often_the_columns_grow(
    room: int,
) -> None:
    columns = Columns(room)
    for attempt in ATTEMPTS * 3:
        columns.note(*attempt)
    assert len(columns) == 9
    answers = [ANSWERS[place] for place in columns.answer]
    rows = zip(
        columns.client, columns.position, columns.attempt, columns.sent_ns, columns.replied_ns,
        answers, strict=True,
    )  # fmt: skip
    assert list(rows) == ATTEMPTS * 3


def test_an_answer_that_is_none_is_a_bug() -> None:
    columns = Columns()
    columns.note(0, 0, 0, 0, 0, "perhaps")
    with pytest.raises(KeyError):
        _ = columns.answer


@pytest.mark.slow
def test_a_million_attempts_take_less_than_two_hundred_megabytes() -> None:
    assert bytes_an_attempt(200_000) < 200 * 0.75
