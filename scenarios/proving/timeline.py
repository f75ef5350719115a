"""A schedule as a picture: one column an actor, time downwards, what each was told in quotes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from scenarios.proving.moves import Move
from scenarios.proving.wording import say_move

WIDTH_MOST = 46
_MARGIN = "      "


@dataclass(frozen=True, slots=True)
class _Column:
    actor: str
    width: int


def timeline(moves: Sequence[Move]) -> str:
    """The moves, numbered, each in the column of its actor."""
    cells = [(move.actor, _words(move)) for move in moves]
    actors = dict.fromkeys(actor for actor, _ in cells)
    columns = [_column(actor, [text for who, text in cells if who == actor]) for actor in actors]
    lines = [_MARGIN + "  ".join(column.actor.ljust(column.width) for column in columns)]
    for number, (actor, text) in enumerate(cells, 1):
        lines += _row(number, actor, text, columns)
    return "\n".join(line.rstrip() for line in lines)


def _words(move: Move) -> str:
    return f'{say_move(move)}   "{move.told}"' if move.told else say_move(move)


def _column(actor: str, texts: Sequence[str]) -> _Column:
    return _Column(actor, max(len(actor), *(min(len(text), WIDTH_MOST) for text in texts)))


def _row(number: int, actor: str, text: str, columns: Sequence[_Column]) -> Iterator[str]:
    width = next(column.width for column in columns if column.actor == actor)
    for n, part in enumerate(wrap(text, width, subsequent_indent="  ")):
        cells = [(part if column.actor == actor else "").ljust(column.width) for column in columns]
        yield (f"{number:>4}  " if n == 0 else _MARGIN) + "  ".join(cells)
