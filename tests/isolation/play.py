"""Plays an anomaly's script on a model alone, or on the model and its server side by side.

Side by side every single answer is compared. Alone, the model's own freedom (which transaction of
a circle is the victim, which serializable one fails on suspicion) is played out in every way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from inventory_core.steps import Step, sql
from scenarios.model import SqlModel
from scenarios.model.dialects import MARIADB, MARIADB_SNAPSHOT, POSTGRESQL, Dialect
from tests.conformance.steps.script import Comparison
from tests.conformance.steps.twins import Free, ModelTwin, Waits
from tests.isolation.anomalies import Anomaly, Heard, Said
from tests.isolation.mariadb_twin import BOOKED

SESSIONS = 3
READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE = sql.Isolation


@dataclass(frozen=True)
class Column:
    """A server at a level."""

    title: str
    dialect: Dialect
    isolation: sql.Isolation


COLUMNS = (
    Column("PostgreSQL, read committed", POSTGRESQL, READ_COMMITTED),
    Column("PostgreSQL, repeatable read", POSTGRESQL, REPEATABLE_READ),
    Column("PostgreSQL, serializable", POSTGRESQL, SERIALIZABLE),
    Column("MariaDB, read committed", MARIADB, READ_COMMITTED),
    Column("MariaDB, repeatable read", MARIADB, REPEATABLE_READ),
    Column(
        "MariaDB, repeatable read, innodb_snapshot_isolation", MARIADB_SNAPSHOT, REPEATABLE_READ
    ),
    Column("MariaDB, serializable", MARIADB, SERIALIZABLE),
)


class Verdict(Enum):
    """What became of an anomaly."""

    HAPPENS = "happens"
    DEADLOCK = "deadlock"  # a circle of waits, which one of them paid for
    CONFLICT = "conflict"  # somebody was told to try again
    WAITS = "waits"  # somebody had to wait, and nobody failed
    NEVER = "no"  # nobody waited, nobody failed


def verdict(anomaly: Anomaly, heard: Heard) -> Verdict:
    """What became of it, from what was heard."""
    errors = heard.errors()
    if anomaly.happened(heard):
        return Verdict.HAPPENS
    if "Deadlock" in errors:
        return Verdict.DEADLOCK
    assert errors in ([], ["Conflict"]), f"{anomaly.name} ends with {errors}"
    if errors:
        return Verdict.CONFLICT
    return Verdict.WAITS if heard.waited else Verdict.NEVER


class BookedTwin(ModelTwin):
    """A model, of which those tables are compared that every server here has."""

    def rows(self) -> set[tuple[str, ...]]:
        return {row for row in super().rows() if row[0] in BOOKED}


class Chosen(BookedTwin):
    """A model in the server's place: where it is free, `choices` say what it does, then the first.

    `open` counts the ways that there were at each choice.
    """

    def __init__(self, column: Column, choices: list[int]) -> None:
        super().__init__(SESSIONS, lambda sessions: SqlModel(sessions, column.dialect))
        self.choices = choices
        self.open: list[int] = []

    def ask(self, session: int, step: Step[Any]) -> Any:
        return self._settled(session, super().ask(session, step))

    def again(self, session: int) -> Any:
        return self._settled(session, super().again(session))

    def in_a_circle(self, session: int, step: Step[Any]) -> dict[int, Any]:
        """Choose a victim; what everybody in the circle is answered then."""
        super().ask(session, step)
        waiting = sorted(self.waiting, key=lambda one: one != session)
        circle = [one for one in waiting if self.deadlocked(one)]
        victim = circle[self._choice(len(circle))]
        answers = {victim: self.again(victim)}
        for one in sorted(self.waiting):
            answer = self.again(one)
            if answer is not Waits:
                answers[one] = answer
        return answers

    def _choice(self, ways: int) -> int:
        number = len(self.open)
        self.open.append(ways)
        return self.choices[number] if number < len(self.choices) else 0

    def _settled(self, session: int, answer: Any) -> Any:
        if not isinstance(answer, Free):
            return answer
        chosen = answer.answers[self._choice(len(answer.answers))]
        return self.take(session, answer, chosen)


@dataclass
class Play(Comparison):
    """A comparison that lets clients wait with the rest of their script, and keeps what is said."""

    said: dict[int, list[Any]] = field(default_factory=dict)
    waited: bool = False
    left: dict[int, deque[Said]] = field(default_factory=dict)

    def play(self, anomaly: Anomaly, isolation: sql.Isolation) -> Heard:
        """Go through the script; what everybody heard."""
        self.move(0, anomaly.before())
        self.said.clear()
        clients = sorted({session for session, _ in anomaly.script})
        self.left = {one: deque() for one in clients}
        for session in clients:
            self.move(session, sql.Begin(isolation))
        for session, said in anomaly.script:
            self.left[session].append(said)
            while any(self._go_on(one) for one in clients):
                pass
        assert not any(self.left.values()), f"{self.left} was never asked"
        self.end()
        return Heard(self.said, self.waited, self._units())

    def _go_on(self, session: int) -> bool:
        """The next thing that a client has to say, if it may speak."""
        left = self.left[session]
        if session in self.failed:
            left.clear()
            self.move(session, sql.Rollback())
            return True
        if not left or session in self.model.waiting:
            return False
        said = left.popleft()
        self.move(session, said if isinstance(said, Step) else said(self.said[session]))
        return True

    def _compare(self, session: int, what: str, model: Any, real: Any) -> None:
        super()._compare(session, what, model, real)
        if real is Waits:
            self.waited = True
        else:
            self.said.setdefault(session, []).append(real)

    def _units(self) -> dict[str, int]:
        return {row[1]: int(row[3]) for row in self.model.rows() if row[0] == "cell"}


def play(column: Column, anomaly: Anomaly, real: Any) -> Verdict:
    """The verdict when a server (or a model in its place) is asked beside the model."""
    model = BookedTwin(SESSIONS, lambda sessions: SqlModel(sessions, column.dialect))
    heard = Play(model, real, ends=column.dialect.ends).play(anomaly, column.isolation)
    return verdict(anomaly, heard)


def verdicts(column: Column, anomaly: Anomaly) -> Iterator[Verdict]:
    """The model's verdicts: the one without any needless failure first, then all others."""
    ahead: list[list[int]] = [[]]
    while ahead:
        choices = ahead.pop()
        real = Chosen(column, choices)
        yield play(column, anomaly, real)
        for number in range(len(choices), len(real.open)):
            tried = [*choices, *[0] * (number - len(choices))]
            ahead += [[*tried, way] for way in range(1, real.open[number])]
