"""The shortest way to a broken promise, with the fewest switches between actors, as moves.

Breadth first finds the shortest ways; among them the one that changes actors least is the easiest
to follow. It is a plain record: it can be printed as a timeline, kept in a file, and replayed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scenarios.proving.explorer import Explored, Explorer
from scenarios.proving.moves import Move
from scenarios.proving.timeline import timeline
from scenarios.proving.trial import Breach, Judge
from scenarios.proving.wording import say_answer, say_book, say_move, say_step
from scenarios.proving.world import World

_Ways = dict[int, list[int]]
_Best = dict[tuple[int, str], tuple[int, tuple[Move, ...]]]
"""By state and last actor: switches, and the moves that lead there."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """How one promise is broken.

    moves      what the actors did, as plain records
    recovery   what recovery did after them; none if the promise is broken before
    books      what the auditor saw at the end
    """

    strategy: str
    case: str
    promise: str
    sentence: str
    moves: tuple[dict[str, Any], ...]
    recovery: tuple[dict[str, Any], ...]
    books: tuple[str, ...]
    timeline: str
    sql: str = "postgresql"  # whose rules the database followed
    isolation: str = "READ COMMITTED"  # of transactions that ask for no stronger level

    @property
    def steps(self) -> tuple[dict[str, Any], ...]:
        """Every move, recovery's too."""
        return (*self.moves, *self.recovery)

    def record(self) -> dict[str, Any]:
        """As plain data, which JSON gives back unchanged."""
        return {
            "strategy": self.strategy,
            "case": self.case,
            "promise": self.promise,
            "sentence": self.sentence,
            "moves": list(self.moves),
            "recovery": list(self.recovery),
            "books": list(self.books),
            "sql": self.sql,
            "isolation": self.isolation,
        }


def counterexample(
    strategy: str, world: World, explored: Explored, breach: Breach
) -> Counterexample:
    """The record of a breach."""
    moves = way_to(world.explorer, explored, breach.at)
    recovered, books = _afterwards(world, explored, breach)
    title = f"{world.case.title}: {breach.promise.value}"
    text = story(title, breach.sentence, [*moves, *recovered], books)
    return Counterexample(
        strategy,
        world.case.title,
        breach.promise.value,
        breach.sentence,
        tuple(as_record(move) for move in moves),
        tuple(as_record(move) for move in recovered),
        books,
        text,
        world.dialect.name,
        world.dialect.least.value,
    )


def _afterwards(
    world: World, explored: Explored, breach: Breach
) -> tuple[list[Move], tuple[str, ...]]:
    """What recovery did, and what the books say then."""
    if breach.ending is None:
        return [], ()
    state = explored.states[breach.at]
    moves: list[Move] = []
    if breach.ending.at >= 0:
        explorer, recovery = world.endings.recovery(*world.left_behind(state))
        moves = way_to(explorer, recovery, breach.ending.at)
    remains = Judge(world).remains(breach.ending.rest)
    return moves, tuple(say_book(book) for book in remains.books)


def story(title: str, sentence: str, moves: Sequence[Move], books: Sequence[str]) -> str:
    """A counterexample as text: what is broken, how it came to that, what the auditor saw."""
    return "\n".join([title, sentence, "", timeline(moves), *books])


def as_record(move: Move) -> dict[str, Any]:
    """A move as plain data: what it looked like, and what tells it from its alternatives."""
    return {
        "actor": move.actor,
        "step": say_step(move.step) if move.step else say_move(move),
        "answer": say_answer(move),
        "fault": move.kind.fault,
        "kind": move.kind.value,
        "choice": move.choice,
        "told": move.told,
    }


def way_to(explorer: Explorer, explored: Explored, to: int) -> list[Move]:
    """The moves of the shortest way with the fewest switches."""
    ways = _shortest_ways(explored, to)
    best: _Best = {(0, ""): (0, ())}
    for _ in range(explored.depth(to)):
        best = _one_further(explorer, explored, ways, best)
    _, moves = min(best.values(), key=lambda found: found[0])
    return list(moves)


def _one_further(explorer: Explorer, explored: Explored, ways: _Ways, best: _Best) -> _Best:
    further: _Best = {}
    for (at, last), (switches, moves) in best.items():
        for move, after in _moves(explorer, explored, at, ways[at]):
            cost, key = switches + (move.actor != last), (after, move.actor)
            if key not in further or cost < further[key][0]:
                further[key] = (cost, (*moves, move))
    return further


def _moves(
    explorer: Explorer, explored: Explored, at: int, following: Sequence[int]
) -> Iterator[tuple[Move, int]]:
    wanted = {explored.states[after]: after for after in following}
    for move, state in explorer.expand(explored.states[at]):
        if state in wanted:
            yield move, wanted[state]


def _shortest_ways(explored: Explored, to: int) -> _Ways:
    """For every state on a shortest way: the states that follow it there."""
    before = _before(explored, explored.depth(to))
    ways: _Ways = {}
    ready, seen = [to], {to}
    while ready:
        after = ready.pop()
        for at in set(before.get(after, ())):
            ways.setdefault(at, []).append(after)
            if at not in seen:
                seen.add(at)
                ready.append(at)
    return ways


def _before(explored: Explored, depth_most: int) -> dict[int, list[int]]:
    """For every state the states that lead to it in one move, one move nearer to the first."""
    depths = [0] * len(explored.states)
    for at in range(1, len(depths)):
        depths[at] = depths[explored.parents[at]] + 1
    before: dict[int, list[int]] = {}
    for at, following in enumerate(explored.next):
        for after in following:
            if depths[after] == depths[at] + 1 <= depth_most:
                before.setdefault(after, []).append(at)
    return before
