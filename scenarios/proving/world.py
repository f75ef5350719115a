"""A case set up for one strategy: stores in which everything given has happened, and the actors."""

from __future__ import annotations

from typing import Any

from inventory_core.domain import Limits
from inventory_core.drivers import carry_out
from inventory_core.steps import clock
from inventory_core.steps.step import Step
from inventory_core.strategy import Fault, Strategy
from scenarios.model.answers import PARTIAL, Done, Failed
from scenarios.model.dialects import POSTGRESQL, Dialect
from scenarios.model.kv import KvModel
from scenarios.model.sql import SqlModel
from scenarios.model.store import Store
from scenarios.proving.case import Case
from scenarios.proving.clients import KV, RIDERS, SQL, Client
from scenarios.proving.collapse import Collapsed
from scenarios.proving.endings import Endings
from scenarios.proving.explorer import SURROUNDINGS, Explorer, State
from scenarios.proving.judging.specification import Shop, carry_out_alone, expire
from scenarios.proving.operations import Verb
from scenarios.proving.surroundings import Surroundings

LIMITS = Limits(
    tries=2, lock_tries=2, batch=2, few=1, quota=2, nodes=2, parts=2, units=2, group=2, lanes=1
)
"""Small, so that every way of running out of tries is among the schedules."""

Stores = tuple[Store, Store]


class World:
    """What an exploration starts from.

    shop     the case by the specification, when the actors start
    tables   the stores, collapsed; number 0 is the state when the actors start
    """

    def __init__(self, strategy: Strategy, case: Case, dialect: Dialect = POSTGRESQL) -> None:
        survives = strategy.promises.survives
        dies, lost = Fault.CLIENT_DIES in survives, Fault.REPLY_LOST in survives
        self.case = case
        self.dialect = dialect
        self.faults = case.faults if dies or lost else 0
        stores = (SqlModel(len(case.actors) * (self.faults + 1), dialect), KvModel())
        self.shop = _given_shop(case)
        now_ms = give(strategy, case, stores)
        self.tables = (Collapsed(stores[SQL], now_ms), Collapsed(stores[KV], now_ms))
        clients = [
            Client(strategy, actor, n, len(case.actors), retries=self.faults)
            for n, actor in enumerate(case.actors)
        ]
        self.explorer = Explorer(self.tables, clients, dies, lost)
        self.endings = Endings(strategy, self.tables, self.faults, dies, lost)

    @property
    def first(self) -> State:
        """The state before anybody moves."""
        around = Surroundings(self.faults, self.case.time_moves)
        return self.explorer.first(around, self.case.aged)

    def left_behind(self, state: State) -> tuple[tuple[int, int], int]:
        """What the actors leave to recovery: the stores, and the faults that may still happen."""
        around = self.explorer.surroundings.all[state[SURROUNDINGS]]
        return (state[SQL], state[KV]), around.faults

    @property
    def recovers(self) -> bool:
        """Does recovery run beside the actors?"""
        scripts = (actor.script for actor in self.case.actors)
        return any(each.verb is Verb.RECOVER for script in scripts for each in script)


def _given_shop(case: Case) -> Shop:
    shop = Shop(tuple((opening.cell, opening.quantity) for opening in case.openings))
    for operation in case.given:
        _, shop = carry_out_alone(shop, operation)
    for number in [number for number, _ in shop.holds] if case.aged else []:
        _, shop = expire(shop, number, due=True)
    return shop


def give(strategy: Strategy, case: Case, stores: Stores) -> int:
    """Bring the stores into the state that the case starts from; answers their time (ms)."""
    perform = _Alone(stores)
    carry_out(strategy.load(case.openings), perform)
    for operation in case.given:
        carry_out(operation.plan(strategy), perform)
    if not case.aged:
        return 0
    now_ms = max((at for store in stores for at in store.deadlines()), default=0)
    for store in stores:
        store.advance(now_ms)
    carry_out(strategy.sweep(), perform)
    return now_ms


class _Alone:
    """Performs steps on stores that nobody else uses."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._ids = 0

    def __call__(self, step: Step[Any]) -> Any:
        if isinstance(step, RIDERS):
            self._ids += 1
            return f"given {self._ids}" if isinstance(step, clock.NewId) else None
        if isinstance(step, clock.Draw | clock.Now):
            return 0  # of what is given, any throw of the dice will do
        store = next(store for store in self._stores if store.knows(step))
        answer = PARTIAL
        while answer is PARTIAL:  # one row of a statement at a time
            answer = store.perform(0, step)  # type: ignore[assignment]
        if isinstance(answer, Failed):
            raise answer.error
        assert isinstance(answer, Done), f"{step} alone was answered {answer}"
        return answer.value
