"""Every schedule and every mishap of a small world, breadth first, with memory of states seen.

A state is a tuple: number of the database's state, of the key-value store's, of the surroundings,
of the testimony, then the place of each actor. What may happen at a place is worked out once for
every state of the store that it asks, and remembered there.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from inventory_core.steps import mailbox
from scenarios.proving.clients import KV, NOWHERE, SQL, Arrival, Client, Place
from scenarios.proving.collapse import Collapsed, Going, Reply
from scenarios.proving.moves import Kind, Move
from scenarios.proving.surroundings import AllSurroundings, Gone, Late, Mishap, Surroundings
from scenarios.proving.testimony import TIME_SLOT, Answer, Testimonies, Told, Trouble

State = tuple[Any, ...]
SURROUNDINGS, TESTIMONY, FIRST_ACTOR = 2, 3, 4
_NOTHING = -1

Next = tuple[Move, int, Place, int, int]
"""A move of an actor: what, the store's state after it, where it stands then, the numbers of what
was told and of the mishap (-1: none)."""


@dataclass(slots=True)
class Explored:
    """A finished exploration. States are numbered in the order of their first sight."""

    states: list[State] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    next: list[list[int]] = field(default_factory=list)
    seconds: float = 0.0
    bounded: bool = False

    def ends(self) -> list[int]:
        """The states after which nothing can happen."""
        return [at for at, following in enumerate(self.next) if not following]

    def depth(self, at: int) -> int:
        """How many moves lead to a state, at least."""
        steps = 0
        while at:
            at, steps = self.parents[at], steps + 1
        return steps


@dataclass(frozen=True, slots=True)
class Bounds:
    """What cuts an exploration short, which is then reported."""

    states: int = 1_000_000
    seconds: float = 120.0


class Explorer:
    """Explores one world: these actors on these stores.

    `client_dies` and `reply_lost` say which faults are tried.
    """

    def __init__(
        self,
        tables: tuple[Collapsed, Collapsed],
        clients: Sequence[Client],
        client_dies: bool = True,
        reply_lost: bool = True,
    ) -> None:
        self.tables = tables
        self.clients = tuple(clients)
        self.client_dies = client_dies
        self.reply_lost = reply_lost
        deliveries = [(c.number, *slot) for c in clients for slot in c.slots()]
        self.slots = {delivery: n for n, delivery in enumerate(deliveries, TIME_SLOT + 1)}
        self.testimonies = Testimonies(len(deliveries) + 1)
        self.surroundings = AllSurroundings()
        sessions = len(clients) * (max(client.retries for client in clients) + 1)
        self._noticed = [Move(Kind.NOTICED, self._whose(session)) for session in range(sessions)]
        self._time_passes = self.testimonies.event(Told(TIME_SLOT, TIME_SLOT, Trouble.SILENT))

    def first(
        self, surroundings: Surroundings, aged: bool = False, stores: tuple[int, int] = (0, 0)
    ) -> State:
        """The state in which all actors stand at their start."""
        testimony = self.testimonies.after(0, self._time_passes) if aged else 0
        places = [client.start for client in self.clients]
        return (*stores, self.surroundings.number(surroundings), testimony, *places)

    def explore(self, first: State, bounds: Bounds) -> Explored:
        """Everything that can be reached from a state."""
        found = Explored([first], [0])
        number = {first: 0}
        states, parents, following = found.states, found.parents, found.next
        collects = gc.isenabled()
        gc.disable()
        started = time.perf_counter()
        try:
            for at, state in enumerate(states):  # it grows while we walk along it
                after = []
                for _, new in self.expand(state):
                    known = number.get(new)
                    if known is None:
                        known = number[new] = len(states)
                        states.append(new)
                        parents.append(at)
                    after.append(known)
                following.append(after)
                if not at & 1023 and self._over(bounds, len(states), started):
                    found.bounded = at + 1 < len(states)
                    break
        finally:
            found.seconds = time.perf_counter() - started
            if collects:
                gc.enable()
        return found

    @staticmethod
    def _over(bounds: Bounds, states: int, started: float) -> bool:
        return states > bounds.states or time.perf_counter() - started > bounds.seconds

    def expand(self, state: State) -> list[tuple[Move, State]]:
        """Every move that is possible in a state, and the states that they lead to."""
        found: list[tuple[Move, State]] = []
        around = self.surroundings.all[state[SURROUNDINGS]]
        tell, befall = self.testimonies.after, self.surroundings.after
        struck = around.faults > 0
        for at in range(FIRST_ACTOR, len(state)):
            place = state[at]
            table = place.table
            if table == NOWHERE:
                continue
            store = state[table]
            known = place.struck if struck else place.moves
            moves = known.get(store)
            if moves is None:
                moves = known[store] = self._work_out(place, store, struck)
            for move, after, there, told, mishap in moves:
                new = list(state)
                new[table] = after
                new[at] = there
                if mishap >= 0:
                    new[SURROUNDINGS] = befall(state[SURROUNDINGS], mishap)
                if told >= 0:
                    new[TESTIMONY] = tell(state[TESTIMONY], told)
                found.append((move, tuple(new)))
        if around.restless:
            self._beside_actors(state, around, found)
        return found

    # -------------------------------------------------------------------- what an actor may do next

    def _ask(self, place: Place, store: int) -> tuple[Reply, ...]:
        assert place.question is not None, "only an actor with a question has a table"
        table = self.tables[place.table]
        return table.ask(store, place.session, table.question(place.question))

    def _work_out(self, place: Place, store: int, struck: bool) -> tuple[Next, ...]:
        replies = self._ask(place, store)
        moves = [self._move(place, reply, n) for n, reply in enumerate(replies)]
        return (*moves, *self._mishaps(place, store)) if struck else tuple(moves)

    def _move(self, place: Place, reply: Reply, choice: int) -> Next:
        client, step = place.client, place.step
        if reply.going is not Going.OVER:
            kind = Kind.WAITS if reply.going is Going.WAITS else Kind.HALFWAY
            move = Move(kind, client.name, step, None, choice)
            return (move, reply.store, client.halfway(place), self._told(place), _NOTHING)
        arrival = client.after(place, reply.answer)
        told = _words(arrival.answer)
        move = Move(Kind.ANSWERED, client.name, step, reply.answer, choice, told)
        return (move, reply.store, arrival.place, self._told(place, arrival), _NOTHING)

    def _told(self, place: Place, arrival: Arrival | None = None) -> int:
        """The event of sending (if it is the delivery's first step) and of replying."""
        slot = self.slots.get((place.client.number, place.operation, place.attempt), _NOTHING)
        sent = slot if place.fresh else _NOTHING
        answer = arrival.answer if arrival else None
        if slot == _NOTHING or (sent == _NOTHING and answer is None):
            return _NOTHING
        return self.testimonies.event(Told(sent, slot if answer else _NOTHING, answer))

    # ---------------------------------------------------------------- what may befall an actor next

    def _mishaps(self, place: Place, store: int) -> list[Next]:
        found: list[Next] = []
        replies = [reply for reply in self._ask(place, store) if reply.going is Going.OVER]
        if self.client_dies:
            found += self._deaths(place, store, replies)
        if self.reply_lost:
            found += self._losses(place, store, replies)
        return found

    def _deaths(self, place: Place, store: int, replies: list[Reply]) -> list[Next]:
        """It dies where it stands, or after its last step. (After another step it stands again.)"""
        client, step = place.client, place.step
        nowhere, found = client.died(place), []
        if place is not client.start:
            move = Move(Kind.DIES, client.name)
            found.append((move, store, nowhere, _NOTHING, self._mishap(place, place.open)))
        for n, reply in enumerate(replies):
            if client.after(place, reply.answer).ended:
                move = Move(Kind.DIES_UNTOLD, client.name, step, reply.answer, n)
                mishap = self._mishap(place, place.open_after)
                found.append((move, reply.store, nowhere, self._told(place), mishap))
        return found

    def _losses(self, place: Place, store: int, replies: list[Reply]) -> list[Next]:
        """The request is lost, or the reply is, or the request is late."""
        client, step = place.client, place.step
        if isinstance(step, mailbox.KINDS):
            return []  # within a process nothing is lost on the way
        arrival = client.lost(place)
        told = self._told(place, arrival)
        there, name = arrival.place, client.name
        words = _words(arrival.answer)
        gone = self._mishap(place, place.open)
        move = Move(Kind.REQUEST_LOST, name, step, told=words)
        found: list[Next] = [(move, store, there, told, gone)]
        for n, reply in enumerate(replies):
            move = Move(Kind.REPLY_LOST, name, step, reply.answer, n, words)
            mishap = self._mishap(place, place.open_after)
            found.append((move, reply.store, there, told, mishap))
        late = self._late(place)
        if late is not None:
            move = Move(Kind.REQUEST_LATE, name, step, told=words)
            found.append((move, store, there, told, self._mishap(place, place.open, late)))
        return found

    def _mishap(self, place: Place, is_open: bool, late: Late | None = None) -> int:
        gone = Gone(place.session) if is_open else None
        return self.surroundings.mishap(Mishap(gone, late))

    def _late(self, place: Place) -> Late | None:
        """The request on its way, if it is of a kind that can be late."""
        asked = place.question
        assert asked is not None, "only an actor with a question has a table"
        commits = type(asked.step).__name__ == "Commit"
        by_itself = not place.transaction and asked.begin is None
        if place.table == SQL and not (commits or by_itself):
            return None
        question = self.tables[place.table].question(asked)
        tied = place.table == SQL and place.open
        return Late(place.session, place.table, question, tied)

    # -------------------------------------------------------- what happens without an actor's doing

    def _beside_actors(
        self, state: State, around: Surroundings, found: list[tuple[Move, State]]
    ) -> None:
        for gone in around.gone:
            new = list(state)
            for table in (SQL, KV):
                new[table] = self.tables[table].drop(state[table], gone.session)
            new[SURROUNDINGS] = self.surroundings.noticed(state[SURROUNDINGS], gone)
            found.append((self._noticed[gone.session], tuple(new)))
        for late in around.late:
            self._arrivals(state, around, late, found)
        if around.time_moves and any(place.table != NOWHERE for place in state[FIRST_ACTOR:]):
            self._jumps(state, around, found)

    def _arrivals(
        self, state: State, around: Surroundings, late: Late, found: list[tuple[Move, State]]
    ) -> None:
        table = self.tables[late.table]
        step = table.step(late.question)
        for n, reply in enumerate(table.ask(state[late.table], late.session, late.question)):
            new = list(state)
            new[late.table] = reply.store
            if reply.going is Going.OVER:
                new[SURROUNDINGS] = self.surroundings.arrived(state[SURROUNDINGS], late)
            name = self._whose(late.session)
            found.append((Move(Kind.ARRIVES, name, step, reply.answer, n), tuple(new)))

    def _jumps(self, state: State, around: Surroundings, found: list[tuple[Move, State]]) -> None:
        due = {at for table in (SQL, KV) for at in self.tables[table].deadlines(state[table])}
        for n, now_ms in enumerate(sorted(due)):
            new = list(state)
            for table in (SQL, KV):
                new[table] = self.tables[table].advance(state[table], now_ms)
            new[SURROUNDINGS] = self.surroundings.time_passed(state[SURROUNDINGS])
            if self.testimonies.all[state[TESTIMONY]][TIME_SLOT] is None:
                new[TESTIMONY] = self.testimonies.after(state[TESTIMONY], self._time_passes)
            found.append((Move(Kind.TIME, "time", None, now_ms, n), tuple(new)))

    def _whose(self, session: int) -> str:
        return self.clients[session % len(self.clients)].name


def _words(answer: Answer | None) -> str:
    """What a client was told, for a move; housekeeping tells nobody anything."""
    return "" if answer is None or answer is Trouble.SILENT else answer.value
