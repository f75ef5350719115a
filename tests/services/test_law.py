"""The law holds after any history of both services, at once and with deaths; leaks break it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory_core.domain import Outcome
from inventory_core.drivers import carry_out
from inventory_core.records import DeductAt
from inventory_core.steps import Step, rows
from inventory_core.steps.engine import OnEngine, on
from inventory_core.steps.errors import Deadlock, StepError
from inventory_core.stores.service import ServiceAddress, ServiceStores
from inventory_core.strategy import registry
from scenarios.model import model_place
from scenarios.model.crowd import together
from tests.engines import ENGINES
from tests.services.histories import PROLOGUE, VERBS, Deed, bursts, complained
from tests.services.mall import Mall, furnish

OPERATIONS_LEAST = 10_000
LIVE_ENGINES = ["conditional_update", "redis_script", "redis_with_task"]
TANGLED = frozenset({"split_rows_probing"})
"""A deed that moves units locks all parts, one that buys locks any: one of them may be the victim
of a deadlock, is told to ask again, and the law holds."""
ANY = list(HealthCheck)
deaths = st.sampled_from([0.0, 0.02])


def model_mall(engine: str, at: DeductAt = DeductAt.ORDER) -> tuple[Any, Mall]:
    """A mall on a fresh model, and the model."""
    place = model_place()
    engines = {engine: registry.make(engine)}
    mall = Mall(engines, place.connect, place.sleep, place.connect())
    mall.do(furnish(engines, at, 5))
    return place, mall


def at_rest(mall: Mall) -> None:
    """Engines recover, and everything that was left is finished."""
    for name, engine in mall.engines.items():
        mall.do(on(name, engine.recover()))
        for daemon in engine.daemons():
            while daemon.name != "sweeper" and mall.do(on(name, daemon.turn())):
                pass
    mall.settle()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_law_holds_after_any_history_on_the_model() -> None:
    counted = 0

    @settings(max_examples=400, deadline=None, suppress_health_check=ANY, print_blob=True)
    @given(
        st.sampled_from(ENGINES), bursts(VERBS), st.integers(0, 2**16), deaths,
        st.sampled_from(DeductAt),
    )  # fmt: skip
    def after(
        engine: str, history: list[list[Deed]], seed: int, death: float, at: DeductAt
    ) -> None:
        nonlocal counted
        place, mall = model_mall(engine, at)
        dice = random.Random(seed)
        for burst in [[deed] for deed in PROLOGUE] + history:
            counted += len(burst)
            plans = [complained(VERBS[deed.verb](mall, deed)) for deed in burst]
            for said in together(place, plans, dice, death):
                victim = engine in TANGLED and isinstance(said, Deadlock)
                assert victim or not isinstance(said, StepError), (burst, said)
            place.sleep(dice.random() * 3)
        at_rest(mall)
        assert mall.do(mall.stock.audit()) == ()

    after()
    assert counted >= OPERATIONS_LEAST


@pytest.fixture(scope="module")
def live(postgresql_url: str, valkey_url: str) -> Iterator[ServiceStores]:
    """Stores of a service on real servers."""
    address = ServiceAddress(
        postgresql_url, "law_of_the_mall", valkey_url, "law_of_the_mall:", tuple(LIVE_ENGINES)
    )
    stores = ServiceStores(address)
    stores.create()
    yield stores
    stores.remove()


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("engine", LIVE_ENGINES)
def test_the_law_holds_after_any_history_live(live: ServiceStores, engine: str) -> None:
    """Each burst at once, beside two sweepers and two who finish what others began."""
    sessions = [live.connect() for _ in range(10)]

    @settings(max_examples=8, deadline=None, suppress_health_check=ANY, print_blob=True)
    @given(bursts(VERBS), st.sampled_from(DeductAt))
    def after(history: list[list[Deed]], at: DeductAt) -> None:
        live.clear()
        engines = {engine: registry.make(engine)}
        mall = Mall(engines, live.connect, _no_time, sessions[0])
        mall.do(furnish(engines, at, 0))
        for burst in [[deed] for deed in PROLOGUE] + history:
            helpers = [mall.flow.sweep(), mall.flow.sweep(), mall.flow.finish()]
            deeds = [complained(VERBS[deed.verb](mall, deed)) for deed in burst]
            _at_once(sessions, [*deeds, *helpers, mall.stock.finish_moves()])
        at_rest(mall)
        assert mall.do(mall.stock.audit()) == ()

    try:
        after()
    finally:
        for session in sessions:
            session.close()


def _no_time(_: float) -> None:
    """Nobody dies here, so nobody has to wait until an intent is stale."""


def _at_once(sessions: Sequence[Any], plans: Sequence[Any]) -> None:
    """Each plan on a session of its own; what a store refuses is left for others to finish."""

    def carried(plan: Any, session: Any) -> None:
        try:
            carry_out(plan, session.perform)
        except StepError:
            session.reset()

    with ThreadPoolExecutor(len(plans)) as pool:
        list(pool.map(carried, plans, sessions[: len(plans)]))


LEAKY = {
    "place": ([], Deed("place", 6, 0, 0)),
    "cancel": ([("place", 6)], Deed("cancel", 6, 0, 0)),
    "expire": ([("place", 6), "later"], Deed("expire", 6, 0, 0)),
    "pay late": ([("place", 6), "later", ("expire", 6)], Deed("pay", 6, 0, 0)),
    "refuse_dispatch": ([], Deed("refuse_dispatch", 3, 0, 1)),
    "ship": ([], Deed("ship", 1, 0, 1)),
    "refund": ([], Deed("refund", 1, 0, 0)),
    "receive": ([], Deed("receive", 0, 0, 3)),
    "adjust_physical": ([], Deed("adjust_physical", 0, 0, 1)),
    "assign": ([], Deed("assign", 0, 0, 0)),
    "withdraw": ([], Deed("withdraw", 0, 0, 0)),
    "transfer": ([], Deed("transfer", 0, 0, 0)),
    "count": ([], Deed("count", 5, 0, 2)),
    "movement": ([], Deed("movement", 5, 0, 2)),
    "send_transfer": ([("plan_transfer", 2)], Deed("send_transfer", 2, 0, 0)),
    "receive_transfer": ([], Deed("receive_transfer", 0, 0, 0)),
    "open_activity": ([("plan_activity", 3)], Deed("open_activity", 3, 0, 0)),
    "close_activity": ([], Deed("close_activity", 0, 0, 0)),
}
"""Every operation that moves units: what comes before it, and the operation."""


@pytest.mark.parametrize("operation", LEAKY)
def test_a_leak_in_any_operation_breaks_the_law(operation: str) -> None:
    """Each write of stock is left out in turn, though the plan is told that it was done."""
    writes = 0
    while _leaks(operation, writes):
        writes += 1
    assert writes >= 1, f"{operation} writes no stock: nothing was planted"


def _leaks(operation: str, number: int) -> bool:
    """Plant a leak at a write, and see it found; False if there are not so many writes."""
    place, mall = model_mall("conditional_update")
    before, deed = LEAKY[operation]
    for done in PROLOGUE:
        mall.do(VERBS[done.verb](mall, done))
    for each in before:
        if isinstance(each, str):
            place.sleep(6.0)
        else:
            mall.do(VERBS[each[0]](mall, Deed(each[0], each[1], 0, 3)))
    leak = Leak(mall.session.perform, number)
    carry_out(VERBS[deed.verb](mall, deed), leak.perform)
    if leak.planted is None:
        assert mall.do(mall.stock.audit()) == (), "the law must hold without a leak"
        return False
    place.sleep(0.1)
    assert mall.do(mall.stock.audit()) != (), f"without {leak.planted} nobody saw a thing"
    return True


class Leak:
    """Performs every step but one write of stock, which it says to have done."""

    def __init__(self, perform: Any, number: int) -> None:
        self._perform = perform
        self._left = number
        self.planted: Step[Any] | None = None

    def perform(self, step: Step[Any]) -> Any:
        """Carry out a step, or pretend to."""
        if self.planted is None and writes_stock(step):
            if self._left == 0:
                self.planted = step
                return _PRETENDED.get(type(getattr(step, "step", step)).__name__, True)
            self._left -= 1
        return self._perform(step)


_PRETENDED = {"GiveBack": None, "WriteCell": None, "Deduct": Outcome.DEDUCTED}
_COUNTERS = {"TakeIfEnough", "GiveBack", "WriteCell"}
_STORED = {"WarehouseStock", "Unassigned", "TransferLine", "Entry"}


def writes_stock(step: Step[Any]) -> bool:
    """Does the step change a number of units, or its journal?"""
    if isinstance(step, OnEngine):
        return type(step.step).__name__ in _COUNTERS
    if isinstance(step, rows.Add):
        return step.kind.__name__ in _STORED
    if isinstance(step, rows.Insert | rows.Put):
        kind = type(step.row).__name__
        empty = kind != "Entry" and isinstance(step, rows.Insert)
        return kind in _STORED and not empty
    return False
