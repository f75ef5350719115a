"""What the model answers when a session performs a step: a value, an error, "wait", or "one of".

    Done      the step is over; its value goes to the plan
    Failed    the step is over; its error is thrown into the plan
    Blocked   it waits for a lock that somebody else holds
    PARTIAL   one row of several is done: others may run now, or the client may die
    OneOf     a real server decides freely; each answer comes with the state it leads to

After `Blocked` and `PARTIAL` the same session performs the same step again to go on: how far it
came is part of the store's state.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inventory_core.steps.errors import StepError

if TYPE_CHECKING:
    from scenarios.model.store import Store


@dataclass(slots=True, unsafe_hash=True)
class Done:
    """The step is over, with this value. Not frozen: there is one a step, and that would cost."""

    value: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """The step is over, with this error."""

    error: StepError


@dataclass(frozen=True, slots=True)
class Blocked:
    """The step waits for a lock. Performing it again asks again.

    In an unchanged store the second asking changes nothing and is `Blocked` again, unless the
    session waits in a circle: then it is the one that the server picks, and gets `Deadlock`.
    Whoever of the circle is performed first is the victim, so trying each of them in turn shows
    every choice that the server has.
    """

    on: Hashable


class Partial:
    """One row of a statement of many is done: a place to switch or to die. There is only one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "PARTIAL"


PARTIAL = Partial()
"""The one `Partial` there is; compare with `is`."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """What a real server decides freely: each possible answer, with the state it leads to.

    The store that was asked is left as it was before; take one of the branches instead of it.
    """

    branches: tuple[tuple[Certain, Store], ...]


Certain = Done | Failed | Blocked | Partial
"""An answer that leaves nothing open."""

Answer = Certain | OneOf
