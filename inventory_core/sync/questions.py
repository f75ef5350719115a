"""What is asked of a warehouse system, and how its answers are read: questions as steps.

A question is a step, so a plan may await it like any other. It is carried out not by a store but by
a client, in between two stretches of the plan (see `alternating`). Every question may be asked
twice: reading changes nothing, and a shipment is made once by its reference.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import quote

from inventory_core.problems import Problem
from inventory_core.records import MovementKind
from inventory_core.steps.errors import StepError
from inventory_core.steps.step import Step
from inventory_core.sync.reading import Fields

T = TypeVar("T")


class WarehouseTrouble(StepError, Problem):
    """A warehouse system did not do what was asked. A plan may catch it; its text is for users."""


class WarehouseGone(WarehouseTrouble):
    """No answer, whatever was tried. Whether the question took effect is unknown: ask again."""


class WarehouseDisagrees(WarehouseTrouble):
    """It answers, and not what it should: another token, another warehouse, another language."""


class WarehouseRefused(WarehouseTrouble):
    """It will not ship this. Asked again under the same reference, it says the same."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class At:
    """A warehouse in its system: where the system is, and the warehouse's code there."""

    url: str
    code: str

    def path(self, *names: str) -> str:
        """An address below the warehouse's."""
        parts = ("warehouses", self.code, *names)
        return "/".join((self.url.rstrip("/"), *(quote(part, safe="") for part in parts)))


@dataclass(frozen=True, slots=True)
class Request:
    """A question as HTTP says it."""

    method: str
    url: str
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, object] | None = None


class Question(Step[T], ABC, Generic[T]):
    """Something that is asked of a warehouse system. Subclasses are frozen, slotted dataclasses."""

    __slots__ = ()

    @abstractmethod
    def request(self) -> Request:
        """How it is asked."""

    @abstractmethod
    def read(self, answer: Fields) -> T:
        """What the body of a good answer says."""

    def unknown(self, what: str) -> T:
        """What it means that the warehouse does not know the `warehouse`, `article`, ..."""
        raise WarehouseDisagrees(f"knows no such {what}; mend the warehouse's system_url")


@dataclass(frozen=True, slots=True)
class Count:
    """What lay on a shelf, counting every movement of the warehouse up to `through`."""

    sku: str
    quantity: int
    through: int


@dataclass(frozen=True, slots=True)
class CountPage:
    """A page of a full count; `cursor` leads to the next, and is empty on the last."""

    through: int
    counts: tuple[Count, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class AskCounts(Question[CountPage]):
    """A page of a full count. Every page holds as of the movement that the first one fixed."""

    at: At
    cursor: str = ""
    page_size: int = 500

    def request(self) -> Request:
        """How it is asked."""
        query = {"page_size": str(self.page_size)} | (
            {"cursor": self.cursor} if self.cursor else {}
        )
        return Request("GET", self.at.path("counts"), query)

    def read(self, answer: Fields) -> CountPage:
        """What the answer says."""
        counts = tuple(_count(each) for each in answer.several("counts"))
        return CountPage(answer.number("through"), counts, answer.text_or_null("next"))


@dataclass(frozen=True, slots=True)
class AskCount(Question["Count | None"]):
    """What lies on one shelf now; None if the warehouse has no such shelf."""

    at: At
    sku: str

    def request(self) -> Request:
        """How it is asked."""
        return Request("GET", self.at.path("counts", self.sku))

    def read(self, answer: Fields) -> Count | None:
        """What the answer says."""
        return _count(answer)

    def unknown(self, what: str) -> Count | None:
        """That there is no such shelf is an answer, too."""
        if what == "article":
            return None
        return Question.unknown(self, what)


@dataclass(frozen=True, slots=True)
class Moved:
    """A movement as the warehouse tells it."""

    sequence: int
    sku: str
    kind: MovementKind
    delta: int
    reference: str


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Movements in order; `last` is the newest that the warehouse has."""

    last: int
    movements: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class AskMovements(Question[FeedPage]):
    """The movements after a number."""

    at: At
    after: int
    limit: int = 500

    def request(self) -> Request:
        """How it is asked."""
        query = {"after": str(self.after), "limit": str(self.limit)}
        return Request("GET", self.at.path("movements"), query)

    def read(self, answer: Fields) -> FeedPage:
        """What the answer says."""
        movements = tuple(_moved(each) for each in answer.several("movements"))
        return FeedPage(answer.number("last"), movements)


@dataclass(frozen=True, slots=True)
class TellToShip(Question[tuple[Moved, ...]]):
    """Ship this, once under this reference. Raises `WarehouseRefused` if it will not."""

    at: At
    reference: str
    lines: tuple[tuple[str, int], ...]

    def request(self) -> Request:
        """How it is asked."""
        lines = [{"sku": sku, "quantity": quantity} for sku, quantity in self.lines]
        body: dict[str, object] = {"reference": self.reference, "lines": lines}
        return Request("POST", self.at.path("shipments"), body=body)

    def read(self, answer: Fields) -> tuple[Moved, ...]:
        """What the answer says."""
        return tuple(_moved(each) for each in answer.several("movements"))


def _count(answer: Fields) -> Count:
    return Count(answer.text("sku"), answer.number("quantity", 0), answer.number("through", 0))


def _moved(answer: Fields) -> Moved:
    return Moved(
        answer.number("sequence", 1),
        answer.text("sku"),
        MovementKind(answer.one_of("kind", tuple(kind.value for kind in MovementKind))),
        answer.number("delta"),
        answer.text("reference"),
    )
