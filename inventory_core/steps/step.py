"""The one idea: awaiting a step hands it to whichever driver holds the plan.

A plan is an ordinary coroutine that awaits nothing but steps. No event loop is needed:
`plan.send(answer)` runs it to its next step. Every `await` is therefore, visibly, the only place
where another buyer may run, where the step may fail, and where the client may die.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T", covariant=True)


class Step(Generic[T]):
    """A question to the world whose answer is a `T`. Subclasses are frozen, slotted dataclasses."""

    __slots__ = ()

    def __await__(self) -> Generator[Step[T], Any, T]:
        return (yield self)  # type: ignore[no-any-return]  # the driver sends back a T


Plan = Coroutine[Step[Any], Any, T]
"""What a driver carries out: a coroutine that yields steps and returns a `T`."""
