"""What a sourcing strategy is: it says which warehouse ships what. Pure: a question in, pieces out.

The question is made from records by `options.options_for`; the pieces become allocations, which are
taken conditionally, so an answer from stock that has moved meanwhile costs another try, never a
unit promised twice.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Need:
    """A line that has to be shipped. `may_split`: may it come from two warehouses?"""

    line: int
    sku: str
    quantity: int
    may_split: bool = True


@dataclass(frozen=True, slots=True)
class Option:
    """A warehouse that serves the address, and what it could ship there.

    `free` has the units by article that nobody has promised yet, without articles that it may not
    ship there. `promised_ms` is by article: when the buyer would have it.
    """

    warehouse: str
    rank: int  # 1 is nearest
    backup: bool
    parcel_cost_cents: int
    free: Mapping[str, int]
    promised_ms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Question:
    """Which of the options ship the needs?"""

    needs: tuple[Need, ...]
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """So many units of a line from one warehouse: one part of the answer."""

    line: int
    sku: str
    warehouse: str
    quantity: int


@dataclass(frozen=True)
class Sourcing(ABC):
    """One way of choosing warehouses. Deterministic: equal questions, equal answers."""

    @abstractmethod
    def choose(self, question: Question) -> tuple[Piece, ...] | None:
        """Pieces that cover every need exactly, or None if no choice does. Never a part of it."""
