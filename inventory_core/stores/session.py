"""What a driver talks to: a session performs steps on the stores of one stack.

A session belongs to one plan at a time and to one thread. It is made of the parts of its stores,
each of which says which steps it performs; a step that no part performs is a bug of the pairing,
which `Needs` should have refused before.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, Self, runtime_checkable

from inventory_core.steps import clock
from inventory_core.steps.step import Step

Handler = Callable[[Any], Any]
"""Performs one kind of step."""


class Part(Protocol):
    """The connection to one store."""

    @property
    def handlers(self) -> Mapping[type[Step[Any]], Handler]:
        """How this store performs each kind of step that it knows."""

    def reset(self) -> None:
        """Make the connection fit for the next plan: reconnect if lost, roll back if left open."""

    def close(self) -> None:
        """Hang up."""


@runtime_checkable
class Severable(Protocol):
    """A part whose connection says goodbye when it is closed, and so can also be cut."""

    def cut(self) -> None:
        """Break the connection without a goodbye, as the death of its client does."""


class ClockPart:
    """Time, dice and ids for real, from a seeded generator where it matters."""

    def __init__(self, seed: int | str = 0) -> None:
        self._random = random.Random(seed)
        self.handlers: Mapping[type[Step[Any]], Handler] = {
            clock.Now: lambda _: time.monotonic(),
            clock.Sleep: lambda step: time.sleep(step.seconds),
            clock.BackOff: lambda step: time.sleep(self.pause_s(step)),
            clock.Draw: lambda step: self._random.randrange(step.below),
            clock.NewId: lambda _: uuid.uuid4().hex,
        }

    def pause_s(self, step: clock.BackOff) -> float:
        """How long to back off this time."""
        longest: float = min(step.most_s, step.first_s * 2**step.attempt)
        return self._random.random() * longest

    def reset(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


def on_node(node: int) -> Handler:
    """Says that plans run on this node."""
    return lambda step: node % step.below


class Session:
    """Performs steps by their type."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = tuple(parts)
        self._handlers: dict[type[Step[Any]], Handler] = {}
        for part in self._parts:
            self._handlers.update(part.handlers)

    def at_node(self, node: int) -> Self:
        """The same session, for plans that run on this node of the shop."""
        self._handlers[clock.Node] = on_node(node)
        return self

    def perform(self, step: Step[Any]) -> Any:
        """Carry out a step and answer, or raise a `StepError`."""
        handler = self._handlers.get(type(step))
        if handler is None:
            handler = self._handlers[type(step)] = self._inherited(type(step))
        return handler(step)

    def _inherited(self, kind: type[Step[Any]]) -> Handler:
        for base in kind.__mro__:
            if base in self._handlers:
                return self._handlers[base]
        raise AssertionError(f"no store of this session performs {kind.__name__}")

    def reset(self) -> None:
        """Make every part fit for the next plan (after a lost reply or an abandoned plan)."""
        for part in self._parts:
            part.reset()

    def cut(self) -> None:
        """Break every connection without a goodbye; what it left open is the servers' affair."""
        for part in self._parts:
            if isinstance(part, Severable):
                part.cut()
            else:
                part.close()

    def close(self) -> None:
        """Hang up everywhere."""
        for part in self._parts:
            part.close()
