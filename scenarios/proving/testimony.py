"""What the clients can say: which operations were sent, what was answered, and what came first.

This is the memory that checks of history need, and it belongs to the key of an explored state:
two states with equal stores are different if what clients were told differs. Otherwise merging
them would hide, for instance, a false sold-out.

It is kept small. Of the order of things only the *interval order* matters to the checks: of any
two deliveries, had one replied before the other was sent? So each delivery remembers, as a bit
mask, which others had replied when it was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from inventory_core.domain import Outcome


class Trouble(Enum):
    """How an operation may end without an outcome."""

    ERROR = "error"  # a definite error: it had no effect
    SILENT = "silent"  # it ended without anything to tell


Answer = Outcome | Trouble


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of an operation, as its client saw it.

    before   bit mask of the deliveries that had replied when this one was sent
    answer   None while there is none; for ever, if its client died or the reply was lost
    """

    before: int
    answer: Answer | None = None


Testimony = tuple[Delivery | None, ...]
"""By slot, one a delivery that may ever be made; None: not sent (yet)."""

TIME_SLOT = 0
"""The first slot says whether time has passed."""


@dataclass(frozen=True, slots=True)
class Told:
    """What happens to the testimony in one move: something is sent, replied, or time passes."""

    sent: int = -1  # slot
    replied: int = -1  # slot
    answer: Answer | None = None


def after(testimony: Testimony, told: Told) -> Testimony:
    """The testimony after one more event. What is sent and replied in one move comes in order."""
    slots = list(testimony)
    if told.sent >= 0:
        replied = (1 << at for at, each in enumerate(slots) if each and each.answer is not None)
        slots[told.sent] = Delivery(0 if told.sent == TIME_SLOT else sum(replied))
    if told.replied >= 0:
        delivery = slots[told.replied]
        assert delivery is not None, "a reply to what was never sent"
        assert delivery.answer is None, "a second reply to one delivery"
        slots[told.replied] = Delivery(delivery.before, told.answer)
    return tuple(slots)


class Testimonies:
    """Testimonies as small numbers, and what follows them, remembered."""

    def __init__(self, slots: int) -> None:
        self.all: list[Testimony] = []
        self._numbers: dict[Testimony, int] = {}
        self._events: dict[Told, int] = {}
        self._told: list[Told] = []
        self._after: dict[tuple[int, int], int] = {}
        self.number((None,) * slots)

    def number(self, testimony: Testimony) -> int:
        """The number of a testimony; 0 is the empty one."""
        known = self._numbers.get(testimony)
        if known is None:
            known = self._numbers[testimony] = len(self.all)
            self.all.append(testimony)
        return known

    def event(self, told: Told) -> int:
        """The number of an event."""
        known = self._events.get(told)
        if known is None:
            known = self._events[told] = len(self._told)
            self._told.append(told)
        return known

    def after(self, testimony: int, event: int) -> int:
        """The number of the testimony after an event."""
        key = (testimony, event)
        known = self._after.get(key)
        if known is None:
            told = self._told[event]
            known = self._after[key] = self.number(after(self.all[testimony], told))
        return known
