"""What comes after the actors: recovery, which may be struck as well, then daemons until all rest.

Nobody else is there any more, so an ending depends on the stores and the faults that are left, and
on nothing that anybody was told: it is worked out once for each such pair and remembered.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory_core.drivers.stepwise import Trie
from inventory_core.strategy import Strategy
from scenarios.model.kv import BESIDE_SQL
from scenarios.proving.case import Actor
from scenarios.proving.clients import KV, RIDERS, SQL, Client, Place
from scenarios.proving.collapse import Collapsed, Going, Question
from scenarios.proving.explorer import (
    FIRST_ACTOR,
    SURROUNDINGS,
    Bounds,
    Explored,
    Explorer,
    State,
)
from scenarios.proving.operations import Operation, Verb
from scenarios.proving.surroundings import Surroundings

ROUNDS_MOST = 20
"""Rounds of all daemons after which they are said never to rest."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The stores at the very end.

    trouble  why they do not rest; empty if they do
    broke    a plan broke: it asserted what is not so, or awaited when it was abandoned
    """

    stores: tuple[int, int]
    trouble: str = ""
    broke: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """One way in which a case may end, and where in the exploration of recovery it lies."""

    rest: Rest
    at: int  # the state of recovery's exploration; -1: it never came to recovery


class Endings:
    """Recovers and comes to rest, from any state that the actors may leave behind."""

    def __init__(
        self,
        strategy: Strategy,
        tables: tuple[Collapsed, Collapsed],
        faults: int,
        dies: bool,
        lost: bool,
    ) -> None:
        actor = Actor("recovery", (Operation(Verb.RECOVER),))
        client = Client(strategy, actor, 0, 1, retries=faults, restarts=True)
        self.explorer = Explorer(tables, (client,), dies, lost)
        self._tables = tables
        self._daemons = [Trie(daemon.turn) for daemon in strategy.daemons()]
        self._names = [daemon.name for daemon in strategy.daemons()]
        self._endings: dict[tuple[int, int, int], tuple[Ending, ...]] = {}
        self._rests: dict[tuple[int, int], Rest] = {}

    def after(self, stores: tuple[int, int], faults: int) -> tuple[Ending, ...]:
        """Every ending; the ones without a fault in recovery come first."""
        key = (*stores, faults)
        known = self._endings.get(key)
        if known is None:
            known = self._endings[key] = tuple(self._work_out(stores, faults))
        return known

    def recovery(self, stores: tuple[int, int], faults: int) -> tuple[Explorer, Explored]:
        """The exploration of recovery, for whoever wants to see its moves."""
        first = self.explorer.first(Surroundings(faults, 0), stores=stores)
        return self.explorer, self.explorer.explore(first, Bounds())

    def _work_out(self, stores: tuple[int, int], faults: int) -> list[Ending]:
        _, explored = self.recovery(stores, faults)
        endings: dict[Rest, int] = {}
        for at in explored.ends():
            endings.setdefault(self._rest_of(explored.states[at]), at)
        return [Ending(rest, at) for rest, at in endings.items()]

    def _rest_of(self, state: State) -> Rest:
        stores = (state[SQL], state[KV])
        place: Place = state[FIRST_ACTOR]
        if place.bug:
            return Rest(stores, place.bug, broke=True)
        settled = self.explorer.surroundings.all[state[SURROUNDINGS]].settled
        if place.question is not None or not settled:
            return Rest(stores, "recovery waits for ever")
        return self.rest(stores)

    def rest(self, stores: tuple[int, int]) -> Rest:
        """Let every daemon work until none finds anything to do."""
        known = self._rests.get(stores)
        if known is None:
            known = self._rests[stores] = self._work_until_idle(stores)
        return known

    def _work_until_idle(self, stores: tuple[int, int]) -> Rest:
        for _ in range(ROUNDS_MOST):
            worked = False
            for trie, name in zip(self._daemons, self._names, strict=True):
                stores, did = self._turn(trie, stores)
                if did is None:
                    return Rest(stores, f"the {name} waits for ever")
                worked |= did
            if not worked:
                return Rest(stores)
        return Rest(stores, f"the daemons still find work after {ROUNDS_MOST} rounds")

    def _turn(self, trie: Trie, stores: tuple[int, int]) -> tuple[tuple[int, int], bool | None]:
        """One turn, alone. None: it waits for somebody who is not there, or fails."""
        node, at = trie.root, list(stores)
        while not node.ended:
            step = node.step
            assert step is not None, "a plan that has not ended has a step"
            if isinstance(step, RIDERS):
                node = node.after(None)
                continue
            table = KV if isinstance(step, BESIDE_SQL) else SQL
            replies = self._tables[table].ask(
                at[table], 0, self._question(table, Question(None, step))
            )
            if not replies:
                return (at[0], at[1]), None
            at[table] = replies[0].store  # nobody else is there, so there is nothing to choose
            if replies[0].going is Going.OVER:
                node = node.after(replies[0].answer)
        did = bool(node.value) if node.error is None else None
        return (at[0], at[1]), did

    def _question(self, table: int, question: Question) -> int:
        return self._tables[table].question(question)
