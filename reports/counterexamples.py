"""A proof's counterexample, move by move: who moved, what was asked, what came of it.

A proof has the moves (`counterexample`), and around them (`counterexample_of`) the case that was
explored, the promise that was broken, and what is wrong at the end. A move is a record with the
`actor` who moves, the `step` that it asks for, its `answer`, what befell it (`kind`, `fault`), and
what the client was `told` when its operation ended with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from reports.wording import value_of

_BEFALLS: Mapping[str, str] = MappingProxyType(
    {
        "answered": "",
        "halfway": "one row of it is done",
        "waits": "waits for a lock",
        "dies": "the client dies",
        "dies_untold": "done, then the client dies",
        "request_lost": "the request is lost",
        "reply_lost": "done, but the reply is lost",
        "request_late": "the request is on its way for long",
        "noticed": "the server notices that the client is gone, and rolls back",
        "arrives": "arrives late, and is done",
        "time": "time passes",
    }
)


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the timeline. What is empty is not shown."""

    actor: str
    kind: str
    asks: str
    answer: str
    befalls: str
    told: str
    fault: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """A counterexample, ready to be set. Without moves, `text` is what there is to show."""

    strategy: str
    promise: str  # the one that it breaks
    sentence: str  # what is wrong at the end, in words
    case: str
    actors: tuple[str, ...]
    moves: tuple[Move, ...]
    text: str


def timelines(proofs: Sequence[Mapping[str, Any]]) -> list[Timeline]:
    """The counterexamples of all proofs that have one."""
    shown = (_timeline(proof) for proof in proofs)
    return [timeline for timeline in shown if timeline.moves or timeline.text]


def _timeline(proof: Mapping[str, Any]) -> Timeline:
    steps = proof.get("counterexample") or ()
    whole = proof.get("counterexample_of") or {}
    broken = proof.get("promises_broken") or ()
    moves = tuple(_move(step) for step in steps if isinstance(step, Mapping))
    return Timeline(
        strategy=str(proof.get("strategy", "")),
        promise=str(whole.get("promise") or ", ".join(map(str, broken))),
        sentence=str(whole.get("sentence") or ""),
        case=str(whole.get("case") or ""),
        actors=tuple(dict.fromkeys(move.actor for move in moves)),
        moves=moves,
        text=str(whole.get("timeline") or proof.get("timeline") or ""),
    )


def _move(step: Mapping[str, Any]) -> Move:
    kind = str(step.get("kind") or "answered")
    asks, befalls = (_text(step.get("step")), _BEFALLS.get(kind, kind.replace("_", " ")))
    if kind in {"dies", "noticed"}:
        asks = ""  # nothing is asked; the record repeats what befell
    return Move(
        actor=_text(step.get("actor")),
        kind=kind,
        asks=asks,
        answer=_text(step.get("answer")),
        befalls=befalls,
        told=_text(step.get("told")),
        fault=bool(step.get("fault")),
    )


def _text(value: Any) -> str:
    return "" if value is None else value_of(value)
