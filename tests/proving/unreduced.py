"""The same exploration without any cleverness, to compare with: whole lives, lived again and again.

A life starts from fresh stores and carries out a list of choices with live coroutines. Nothing is
shared between lives: no trie, no numbers, no memory of answers, no copy of a store. A state's key
is all of it: both stores, every answer that every plan was given, what everybody was told.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from inventory_core.domain import Outcome
from inventory_core.drivers.stepwise import Make
from inventory_core.steps import clock, kv, sql
from inventory_core.steps.errors import ConnectionLost, StepError
from inventory_core.strategy import Promise, Strategy
from scenarios.model.answers import PARTIAL, Blocked, Done, Failed, OneOf
from scenarios.model.kv import KvModel
from scenarios.model.sql import SqlModel
from scenarios.proving.case import Actor, Case
from scenarios.proving.judging import Account, Heard, judge_end, judge_now
from scenarios.proving.testimony import Trouble
from scenarios.proving.trial import Judge
from scenarios.proving.world import World, give

GOES, DIES, DIES_UNTOLD, REQUEST, REPLY, LATE = "goes", "dies", "untold", "request", "reply", "late"
FAULTS = (DIES, DIES_UNTOLD, REQUEST, REPLY, LATE)


@dataclass(frozen=True)
class Choice:
    """What happens next: to which actor (or loose end), and which of several answers comes."""

    what: str
    who: int
    branch: int = 0


class Impossible(Exception):
    """There is no such choice now."""


class Person:
    """An actor with a live plan."""

    def __init__(self, strategy: Strategy, actor: Actor, number: int, actors: int) -> None:
        self.strategy, self.actor, self.number, self.actors = strategy, actor, number, actors
        self.operation = self.attempt = self.losses = 0
        self.done = False
        self._start()

    def _start(self) -> None:
        self.answers: list[Any] = []
        self.sent = self.begun = self.transaction = False
        self.begin: sql.Begin | None = None
        self.value: Any = None
        self.error: StepError | None = None
        if self.operation == len(self.actor.script):
            self.done = True
            return
        make: Make = lambda: self.actor.script[self.operation].plan(self.strategy)  # noqa: E731
        self.plan = make()
        self.step: Any = None
        self._resume(None, first=True)
        if self.ended:  # it asks nothing of anybody
            self.next_operation()

    @property
    def session(self) -> int:
        return self.number + self.actors * self.losses

    @property
    def ended(self) -> bool:
        return self.step is None

    def feed(self, answer: Any) -> None:
        """Give the plan an answer, and go on to its next question."""
        self.begun = False
        self._resume(answer)

    def _resume(self, answer: Any, first: bool = False) -> None:
        """Run the plan past the steps that nobody can see."""
        self.begin = None
        try:
            if first:
                self.step = self.plan.send(None)
            else:
                self.answers.append(answer)
                failed = isinstance(answer, StepError)
                self.step = self.plan.throw(answer) if failed else self.plan.send(answer)
            while isinstance(self.step, (clock.NewId, clock.BackOff, clock.Sleep, sql.Begin)):
                answer = None
                if isinstance(self.step, clock.NewId):
                    who = self.actor.name
                    answer = f"{who}, delivery {self.attempt + 1}, id {len(self.answers)}"
                if isinstance(self.step, sql.Begin):
                    self.begin = self.step
                self.answers.append(answer)
                self.step = self.plan.send(answer)
        except StopIteration as end:
            self.step, self.value = None, end.value
        except StepError as error:
            self.step, self.error = None, error

    def leave(self) -> None:
        """The client is gone for good."""
        self.plan.close()
        self.done = True

    def next_operation(self) -> None:
        """The plan is over; begin the next one, or the same one again if the reply was lost."""
        lost = isinstance(self.error, ConnectionLost)
        if lost and self.attempt < 1:
            self.attempt += 1
        else:
            self.operation, self.attempt = self.operation + 1, 0
        self._start()

    def key(self) -> Hashable:
        if self.done:
            return "done"
        typed = tuple((type(answer), answer) for answer in self.answers)
        return (self.operation, self.attempt, self.losses, typed, self.begun)


class Life:
    """One life of a world."""

    def __init__(self, strategy: Strategy, case: Case) -> None:
        self.case, self.faults, self.time_moves = case, case.faults, case.time_moves
        self.sql = SqlModel(sessions=len(case.actors) * (case.faults + 1))
        self.kv = KvModel()
        give(strategy, case, (self.sql, self.kv))
        actors = case.actors
        self.people = [Person(strategy, a, n, len(actors)) for n, a in enumerate(actors)]
        self.gone: list[int] = []
        self.late: list[tuple[int, Any, bool]] = []
        self.told: dict[tuple[int, int, int], list[Any]] = {}
        self.time_passed = case.aged

    def key(self) -> Hashable:
        told = frozenset((slot, before, answer) for slot, (before, answer) in self.told.items())
        loose = (frozenset(self.gone), frozenset(self.late))
        people = tuple(person.key() for person in self.people)
        stores = (self.sql.key(), self.kv.key())
        return (*stores, people, loose, self.faults, self.time_moves, told, self.time_passed)

    @property
    def at_rest(self) -> bool:
        return all(person.done for person in self.people) and not self.gone and not self.late

    def happens(self, choice: Choice) -> int:
        """Let it happen; answers how many branches it has."""
        if choice.what == "noticed":
            return self._noticed(choice.who)
        if choice.what == "arrives":
            return self._arrives(choice.who, choice.branch)
        if choice.what == "time":
            return self._time(choice.branch)
        person = self.people[choice.who]
        if person.done:
            raise Impossible
        if choice.what in FAULTS and not self.faults:
            raise Impossible
        return getattr(self, f"_{choice.what}")(person, choice.branch)

    # ------------------------------------------------------------------------- asking the stores

    def _store(self, step: Any) -> Any:
        return self.kv if type(step).__module__ == kv.__name__ else self.sql

    def _ask(self, person: Person, branch: int) -> tuple[Any, int]:
        """Perform the step for good; answers what came, and of how many possibilities."""
        self._send(person)
        return self._perform(person.session, person.begin, person.step, branch)

    def _perform(self, session: int, begin: Any, step: Any, branch: int) -> tuple[Any, int]:
        store = self._store(step)
        if begin is not None:
            self.sql.perform(session, begin)
        before = store.key()
        answer = store.perform(session, step)
        if isinstance(answer, OneOf):
            if branch >= len(answer.branches):
                raise Impossible
            many = len(answer.branches)
            answer, after = answer.branches[branch]
            if store is self.sql:
                self.sql = after
            else:
                self.kv = after
            return answer, many
        if branch or (isinstance(answer, Blocked) and store.key() == before):
            raise Impossible
        return answer, 1

    def _send(self, person: Person) -> None:
        slot = (person.number, person.operation, person.attempt)
        if not person.sent:
            person.sent = True
            if self.case.actors[person.number].script[person.operation].is_told:
                replied = frozenset(s for s, (_, answer) in self.told.items() if answer)
                self.told[slot] = [(replied, self.time_passed), None]

    def _advance(self, person: Person, answer: Any) -> None:
        """The plan gets its answer; whoever is done tells, and goes on."""
        person.feed(answer)
        if person.ended:
            slot = (person.number, person.operation, person.attempt)
            if slot in self.told and not isinstance(person.error, ConnectionLost):
                value = person.value if isinstance(person.value, Outcome) else "silent"
                self.told[slot][1] = "error" if person.error else value
            person.next_operation()

    # ------------------------------------------------------------------------- what may happen

    def _goes(self, person: Person, branch: int) -> int:
        answer, many = self._ask(person, branch)
        if isinstance(answer, Done | Failed):
            self._after(person)
            self._advance(person, answer.value if isinstance(answer, Done) else answer.error)
        else:
            assert answer is PARTIAL or isinstance(answer, Blocked)
            person.transaction = person.transaction or person.begin is not None
            person.begun, person.begin = True, None
        return many

    def _after(self, person: Person) -> None:
        """The step is over at the server."""
        ends = isinstance(person.step, sql.Commit | sql.Rollback)
        person.transaction = not ends and (person.transaction or person.begin is not None)
        person.begun = False

    def _loses(self, person: Person) -> None:
        """The connection is gone, and the server will notice if it holds anything for it."""
        self.faults -= 1
        if person.transaction or person.begun:
            self.gone.append(person.session)

    def _dies(self, person: Person, branch: int) -> int:
        untouched = not person.answers or not person.sent
        if branch or (untouched and not person.begun and person.operation == person.attempt == 0):
            raise Impossible
        self._loses(person)
        person.leave()
        return 1

    def _untold(self, person: Person, branch: int) -> int:
        answer, many = self._ask(person, branch)
        if not isinstance(answer, Done | Failed):
            raise Impossible
        self._after(person)
        person.feed(answer.value if isinstance(answer, Done) else answer.error)
        if not person.ended:
            raise Impossible
        self._loses(person)
        person.leave()
        return many

    def _cut(self, person: Person) -> None:
        person.transaction = person.begun = False
        person.losses += 1
        self._advance(person, ConnectionLost())

    def _request(self, person: Person, branch: int) -> int:
        if branch:
            raise Impossible
        self._send(person)
        self._loses(person)
        self._cut(person)
        return 1

    def _reply(self, person: Person, branch: int) -> int:
        answer, many = self._ask(person, branch)
        if not isinstance(answer, Done | Failed):
            raise Impossible
        self._after(person)
        self._loses(person)
        self._cut(person)
        return many

    def _late(self, person: Person, branch: int) -> int:
        step = person.step
        in_sql = self._store(step) is self.sql
        by_itself = not person.transaction and person.begin is None
        if branch or (in_sql and not by_itself and not isinstance(step, sql.Commit)):
            raise Impossible
        self._send(person)
        tied = in_sql and (person.transaction or person.begun)
        session = person.session
        self._loses(person)
        self.late.append((session, step, tied))
        self._cut(person)
        return 1

    def _noticed(self, which: int) -> int:
        if which >= len(self.gone):
            raise Impossible
        session = self.gone.pop(which)
        self.sql.drop(session)
        self.kv.drop(session)
        self.late = [each for each in self.late if not (each[2] and each[0] == session)]
        return 1

    def _arrives(self, which: int, branch: int) -> int:
        if which >= len(self.late):
            raise Impossible
        session, step, tied = self.late[which]
        answer, many = self._perform(session, None, step, branch)
        if isinstance(answer, Done | Failed):
            del self.late[which]
            if tied:
                self.gone = [each for each in self.gone if each != session]
        return many

    def _time(self, branch: int) -> int:
        due = sorted({*self.sql.deadlines(), *self.kv.deadlines()})
        everybody_done = all(person.done for person in self.people)
        if not self.time_moves or everybody_done or branch >= len(due):
            raise Impossible
        for store in (self.sql, self.kv):
            store.advance(due[branch])
        self.time_moves -= 1
        self.time_passed = True
        return len(due)


def live(strategy: Strategy, case: Case, history: tuple[Choice, ...]) -> tuple[Life, int]:
    """A life from the start; answers it, and how many branches its last choice had."""
    life, many = Life(strategy, case), 1
    for choice in history:
        many = life.happens(choice)
    return life, many


def choices(life: Life) -> Iterator[Choice]:
    """Everything that might happen, possible or not; first branches only."""
    for who, person in enumerate(life.people):
        if not person.done:
            yield Choice(GOES, who)
            yield from (Choice(fault, who) for fault in FAULTS if life.faults)
    yield from (Choice("noticed", which) for which in range(len(life.gone)))
    yield from (Choice("arrives", which) for which in range(len(life.late)))
    if life.time_moves:
        yield Choice("time", 0)


@dataclass
class Unreduced:
    """Every distinct state in the order of its first sight, and the lives that ended."""

    keys: set[Hashable]
    lives: list[tuple[int, Life]]  # moves, and where they led
    ends: list[tuple[int, Life]]

    def end_stores(self) -> set[Hashable]:
        return {(life.sql.key(), life.kv.key()) for _, life in self.ends}


def explore(strategy: Strategy, case: Case) -> Unreduced:
    """All lives, breadth first, until no new state is found."""
    first = Life(strategy, case)
    found = Unreduced({first.key()}, [], [])
    waiting: list[tuple[Choice, ...]] = [()]
    for history in waiting:
        here, _ = live(strategy, case, history)
        found.lives.append((len(history), here))
        went_on = False
        for choice in choices(here):
            for life, one in _branches(strategy, case, history, choice):
                went_on = True
                key = life.key()
                if key not in found.keys:
                    found.keys.add(key)
                    waiting.append((*history, one))
        if not went_on:
            found.ends.append((len(history), here))
    return found


def _branches(
    strategy: Strategy, case: Case, history: tuple[Choice, ...], choice: Choice
) -> Iterator[tuple[Life, Choice]]:
    branch, many = 0, 1
    while branch < many:
        one = Choice(choice.what, choice.who, branch)
        try:
            life, many = live(strategy, case, (*history, one))
        except Impossible:
            return
        yield life, one
        branch += 1


def account_of(life: Life, world: World) -> Account:
    """What the clients of a life saw."""
    slots = world.explorer.slots
    heard = []
    for delivery, (before, answer) in life.told.items():
        actor, operation, _ = delivery
        mask = sum(1 << slots[other] for other in before[0]) | int(before[1])
        script = life.case.actors[actor].script
        said = Trouble(answer) if isinstance(answer, str) else answer
        heard.append(Heard(slots[delivery], script[operation], mask, said))
    heard.sort(key=lambda each: each.slot)
    return Account(world.shop, tuple(heard), life.time_passed, world.recovers)


def breaches(
    strategy: Strategy, case: Case, explored: Unreduced | None = None
) -> dict[Promise, int]:
    """Every broken promise, and the fewest moves that break it."""
    world, found = World(strategy, case), explored or explore(strategy, case)
    judge = Judge(world)
    fewest: dict[Promise, int] = {}
    for moves, life in found.lives:
        for promise in judge_now(account_of(life, world)):
            fewest.setdefault(promise, moves)
    for moves, life in found.ends:
        assert life.at_rest, "a life ended with somebody waiting for ever"
        stores = (world.tables[0].keep(life.sql, 0), world.tables[1].keep(life.kv, 0))
        for ending in world.endings.after(stores, life.faults):
            for promise in judge_end(account_of(life, world), judge.remains(ending.rest)):
                fewest.setdefault(promise, moves)
    return fewest
