"""What every model of a store can do: perform steps, lose clients, let time pass, be audited."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Protocol, Self

from inventory_core.steps.step import Step
from inventory_core.stores.audit import Book
from scenarios.model.answers import Answer


class Store(Protocol):
    """A store as a state machine. Sessions are numbered from 0; times are ms on its own clock.

    The clock starts at 0 and moves only by `advance`. `perform` changes the store in place.
    """

    @property
    def steps(self) -> frozenset[type[Step[Any]]]:
        """The kinds of step that it performs; any other is a bug of the caller."""

    def knows(self, step: Step[Any]) -> bool:
        """Does it perform this step?"""

    def copy(self) -> Self:
        """A store in the same state that shares nothing that can change. Cheap."""

    def key(self) -> Hashable:
        """The state as a value: equal keys, equal behaviour for ever."""

    def perform(self, session: int, step: Step[Any]) -> Answer:
        """Carry out a step, or as much of it as can be done now.

        After `Blocked` or `PARTIAL` the session owes the same step again (or is dropped): no
        other step of it is taken meanwhile. After `OneOf` this store is unchanged.
        """

    def drop(self, session: int) -> None:
        """The server notices that the client is dead: roll back, free its locks, forget it."""

    def in_transaction(self, session: int) -> bool:
        """Is there anything of this session that `drop` would undo or free?"""

    def deadlines(self) -> tuple[int, ...]:
        """When time alone will change something (leases, expiries, holds): absolute ms, sorted.

        Only those that have not come yet; `advance` to one of them and it has come.
        """

    def advance(self, now_ms: int) -> None:
        """Let time pass until `now_ms`; never backwards."""

    def book(self) -> Book | None:
        """What is committed, for the auditor; None if the store holds nothing."""
