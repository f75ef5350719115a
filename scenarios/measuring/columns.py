"""What the multiplexed driver writes down: every attempt, in columns that are there beforehand.

A tuple an attempt would take two hundred bytes and be one more thing to free; here an attempt is
39 bytes in six columns, and a column that is full gets as long again. Answers are kept as they are
(a reference each) and become numbers after the run.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from scenarios.measuring.client import ANSWERS, Answer
from scenarios.measuring.job import Integers

FIRST_ROOM = 65_536


class Columns:
    """The attempts of one worker, in the order of their replies."""

    __slots__ = ("_answers", "_attempts", "_clients", "_count", "_positions", "_replied", "_room",
                 "_sent")  # fmt: skip

    def __init__(self, room: int = FIRST_ROOM) -> None:
        self._count, self._room = 0, room
        self._positions, self._sent, self._replied = (_column("q", room) for _ in range(3))
        self._clients, self._attempts = _column("i", room), _column("H", room)
        self._answers: list[Answer | None] = [None] * room

    def __len__(self) -> int:
        return self._count

    def note(
        self, client: int, position: int, attempt: int, sent_ns: int, replied_ns: int,
        answer: Answer,
    ) -> None:  # fmt: skip
        """Write down an attempt."""
        at = self._count
        if at == self._room:
            self._grow()
        self._count = at + 1
        self._clients[at] = client
        self._positions[at] = position
        self._attempts[at] = attempt
        self._sent[at] = sent_ns
        self._replied[at] = replied_ns
        self._answers[at] = answer

    def _grow(self) -> None:
        room = self._room
        for column in (self._positions, self._sent, self._replied, self._clients, self._attempts):
            column.extend(_column(column.typecode, room))
        self._answers.extend([None] * room)
        self._room = 2 * room

    # --------------------------------------------------------------------------- after the run

    @property
    def position(self) -> Integers:
        """Where in the stream each delivery stands."""
        return self._whole(self._positions)

    @property
    def client(self) -> Integers:
        """Who sent it."""
        return self._whole(self._clients)

    @property
    def attempt(self) -> Integers:
        """How often it had been sent before."""
        return self._whole(self._attempts)

    @property
    def sent_ns(self) -> Integers:
        """When it was sent."""
        return self._whole(self._sent)

    @property
    def replied_ns(self) -> Integers:
        """When it was answered."""
        return self._whole(self._replied)

    @property
    def answer(self) -> Integers:
        """The place of each answer in `ANSWERS`."""
        place = {id(answer): at for at, answer in enumerate(ANSWERS)}  # hashing an enum is slow
        answers: Sequence[object] = self._answers[: self._count]
        return np.fromiter((place[id(answer)] for answer in answers), np.int64, self._count)

    def _whole(self, column: array[int]) -> Integers:
        return np.asarray(column[: self._count]).astype(np.int64)


def _column(code: str, room: int) -> array[int]:
    return array(code, bytes(array(code).itemsize * room))
