"""Every script and lease, alone and in random order, on the model and on a real Valkey or Redis.

A server runs one script at a time, so any interleaving of clients is a sequence of scripts.
"""

import os
from collections.abc import Iterator, Sequence
from secrets import token_hex
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory_core.domain import Cell, Limits, Line, Opening, Order
from inventory_core.steps import Step, gate, kv, taking
from inventory_core.stores.audit import Book
from inventory_core.stores.kv import RedisStore
from inventory_core.stores.session import Session
from scenarios.model import Done, KvModel, redis_commands
from scenarios.model.redis_commands import Command

pytestmark = pytest.mark.live

EXAMPLES = int(os.environ.get("STOCKPROOF_EXAMPLES", "0"))
A, B, FAR = Cell("a"), Cell("b é ü@x"), Cell("unknown")
DUE = Order("due", (Line(A, 1), Line(B, 2), Line(A, 1)), hold_s=0.0)
LATER = Order("later é", (Line(A, 2),))
OTHERWISE = Order("due", (Line(B, 1),))
TOO_MUCH = Order("much", (Line(A, 1), Line(FAR, 1)))
NUMBERS = ("due", "later é", "much", "unheard")
OPEN = kv.OpenCells((Opening(A, 5), Opening(B, 4)))
STEPS: tuple[Step[Any], ...] = (
    *(kv.Deduct(order) for order in (DUE, LATER, OTHERWISE, TOO_MUCH)),
    *(kv.Resolve(n, verb) for n in NUMBERS for verb in ("roll_back", "expire", "pay", "ship")),
    *(kv.ReturnHold(n, generation, "expired") for n in NUMBERS for generation in (1, 2)),
    *(kv.Retake(n, generation) for n in NUMBERS for generation in (1, 2, 3)),
    *(kv.Forget(n) for n in NUMBERS),
    *(kv.Adjust(key, A, delta) for key, delta in (("k", 2), ("k", 3), ("less", -1), ("é", -9))),
    *(kv.Drain(key, B) for key in ("drain", "drain again", "k")),
    kv.DueHolds(10),
    kv.DueHolds(0),
    kv.OpenHolds(10),
    kv.OpenHolds(1, 1),
    kv.ReadJournal(),
    kv.ReadCells((B, FAR, A)),
    OPEN,
    kv.RestoreHold("due", DUE.fingerprint, 2, 0, DUE.takes),
    kv.RestoreHold("restored", LATER.fingerprint, 1, 10**15, LATER.takes),
    kv.SetIfAbsent("lock:a", "1.1", 100_000),
    kv.SetIfAbsent("lock:a", "2.1", 100_000),
    kv.DeleteIfEqual("lock:a", "1.1"),
    kv.DeleteIfEqual("lock:a", "2.1"),
    *(taking.Intend(order, token) for order, token in ((DUE, "1"), (DUE, "2"), (OTHERWISE, "1"))),
    *(taking.TakeMarked("due", token, Line(A, 2)) for token in ("1", "2")),
    *(taking.BookTaken(DUE, token, enough) for token in ("1", "2") for enough in (True, False)),
    taking.GiveUpTakings(10),
    gate.Admit(DUE, 0, 2),
    gate.Admit(LATER, 0, 1),
    gate.Admit(TOO_MUCH, 0, 9),
    gate.MarkSoldOut(A, 100_000),
    gate.Unmark(A),
)


class Twins:
    """The same steps to the model and to the server."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store
        self._session = Session([store.connect(Limits())])
        self._model = KvModel()

    def start(self) -> None:
        """Empty both."""
        self._store.clear()
        self._model = KvModel()

    def run(self, steps: Sequence[Step[Any]]) -> None:
        """Every answer is the same, and so are the books."""
        for number, step in enumerate(steps):
            self._model.advance(self._model.keys.now_ms + 1)
            answer = self._model.perform(0, step)
            assert isinstance(answer, Done)
            real = self._session.perform(step)
            assert _unordered(step, answer.value) == _unordered(step, real), (
                f"{steps[: number + 1]}"
            )
        assert _or_empty(self._model.book()) == _or_empty(self._store.book())

    def close(self) -> None:
        """Hang up."""
        self._session.close()
        self._store.remove()


def _unordered(step: Step[Any], answer: Any) -> Any:
    """A server owes no order to a journal, nor to holds of one millisecond."""
    return sorted(answer) if isinstance(step, kv.ReadJournal | kv.OpenHolds) else answer


def _or_empty(book: Book | None) -> Book:
    return book or Book("kv", {}, {}, {})


@pytest.fixture(scope="module")
def twins(valkey_url: str) -> Iterator[Twins]:
    """Model and server under a prefix of its own."""
    store = RedisStore(valkey_url, f"twin_{token_hex(4)}:")
    store.create()
    both = Twins(store)
    yield both
    both.close()


def test_every_kind_of_step_is_compared() -> None:
    modules = {module.__name__ for module in (kv, taking, gate)}
    ours = {kind for kind in KvModel().steps if kind.__module__ in modules}
    assert {type(step) for step in STEPS} == ours


def test_every_step_alone_and_twice(twins: Twins) -> None:
    for step in STEPS:
        twins.start()
        twins.run([step, step])
        twins.run([OPEN, step, step])


@pytest.mark.slow
def test_every_pair_of_steps_after_two_deductions(twins: Twins) -> None:
    for first in STEPS:
        for second in STEPS:
            twins.start()
            twins.run([OPEN, kv.Deduct(DUE), kv.Deduct(LATER), first, second])


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES or 150,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=5, max_size=40))
def test_any_sequence_of_steps(twins: Twins, steps: list[Step[Any]]) -> None:
    twins.start()
    twins.run([OPEN, *steps])


LIES: dict[str, tuple[Command, list[Step[Any]]]] = {
    "DECRBY": (redis_commands.incrby, [OPEN, kv.Deduct(LATER)]),
    "ZADD": (lambda *_: 1, [OPEN, kv.Deduct(LATER), kv.OpenHolds(10)]),
    "HEXISTS": (lambda *_: 0, [OPEN, kv.Adjust("k", A, 2), kv.Adjust("k", A, 2)]),
    "HMGET": (lambda *_: (False, False), [OPEN, kv.Deduct(LATER), kv.Deduct(LATER)]),
}


@pytest.mark.parametrize("command", LIES)
def test_a_command_that_lies_is_caught(
    twins: Twins, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lie, steps = LIES[command]
    twins.start()
    twins.run(steps)
    monkeypatch.setitem(redis_commands.COMMANDS, command, lie)
    twins.start()
    with pytest.raises(AssertionError):
        twins.run(steps)


@pytest.mark.slow
def test_a_lease_ends_by_itself(twins: Twins) -> None:
    twins.start()
    lease = kv.SetIfAbsent("lock:b", "1.1", 20)
    assert twins._session.perform(lease)
    asked = 0
    while not twins._session.perform(lease):  # bounded by the test's time limit
        asked += 1
    assert asked, "a lease that is over at once is none"
    model = KvModel()
    assert model.perform(0, lease) == Done(True)
    model.advance(19)
    assert model.perform(0, lease) == Done(False)
    model.advance(20)
    assert model.perform(0, lease) == Done(True)
