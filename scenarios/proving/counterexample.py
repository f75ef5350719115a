"""The shortest way to a broken promise, with the fewest switches between actors, as moves.

Breadth first finds the shortest ways; among them the one that changes actors least is the easiest
to follow. It is printed as a timeline, one column an actor, and can be replayed move by move.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from scenarios.proving.explorer import Explored, Explorer
from scenarios.proving.moves import Kind, Move
from scenarios.proving.wording import WIDTH_MOST, say_answer, say_move, say_step


def shortest_ways(explored: Explored, to: int) -> dict[int, list[int]]:
    """For every state on a shortest way from the first state: the states that follow it there."""
    depth = _depths(explored)
    before: dict[int, list[int]] = {}
    for at, following in enumerate(explored.next):
        for after in following:
            if depth[after] == depth[at] + 1 <= depth[to]:
                before.setdefault(after, []).append(at)
    ways: dict[int, list[int]] = {}
    ready, seen = [to], {to}
    while ready:
        after = ready.pop()
        for at in set(before.get(after, ())):
            ways.setdefault(at, []).append(after)
            if at not in seen:
                seen.add(at)
                ready.append(at)
    return ways


def _depths(explored: Explored) -> list[int]:
    depths = [0] * len(explored.states)
    for at in range(1, len(depths)):
        depths[at] = depths[explored.parents[at]] + 1
    return depths


def way_to(explorer: Explorer, explored: Explored, to: int) -> list[Move]:
    """The moves of the shortest way with the fewest switches."""
    ways = shortest_ways(explored, to)
    best: dict[tuple[int, str], tuple[int, tuple[Move, ...]]] = {(0, ""): (0, ())}
    while (to, "") not in best and not any(at == to for at, _ in best):
        further: dict[tuple[int, str], tuple[int, tuple[Move, ...]]] = {}
        for (at, last), (switches, moves) in best.items():
            for move, after in _moves(explorer, explored, at, ways.get(at, ())):
                cost = switches + (move.actor != last)
                key = (after, move.actor)
                if key not in further or cost < further[key][0]:
                    further[key] = (cost, (*moves, move))
        best = further
    found = min(((cost, moves) for (at, _), (cost, moves) in best.items() if at == to), key=_cost)
    return list(found[1])


def _cost(found: tuple[int, tuple[Move, ...]]) -> int:
    return found[0]


def _moves(
    explorer: Explorer, explored: Explored, at: int, following: Sequence[int]
) -> Iterator[tuple[Move, int]]:
    wanted = {explored.states[after]: after for after in following}
    for move, state in explorer.expand(explored.states[at]):
        if state in wanted:
            yield move, wanted[state]


def as_record(move: Move) -> dict[str, Any]:
    """A move as plain data: what to do to repeat it, and what it looked like."""
    told = {"told": move.told} if move.told else {}
    return {
        "actor": move.actor,
        "step": say_step(move.step) if move.step else say_move(move),
        "answer": say_answer(move),
        "fault": move.kind.fault,
        "kind": move.kind.value,
        "choice": move.choice,
        **told,
    }


@dataclass(frozen=True, slots=True)
class Column:
    """Everything that one actor does."""

    name: str
    width: int


def timeline(moves: Sequence[Move]) -> str:
    """Time goes downwards; every actor has a column."""
    names = list(dict.fromkeys(move.actor for move in moves))
    cells = [(move.actor, _cell(move)) for move in moves]
    columns = [_column(name, [text for who, text in cells if who == name]) for name in names]
    lines = ["      " + "  ".join(column.name.ljust(column.width) for column in columns)]
    for number, (who, text) in enumerate(cells, 1):
        lines += _row(number, who, text, columns)
    return "\n".join(line.rstrip() for line in lines)


def _cell(move: Move) -> str:
    told = f'   "{move.told}"' if move.told else ""
    return say_move(move) + told


def _column(name: str, texts: Sequence[str]) -> Column:
    width = max(len(name), *(min(len(text), WIDTH_MOST) for text in texts))
    return Column(name, width)


def _row(number: int, who: str, text: str, columns: Sequence[Column]) -> Iterator[str]:
    width = next(column.width for column in columns if column.name == who)
    for n, part in enumerate(wrap(text, width, subsequent_indent="  ") or [""]):
        cells = [(part if column.name == who else "").ljust(column.width) for column in columns]
        yield (f"{number:>4}  " if n == 0 else "      ") + "  ".join(cells)


def ending_moves(explorer: Explorer, explored: Explored, to: int) -> list[Move]:
    """What recovery did on its way to an end."""
    return [move for move in way_to(explorer, explored, to) if move.kind is not Kind.TIME]
