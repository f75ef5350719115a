"""What the asynchronous driver talks to: a session performs steps on the stores of one service.

It belongs to one plan at a time and to one event loop. Steps go to the part that performs their
type; what a strategy asks as an engine goes to that engine's own keys, and to the same rows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from inventory_core.steps.engine import OnEngine
from inventory_core.steps.step import Step

AsyncHandler = Callable[[Any], Awaitable[Any]]
"""Performs one kind of step."""


class AsyncPart(Protocol):
    """The connection to one store. It is made unconnected."""

    @property
    def handlers(self) -> Mapping[type[Step[Any]], AsyncHandler]:
        """How this store performs each kind of step that it knows."""

    @property
    def at_rest(self) -> bool:
        """Is it fit for the next plan as it is?"""

    async def reset(self) -> None:
        """Make it fit: connect if there is no connection, roll back if something is open."""

    def close(self) -> None:
        """Hang up."""


class AsyncSession:
    """Performs steps by their type; those of an engine on the engine's own parts first."""

    def __init__(
        self,
        parts: Sequence[AsyncPart],
        engines: Mapping[str, Sequence[AsyncPart]] | None = None,
    ) -> None:
        own = engines or {}
        self._parts = (*parts, *(part for each in own.values() for part in each))
        self._shared = _table(parts)
        self._engines = {name: {**self._shared, **_table(each)} for name, each in own.items()}
        self._handlers = {**self._shared, OnEngine: self._on_engine}

    def perform(self, step: Step[Any]) -> Awaitable[Any]:
        """Carry out a step and answer, or raise a `StepError`."""
        return _handler(self._handlers, type(step))(step)

    def _on_engine(self, step: OnEngine) -> Awaitable[Any]:
        handlers = self._engines.get(step.engine, self._shared)
        return _handler(handlers, type(step.step))(step.step)

    @property
    def at_rest(self) -> bool:
        """Is every part fit for the next plan, with nothing open and no reply outstanding?"""
        return all(part.at_rest for part in self._parts)

    async def reset(self) -> None:
        """Make every part fit for the next plan; `ConnectionLost` if a server is not there."""
        for part in self._parts:
            if not part.at_rest:
                await part.reset()

    async def close(self) -> None:
        """Hang up everywhere; a plan that is under way has lost its connection."""
        for part in self._parts:
            part.close()


def _table(parts: Sequence[AsyncPart]) -> dict[type[Step[Any]], AsyncHandler]:
    return {kind: handler for part in parts for kind, handler in part.handlers.items()}


def _handler(table: dict[type[Step[Any]], AsyncHandler], kind: type[Step[Any]]) -> AsyncHandler:
    """The handler of a kind of step, or of what it is a kind of; remembered."""
    found = table.get(kind)
    if found is None:
        base = next((base for base in kind.__mro__ if base in table), None)
        assert base is not None, f"no store of this session performs {kind.__name__}"
        found = table[kind] = table[base]
    return found
