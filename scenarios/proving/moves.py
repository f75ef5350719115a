"""One move of an explored world: who did what, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from inventory_core.steps.step import Step


class Kind(Enum):
    """What may happen next."""

    ANSWERED = "answered"
    HALFWAY = "halfway"
    WAITS = "waits"
    DIES = "dies"
    DIES_UNTOLD = "dies_untold"  # after its last step, before it could tell anybody
    REQUEST_LOST = "request_lost"
    REPLY_LOST = "reply_lost"
    REQUEST_LATE = "request_late"
    NOTICED = "noticed"  # the server notices that a client is gone
    ARRIVES = "arrives"  # a late request does
    TIME = "time"

    @property
    def fault(self) -> str:
        """The fault that it is an instance of, in the vocabulary of faults; empty if none."""
        return _FAULTS.get(self, "")


_FAULTS = {
    Kind.DIES: "client_dies",
    Kind.DIES_UNTOLD: "client_dies",
    Kind.REQUEST_LOST: "reply_lost",
    Kind.REPLY_LOST: "reply_lost",
    Kind.REQUEST_LATE: "reply_lost",
}


@dataclass(frozen=True, slots=True)
class Move:
    """A move. Kind, actor and choice (which of several answers) tell it from its alternatives."""

    kind: Kind
    actor: str
    step: Step[Any] | None = None
    answer: Any = None
    choice: int = 0
    told: str = ""  # what the client could say when its operation ended with this move
