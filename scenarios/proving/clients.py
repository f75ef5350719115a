"""An actor as an automaton: places where it may stand, and what may happen to it at each.

A place is a node in a trie of answers (see the stepwise driver) with what the actor's client knows
besides: which operation of its script, which delivery of it, which connection. A client whose
reply is lost opens another connection and delivers the same operation again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inventory_core.domain import Outcome
from inventory_core.drivers.stepwise import Node, Trie
from inventory_core.steps import clock, mailbox, sql
from inventory_core.steps.errors import ConnectionLost
from inventory_core.steps.step import Step
from inventory_core.strategy import Strategy
from scenarios.model.kv import BESIDE_SQL
from scenarios.proving.case import Actor
from scenarios.proving.collapse import Question
from scenarios.proving.testimony import Answer, Trouble

SQL, KV, NOWHERE = 0, 1, -1
RIDERS = (clock.NewId, clock.Sleep, clock.BackOff)
"""Steps that are no scheduling point: nobody else can tell when they happen."""


class Place:
    """Where an actor stands, about to send `question` to the store `table`.

    Compared by identity. `transaction`: the plan has one open. `begun`: the statement is under
    way. `leads`: others in its process may wait for it. `fresh`: nothing of this delivery has been
    sent. `moves` is the explorer's memory of what may happen here, by the store's state; `struck`
    the same with the faults that may befall.
    """

    __slots__ = (
        "attempt",
        "begun",
        "bug",
        "client",
        "fresh",
        "leads",
        "losses",
        "moves",
        "node",
        "operation",
        "question",
        "struck",
        "table",
        "transaction",
    )

    def __init__(self, client: Client, operation: int, attempt: int, losses: int) -> None:
        self.client = client
        self.operation = operation
        self.attempt = attempt
        self.losses = losses
        self.node: Node | None = None
        self.question: Question | None = None
        self.table = NOWHERE
        self.transaction = False
        self.begun = False
        self.leads = False
        self.fresh = False
        self.bug = ""
        self.moves: dict[int, tuple[Any, ...]] = {}
        self.struck: dict[int, tuple[Any, ...]] = {}

    @property
    def step(self) -> Step[Any] | None:
        """The step that it is about to send."""
        return self.question.step if self.question else None

    @property
    def session(self) -> int:
        """The connection that it uses: another one after every loss."""
        return self.client.number + self.client.actors * self.losses

    @property
    def open(self) -> bool:
        """Has the session anything that the server would undo if the client were gone?"""
        return self.transaction or self.begun or self.leads

    @property
    def transaction_after(self) -> bool:
        """Does the session have a transaction once the question is answered?"""
        asked = self.question
        assert asked is not None, "nothing was asked"
        if isinstance(asked.step, sql.Commit | sql.Rollback):
            return False
        return self.transaction or asked.begin is not None or isinstance(asked.step, sql.Begin)

    @property
    def leads_after(self) -> bool:
        """May others wait for this client once the question is answered?"""
        step = self.step
        if isinstance(step, mailbox.KINDS):
            return isinstance(step, mailbox.Join)
        return self.leads

    @property
    def open_after(self) -> bool:
        """Has the session anything to be undone once the question is answered?"""
        return self.transaction_after or self.leads_after


class Arrival:
    """Where an actor gets by an answer, and what it can tell if an operation ended with it."""

    __slots__ = ("answer", "ended", "place")

    def __init__(self, place: Place, ended: bool = False, answer: Answer | None = None) -> None:
        self.place = place
        self.ended = ended  # the operation is over for its client, told or not
        self.answer = answer


class Client:
    """The automaton of one actor.

    An operation that asks nothing of any store is over before it is sent; nobody hears of it.

    number, actors  its place among all the actors, for the numbers of its sessions
    retries         how often it delivers an operation again whose reply was lost
    restarts        somebody starts it again when it dies (recovery)
    """

    def __init__(
        self,
        strategy: Strategy,
        actor: Actor,
        number: int,
        actors: int,
        retries: int,
        restarts: bool = False,
    ) -> None:
        self.name = actor.name
        self.script = actor.script
        self.number = number
        self.actors = actors
        self.retries = retries
        self.restarts = restarts
        self._tries = [_trie(strategy, operation) for operation in actor.script]
        self._places: dict[tuple[Any, ...], Place] = {}
        self.done = Place(self, len(actor.script), 0, 0)
        self.start = self._begin(0, 0, 0).place

    def slots(self) -> Sequence[tuple[int, int]]:
        """Every delivery that may be heard of: operation, attempt."""
        told = (n for n, operation in enumerate(self.script) if operation.is_told)
        return [(n, attempt) for n in told for attempt in range(self.retries + 1)]

    def after(self, place: Place, answer: Any) -> Arrival:
        """Where it stands after the answer to the question that it sent."""
        assert place.node is not None
        node = place.node.after(answer)
        return self._arrive(place, node, place.transaction_after, place.losses)

    def lost(self, place: Place) -> Arrival:
        """Where it stands when it learns that the connection is lost."""
        assert place.node is not None
        node = place.node.after(ConnectionLost())
        return self._arrive(place, node, False, place.losses + 1)

    def died(self, place: Place) -> Place:
        """Where it stands when it dies: nowhere, or at its start on another connection."""
        if self.restarts and place.attempt < self.retries:
            return self._begin(place.operation, place.attempt + 1, place.losses + 1).place
        return self.done

    def halfway(self, place: Place) -> Place:
        """The same place with its statement under way."""
        assert place.node is not None
        assert place.question is not None
        within = Question(None, place.question.step)
        transaction = place.transaction or place.question.begin is not None
        return self._place(place, place.node, within, transaction, place.losses, begun=True)

    def _begin(self, operation: int, attempt: int, losses: int) -> Arrival:
        if operation == len(self.script):
            return Arrival(self.done)
        place = Place(self, operation, attempt, losses)
        return self._arrive(place, self._tries[operation].root, False, losses, fresh=True)

    def _arrive(
        self, place: Place, node: Node, transaction: bool, losses: int, fresh: bool = False
    ) -> Arrival:
        begin: Step[Any] | None = None
        while not node.ended:
            step = node.step
            assert step is not None
            if isinstance(step, RIDERS):
                node = node.after(self._ride(place, node, step))
            elif isinstance(step, sql.Begin) and _is_sql(node.after(None).step):
                begin, node = step, node.after(None)
            else:
                question = Question(begin, step)
                return Arrival(self._place(place, node, question, transaction, losses, fresh=fresh))
        return self._end(place, node, losses)

    def _ride(self, place: Place, node: Node, step: Step[Any]) -> Any:
        if isinstance(step, clock.NewId):
            return f"{self.name}, delivery {place.attempt + 1}, id {len(node.answers)}"
        return None

    def _end(self, place: Place, node: Node, losses: int) -> Arrival:
        if node.bug:
            return self._broke(place, node)
        if isinstance(node.error, ConnectionLost):
            if place.attempt < self.retries:
                again = self._begin(place.operation, place.attempt + 1, losses)
                return Arrival(again.place, ended=True)
            return Arrival(self._begin(place.operation + 1, 0, losses).place, ended=True)
        next_place = self._begin(place.operation + 1, 0, losses).place
        return Arrival(next_place, ended=True, answer=_told(node))

    def _place(
        self,
        of: Place,
        node: Node,
        question: Question,
        transaction: bool,
        losses: int,
        fresh: bool = False,
        begun: bool = False,
    ) -> Place:
        key = (of.operation, of.attempt, losses, node, begun)
        known = self._places.get(key)
        if known is None:
            known = self._places[key] = Place(self, of.operation, of.attempt, losses)
            known.node, known.question = node, question
            known.table = SQL if _is_sql(question.step) else KV
            known.transaction, known.begun, known.fresh = transaction, begun, fresh
            known.leads = of.leads if begun else not fresh and of.leads_after
        return known

    def _broke(self, place: Place, node: Node) -> Arrival:
        """A plan that broke stands still for ever, and says why."""
        key = (place.operation, place.attempt, place.losses, node, False)
        broken = self._places.get(key)
        if broken is None:
            broken = self._places[key] = Place(self, place.operation, place.attempt, place.losses)
            broken.bug = f"the plan of {self.name} broke: {node.bug}"
        return Arrival(broken, ended=True)


def _trie(strategy: Strategy, operation: Any) -> Trie:
    return Trie(lambda: operation.plan(strategy))


def _is_sql(step: Step[Any] | None) -> bool:
    """Does the database answer it? (Dice and the clock stand beside it.)"""
    return not isinstance(step, BESIDE_SQL)


def _told(node: Node) -> Answer:
    if node.error is not None:
        return Trouble.ERROR
    return node.value if isinstance(node.value, Outcome) else Trouble.SILENT
