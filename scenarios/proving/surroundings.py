"""What is neither store nor actor: faults that may still happen, time that may pass, loose ends.

A client that is gone leaves loose ends. Its transaction keeps its locks until the server notices
(`Gone`), and a request of which it never heard may still be on its way (`Late`). Both are moves of
their own: anything may happen before them.

Which requests can be late? One to the key-value store, one statement that commits by itself, and
COMMIT. Any other statement of a transaction can only take locks that are freed when the server
notices; that is what losing the reply *after* the step shows already. A late COMMIT and the
server's noticing exclude each other: whichever comes first settles the transaction.

A client that dies is one that sends nothing more: its last request arriving late is the same as
its dying later, so that needs no move of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, order=True)
class Gone:
    """A session whose client is gone, which the server has not noticed."""

    session: int


@dataclass(frozen=True, slots=True, order=True)
class Late:
    """A request that is still on its way. `tied`: it dies with its session."""

    session: int
    table: int
    question: int
    tied: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Budgets that are left, and loose ends."""

    faults: int
    time_moves: int
    gone: tuple[Gone, ...] = ()
    late: tuple[Late, ...] = ()

    @property
    def restless(self) -> bool:
        """May anything happen without an actor?"""
        return bool(self.gone or self.late or self.time_moves)

    @property
    def settled(self) -> bool:
        """Are there no loose ends?"""
        return not (self.gone or self.late)

    def noticed(self, gone: Gone) -> Surroundings:
        """The server has rolled the session back; what was tied to it will not arrive."""
        late = tuple(each for each in self.late if not (each.tied and each.session == gone.session))
        left = tuple(each for each in self.gone if each != gone)
        return replace(self, gone=left, late=late)

    def arrived(self, late: Late) -> Surroundings:
        """A late request is over."""
        gone = tuple(each for each in self.gone if not (late.tied and each.session == late.session))
        left = tuple(each for each in self.late if each != late)
        return replace(self, gone=gone, late=left)

    def time_passed(self) -> Surroundings:
        """The clock has jumped once."""
        return replace(self, time_moves=self.time_moves - 1)


@dataclass(frozen=True, slots=True)
class Mishap:
    """What a fault does to the surroundings: it is used up, and leaves loose ends."""

    gone: Gone | None = None
    late: Late | None = None

    def befalls(self, before: Surroundings) -> Surroundings:
        """The surroundings after it."""
        gone = before.gone if self.gone is None else tuple(sorted((*before.gone, self.gone)))
        late = before.late if self.late is None else tuple(sorted((*before.late, self.late)))
        return replace(before, faults=before.faults - 1, gone=gone, late=late)


class AllSurroundings:
    """Surroundings as small numbers, and what becomes of them, remembered."""

    def __init__(self) -> None:
        self.all: list[Surroundings] = []
        self._numbers: dict[Surroundings, int] = {}
        self._mishaps: dict[Mishap, int] = {}
        self._befell: list[Mishap] = []
        self._after: dict[tuple[int, int | Gone | Late | None], int] = {}

    def number(self, surroundings: Surroundings) -> int:
        """The number of these surroundings."""
        known = self._numbers.get(surroundings)
        if known is None:
            known = self._numbers[surroundings] = len(self.all)
            self.all.append(surroundings)
        return known

    def mishap(self, mishap: Mishap) -> int:
        """The number of a mishap."""
        known = self._mishaps.get(mishap)
        if known is None:
            known = self._mishaps[mishap] = len(self._befell)
            self._befell.append(mishap)
        return known

    def after(self, surroundings: int, mishap: int) -> int:
        """The number of the surroundings after a mishap."""
        key = (surroundings, mishap)
        known = self._after.get(key)
        if known is None:
            after = self._befell[mishap].befalls(self.all[surroundings])
            known = self._after[key] = self.number(after)
        return known

    def noticed(self, surroundings: int, gone: Gone) -> int:
        """The number of the surroundings after the server has noticed."""
        key = (surroundings, gone)
        if key not in self._after:
            self._after[key] = self.number(self.all[surroundings].noticed(gone))
        return self._after[key]

    def arrived(self, surroundings: int, late: Late) -> int:
        """The number of the surroundings after a late request is over."""
        key = (surroundings, late)
        if key not in self._after:
            self._after[key] = self.number(self.all[surroundings].arrived(late))
        return self._after[key]

    def time_passed(self, surroundings: int) -> int:
        """The number of the surroundings after the clock has jumped."""
        key = (surroundings, None)
        if key not in self._after:
            self._after[key] = self.number(self.all[surroundings].time_passed())
        return self._after[key]
