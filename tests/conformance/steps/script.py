"""A list of moves, made into one that clients could send, and carried out on both twins.

A client that waits sends nothing; after an error it rolls back; it opens no transaction within a
transaction. Moves that break this are left out or put right, so that any random list will do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from inventory_core.steps import Deadlock, Step, StepError, sql
from tests.conformance.steps.twins import Free, ModelTwin, RealTwin, Waits

Move = tuple[int, Step[Any]]
"""A session's number, and what it asks."""


class Mismatch(AssertionError):
    """The model and the server gave different answers."""


class TooFree(Exception):
    """The server may break a circle of waiting sessions, or fail one of them before it is one."""


@dataclass
class Comparison:
    """Both twins, what they have answered so far, and what every session is up to.

    ends  the errors after which nothing but a rollback is sent
    """

    model: ModelTwin
    real: RealTwin
    ends: tuple[type[StepError], ...] = (StepError,)
    told: list[str] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)

    def run(self, moves: Iterable[Move]) -> None:
        """Carry out all moves, end what is open, and compare what is committed."""
        for session, step in moves:
            self.move(session, step)
        self.end()

    def move(self, session: int, step: Step[Any]) -> None:
        """One move, put right; whoever waited for it goes on."""
        if session in self.model.waiting:
            return
        if session in self.failed:
            step = sql.Rollback()
        elif isinstance(step, sql.Begin) == (session in self.open) and isinstance(step, _BOUNDS):
            return
        self._note_bounds(session, step)
        model = self.model.ask(session, step)
        if isinstance(model, Free):
            if Waits in model.answers:
                raise TooFree
            self._compare(session, f"{step}", model, self.real.ask(session, step))
            self._wake()
        elif self.model.deadlocked(session):
            self.told.append(f"{session}: {step} -> a deadlock")
            self._break_deadlock(session, step)
        else:
            self._compare(session, f"{step}", model, self.real.ask(session, step))
            self._wake()

    def end(self) -> None:
        """Commit what is open; then nothing waits, and what is committed is the same."""
        for _ in range(self.model.sessions):
            for session in sorted(self.open):
                self.move(session, sql.Commit())
        assert not self.open, f"sessions {self.open} still wait for each other"
        self._same("rows", self.model.rows(), self.real.rows())

    def audit(self) -> None:
        """The auditor's books are the same."""
        self._same("books", self.model.book(), self.real.book())

    def _note_bounds(self, session: int, step: Step[Any]) -> None:
        if isinstance(step, sql.Begin):
            self.open.add(session)
        elif isinstance(step, sql.Commit | sql.Rollback):
            self.open.discard(session)
            self.failed.discard(session)

    def _compare(self, session: int, what: str, model: Any, real: Any) -> None:
        self.told.append(f"{session}: {what} -> {real!r}")
        if isinstance(model, Free):
            model = self.model.take(session, model, real)
        self._same(f"session {session}", model, real)
        if isinstance(real, self.ends) and session in self.open:
            self.failed.add(session)

    def _break_deadlock(self, session: int, step: Step[Any]) -> None:
        """The server chooses a victim; the model must be able to choose the same."""
        answers = self.real.in_a_circle(session, step)
        victims = [one for one, answer in answers.items() if isinstance(answer, Deadlock)]
        assert len(victims) == 1, f"the server answers {answers}\n{self._story()}"
        for one in sorted(answers, key=victims.__contains__, reverse=True):
            self._compare(one, "after the deadlock", self.model.again(one), answers[one])

    def _wake(self) -> None:
        for session in sorted(self.model.waiting):
            model, real = self.model.again(session), self.real.again(session)
            if model is not Waits or real is not Waits:
                self._compare(session, "goes on", model, real)

    def _same(self, what: str, model: Any, real: Any) -> None:
        if type(model) is not type(real) or model != real:
            raise Mismatch(
                f"{what}: the model says {model!r}, the server {real!r}\n{self._story()}"
            )

    def _story(self) -> str:
        return "\n".join(self.told)


_BOUNDS = (sql.Begin, sql.Commit, sql.Rollback)
