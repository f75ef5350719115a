"""Step through a counterexample that was kept in a file, and see the same promise broken again.

The file is what `prove --json` printed, one of its rows, or the record of one counterexample.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from inventory_core.strategy.registry import make
from scenarios.model.dialects import dialect_named
from scenarios.proving.cases import CASES
from scenarios.proving.clients import KV, SQL
from scenarios.proving.counterexample import as_record, story
from scenarios.proving.endings import Rest
from scenarios.proving.explorer import TESTIMONY, Explorer, State
from scenarios.proving.moves import Move
from scenarios.proving.surroundings import Surroundings
from scenarios.proving.trial import Judge, endings
from scenarios.proving.wording import say_book
from scenarios.proving.world import LIMITS, World

Record = Mapping[str, Any]


def replay(file: Path) -> str:
    """Every counterexample of a file, gone through once more; answers what was seen.

    Raises `ValueError` if the file holds none, or if one does not come out as it says.
    """
    content = json.loads(file.read_text("utf-8"))
    records = list(_records(content))
    if not records:
        raise ValueError("it holds no counterexample")
    return "\n\n".join(replay_record(record) for record in records)


def _records(content: Any) -> Iterator[Record]:
    if not isinstance(content, Mapping):
        raise ValueError("it is not a JSON object")
    if "moves" in content:
        yield content
    elif "rows" in content:
        for row in content["rows"]:
            yield from _records(row)
    elif content.get("counterexample_of"):
        yield content["counterexample_of"]


def replay_record(record: Record) -> str:
    """Go through one counterexample; answers its timeline and what is broken at its end."""
    if record["case"] not in CASES:
        raise ValueError(f"there is no case {record['case']!r} (any more)")
    dialect = dialect_named(
        record.get("sql", "postgresql"), record.get("isolation", "READ COMMITTED")
    )
    world = World(make(record["strategy"], LIMITS), CASES[record["case"]], dialect)
    state, moves = _step_through(world.explorer, world.first, record["moves"])
    broken, recovered, books = _judged(world, state, record)
    if broken != record["sentence"]:
        seen = broken or "nothing"
        raise ValueError(f"the last move should break {record['sentence']!r}, but breaks {seen!r}")
    return story(f"{record['case']}: {record['promise']}", broken, [*moves, *recovered], books)


def _step_through(
    explorer: Explorer, state: State, records: Sequence[Record]
) -> tuple[State, list[Move]]:
    moves = []
    for number, record in enumerate(records, 1):
        possible = explorer.expand(state)
        found = [(move, after) for move, after in possible if as_record(move) == dict(record)]
        if len(found) != 1:
            raise ValueError(f"move {number} is not possible here: {record['step']}")
        move, state = found[0]
        moves.append(move)
    return state, moves


def _judged(world: World, state: State, record: Record) -> tuple[str, list[Move], tuple[str, ...]]:
    """What is broken at the end of the moves, or at once if the record knows no books."""
    judge = Judge(world)
    if not record["books"]:
        return _sentence(judge.now(state[TESTIMONY]), record), [], ()
    rest, moves = _rest(world, state, record["recovery"])
    books = tuple(say_book(book) for book in judge.remains(rest).books)
    return _sentence(judge.end(state[TESTIMONY], rest), record), moves, books


def _rest(world: World, state: State, records: Sequence[Record]) -> tuple[Rest, list[Move]]:
    early = endings(world, state)
    if len(early) == 1 and early[0].at < 0:
        return early[0].rest, []
    stores, faults = world.left_behind(state)
    explorer = world.endings.explorer
    first = explorer.first(Surroundings(faults, 0), stores=stores)
    last, moves = _step_through(explorer, first, records)
    return world.endings.rest((last[SQL], last[KV])), moves


def _sentence(findings: Mapping[Any, str], record: Record) -> str:
    return next(
        (text for promise, text in findings.items() if promise.value == record["promise"]), ""
    )
