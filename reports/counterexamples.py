"""A proof's counterexample as a timeline: one column an actor, one line a move, time downwards.

A move of the explorer is a mapping with the actor who moves, what it asks (a step) and what it was
answered, or what befell it. A record with other keys is shown as it stands: nothing is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.wording import value_of

_WHO = ("actor", "who", "process")
_ASKS = ("step", "move", "does", "event")
_ANSWERS = ("answer", "outcome", "got")
_BEFALLS = ("fault", "crash")


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the timeline."""

    actor: str
    asks: str
    answer: str
    fault: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """A counterexample, ready to be set. Without moves, `text` is what there is to show."""

    strategy: str
    control: bool
    broken: tuple[str, ...]
    actors: tuple[str, ...]
    moves: tuple[Move, ...]
    text: str


def timelines(proofs: Sequence[Mapping[str, Any]]) -> list[Timeline]:
    """The counterexamples of all proofs that have one."""
    return [
        _timeline(proof) for proof in proofs if proof.get("counterexample") or proof.get("timeline")
    ]


def _timeline(proof: Mapping[str, Any]) -> Timeline:
    moves = tuple(_move(step) for step in proof.get("counterexample") or ())
    return Timeline(
        strategy=str(proof.get("strategy", "")),
        control=bool(proof.get("control")),
        broken=tuple(map(str, proof.get("promises_broken") or ())),
        actors=tuple(dict.fromkeys(move.actor for move in moves if move.actor)),
        moves=moves if any(move.actor for move in moves) else (),
        text=str(proof.get("timeline") or ""),
    )


def _move(step: Any) -> Move:
    if not isinstance(step, Mapping):
        actor, colon, said = str(step).partition(": ")
        asks, _, answer = (said if colon else actor).partition(" -> ")
        return Move(actor if colon else "", asks, answer, False)
    known = {*_WHO, *_ASKS, *_ANSWERS, *_BEFALLS}
    rest = "; ".join(
        f"{key} {value_of(value)}"
        for key, value in step.items()
        if key not in known and value not in (None, "")
    )
    fault = _first(step, _BEFALLS)
    asked = "; ".join(filter(None, (_first(step, _ASKS), fault, rest)))
    return Move(_first(step, _WHO), asked, _first(step, _ANSWERS), bool(fault))


def _first(step: Mapping[str, Any], keys: Sequence[str]) -> str:
    found = [step[key] for key in keys if step.get(key) not in (None, "", False)]
    return value_of(found[0]) if found else ""
