"""The nearest warehouse that has a whole line ships it: no line is ever split.

For sellers whose lines belong together (a set, a pair). What it costs: an order is refused when no
single warehouse has a line whole, though the warehouses together do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from inventory_core.sourcing.contract import Piece, Question, Sourcing
from inventory_core.sourcing.nearest import Nearest


@dataclass(frozen=True)
class NearestWhole(Sourcing):
    """As `nearest`, with every line as one that may not be split."""

    def choose(self, question: Question) -> tuple[Piece, ...] | None:
        """Backups are asked when the others have not every line whole."""
        whole = tuple(replace(need, may_split=False) for need in question.needs)
        return Nearest().choose(replace(question, needs=whole))
