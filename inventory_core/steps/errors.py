"""What a store may answer instead of a value. Drivers translate; a plan may catch them.

Definite errors say that the step had no effect. `ConnectionLost` says nothing of the kind: the
step may have happened, may not have, or may happen later.
"""

from __future__ import annotations


class StepError(Exception):
    """Base of what a store may answer. Two of the same kind are equal, so that plans replay."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


class Conflict(StepError):
    """A serialisation failure (SQLSTATE 40001): the transaction must be tried again."""


class Deadlock(StepError):
    """This transaction was chosen as the victim of a deadlock (SQLSTATE 40P01)."""


class LockTimeout(StepError):
    """A lock was not granted in time (SQLSTATE 55P03)."""


class ConstraintBroken(StepError):
    """A check or unique constraint refused the write (SQLSTATE class 23)."""


class StoreFull(StepError):
    """The store has no room left: disk full, or out of memory."""


class ConnectionLost(StepError):
    """The reply never came. Whether the step took effect is unknown."""
