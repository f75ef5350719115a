"""The same questions to the model and to a real PostgreSQL, in the same words.

A real statement that waits is recognised by asking the server who blocks whom
(`pg_blocking_pids`), so nothing here depends on how fast anything is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import Enum
from typing import Any

import psycopg

from inventory_core.domain import Limits
from inventory_core.steps import Step, StepError, sql
from inventory_core.stores.audit import Book
from inventory_core.stores.sql import PostgresqlPart, PostgresqlStore
from scenarios.model import PARTIAL, Blocked, Done, Failed, OneOf, SqlModel
from scenarios.model.rows import Log, Rows
from tests.conformance.steps.catalogue import FinishTaken

ASKED_MOST = 100_000
GLANCE_S = 0.001  # before the server is asked whether a statement waits
EMPTY = Book("sql", {}, {}, {}, {})
COLUMNS = {
    "cell": "sku, place, sellable::text, version::text",
    "hold": "order_number, state, generation::text, fingerprint",
    "deduction_log": """order_number, generation::text, line::text, sku, place, quantity::text,
                        state""",
    "stock_task": "order_number, generation::text, sku, place, delta::text, done::text",
    "adjustment": "adjustment_key, sku, place, delta::text",
}
"""Every column that both worlds have (equal tasks count once: ids differ)."""


class Waiting(Enum):
    """Stands for the answer of a statement that waits."""

    WAITS = "waits"


Waits = Waiting.WAITS


@dataclass(frozen=True)
class Free:
    """The model's answers where the server is free: `ModelTwin.take` takes the server's."""

    answers: tuple[Any, ...]
    branches: OneOf
    step: Step[Any]


class TaskIds:
    """Ids of tasks differ between the worlds: steps name them by when they were taken."""

    def __init__(self) -> None:
        self._taken: list[int] = []

    def said(self, step: Step[Any]) -> Step[Any]:
        """The step with this world's id."""
        if not isinstance(step, FinishTaken):
            return step
        ids = self._taken
        return sql.FinishTask(ids[step.place % len(ids)] if ids else 0)

    def heard(self, answer: Any) -> Any:
        """The answer without this world's ids."""
        if without_ids(answer) is not answer:
            self._taken.extend(task.task_id for task in answer)
        return without_ids(answer)


def without_ids(answer: Any) -> Any:
    """Tasks as both worlds know them; any other answer as it is."""
    if not (isinstance(answer, tuple) and answer and isinstance(answer[0], sql.Task)):
        return answer
    return tuple((task.cell, task.delta) for task in answer)


def texts_of(rows: Rows) -> Iterator[tuple[str, ...]]:
    """The model's rows as the tables would show them."""
    for (table, *key), row in rows.by_key.items():
        texts = [str(each) for each in key]
        match table:
            case "cell":
                yield ("cell", *texts, *map(str, row))
            case "hold":
                state, generation, fingerprint, _ = row
                yield ("hold", *texts, state.value, str(generation), fingerprint)
            case "journal":
                yield ("adjustment", *texts, *map(str, row))
            case "task":
                yield ("stock_task", *map(str, row[:-1]), str(row.done).lower())
            case "log":
                yield from _log_texts(texts[0], row)


def _log_texts(number: str, log: Log) -> Iterator[tuple[str, ...]]:
    for generation, lines in enumerate(log, start=1):
        for place, (*what, state) in enumerate(lines, start=1):
            yield (
                "deduction_log",
                number,
                str(generation),
                str(place),
                *map(str, what),
                state.value,
            )


class ModelTwin:
    """The model's side. `waiting`: what each waiting session asked."""

    def __init__(self, sessions: int, make: Callable[[int], SqlModel] = SqlModel) -> None:
        self.sessions = sessions
        self.waiting: dict[int, Step[Any]] = {}
        self._ids = TaskIds()
        self._model = make(sessions)

    def ask(self, session: int, step: Step[Any]) -> Any:
        """Perform a step: a value, a `StepError`, or `Waits`."""
        self._model.advance(self._model.now_ms + 1)
        return self._perform(session, self._ids.said(step))

    def again(self, session: int) -> Any:
        """Perform once more what a session waits with."""
        return self._perform(session, self.waiting.pop(session))

    def take(self, session: int, free: Free, answer: Any) -> Any:
        """Go on as the server did, if it is one of the ways; answers what the model says then."""
        for mine, (_, after) in zip(free.answers, free.branches.branches, strict=True):
            said = without_ids(mine)
            if type(said) is type(answer) and said == answer:
                assert isinstance(after, SqlModel)
                self._model = after
                if mine is Waits:
                    self.waiting[session] = free.step
                return self._ids.heard(mine)
        return free.answers

    def deadlocked(self, session: int) -> bool:
        """May the server pick this session as a victim?"""
        return self._model.deadlocked(session)

    def rows(self) -> set[tuple[str, ...]]:
        """What is committed, as texts."""
        return set(texts_of(self._model.rows))

    def book(self) -> Book:
        """What is committed, as the auditor sees it."""
        return self._model.book() or EMPTY

    def _perform(self, session: int, step: Step[Any]) -> Any:
        for _ in range(ASKED_MOST):
            answer = self._model.perform(session, step)
            if isinstance(answer, OneOf):
                going_on, after = answer.branches[0]
                if going_on is not PARTIAL:
                    return self._free(step, answer)
                answer, self._model = going_on, after
            if isinstance(answer, Blocked):
                self.waiting[session] = step
                return Waits
            if answer is not PARTIAL:
                break
        assert isinstance(answer, Done | Failed)
        return self._ids.heard(answer.value if isinstance(answer, Done) else answer.error)

    def _free(self, step: Step[Any], free: OneOf) -> Free:
        said: list[Any] = []
        for answer, _ in free.branches:
            match answer:
                case Done(value):
                    said.append(value)
                case Failed(error):
                    said.append(error)
                case Blocked():
                    said.append(Waits)
                case _:
                    raise AssertionError(f"{step}: {answer} is no answer to end with")
        return Free(tuple(said), free, step)


class RealTwin:
    """The server's side: one connection and one thread a session."""

    def __init__(self, url: str, schema: str, sessions: int) -> None:
        quick = f"{url}{'&' if '?' in url else '?'}options={_QUICK}"
        self._store = PostgresqlStore(quick, schema)
        self._store.create()
        self._parts: Sequence[PostgresqlPart] = [
            self._store.connect(Limits(lock_wait_s=20.0)) for _ in range(sessions)
        ]
        self._threads = [ThreadPoolExecutor(1) for _ in range(sessions)]
        self._waiting: dict[int, Future[Any]] = {}
        self._ids = TaskIds()
        self._observer = psycopg.connect(quick, autocommit=True)
        self._all_rows = "UNION ALL ".join(
            f"SELECT ARRAY['{table}', {columns}] FROM {schema}.{table} "
            for table, columns in COLUMNS.items()
        ).encode()

    def clear(self) -> None:
        """Empty the tables for the next case; whoever is left in a transaction is rolled back."""
        at_rest = [one for one in range(len(self._parts)) if one not in self._waiting]
        for session in at_rest:
            self._parts[session].reset()  # which lets the others go on
        assert not wait(self._waiting.values(), 30).not_done, "a statement still waits"
        for session in self._waiting:
            self._parts[session].reset()
        self._waiting.clear()
        self._ids = TaskIds()
        self._empty()

    def _empty(self) -> None:
        emptied = "; ".join(f"DELETE FROM {self._store.schema}.{table}" for table in COLUMNS)
        self._observer.execute(emptied.encode())

    def close(self) -> None:
        """Hang up and remove the schema."""
        for part, thread in zip(self._parts, self._threads, strict=True):
            thread.shutdown()
            part.close()
        self._observer.close()
        self._store.remove()

    def ask(self, session: int, step: Step[Any]) -> Any:
        """Perform a step: a value, a `StepError`, or `Waits`."""
        self._start(session, step)
        return self.again(session)

    def in_a_circle(self, session: int, step: Step[Any]) -> dict[int, Any]:
        """Perform a step that makes both sessions wait for each other: what both are answered."""
        self._start(session, step)
        ended = wait(self._waiting.values(), 30)
        assert not ended.not_done, f"the server breaks no deadlock when {session} asks {step}"
        return {one: self.ended(one) for one in sorted(self._waiting)}

    def _start(self, session: int, step: Step[Any]) -> None:
        said = self._ids.said(step)
        handler = self._parts[session].handlers[type(said)]
        self._waiting[session] = self._threads[session].submit(_answer_of, handler, said)

    def again(self, session: int) -> Any:
        """What has become of a session's statement."""
        future = self._waiting[session]
        for _ in range(ASKED_MOST):
            if wait([future], GLANCE_S).done:
                return self.ended(session)
            if self._is_blocked(session):
                return Waits
        raise AssertionError(f"session {session} neither answers nor waits")

    def ended(self, session: int) -> Any:
        """The answer of a statement that is over."""
        return self._ids.heard(self._waiting.pop(session).result())

    def rows(self) -> set[tuple[str, ...]]:
        """What is committed, as texts."""
        found = self._observer.execute(self._all_rows).fetchall()
        return {tuple(str(text) for text in texts) for (texts,) in found}

    def book(self) -> Book:
        """What is committed, as the auditor sees it."""
        return self._store.book()

    def _is_blocked(self, session: int) -> bool:
        pid = self._parts[session].backend_pid
        row = self._observer.execute(b"SELECT cardinality(pg_blocking_pids(%s))", [pid]).fetchone()
        return row is not None and row[0] > 0


_QUICK = "-c%20synchronous_commit%3Doff%20-c%20deadlock_timeout%3D20ms"
"""Nothing here is about crashes, and a deadlock need not be suspected for a second."""


def _answer_of(handler: Callable[[Any], Any], step: Step[Any]) -> Any:
    try:
        return handler(step)
    except StepError as error:
        return error
