"""The nearest warehouse that has it ships it; what it lacks, the next nearest; a backup last.

Cheap and easy to explain. What breaks it: a basket whose articles lie apart becomes many parcels,
though one warehouse a little further away may have them all.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory_core.sourcing.contract import Piece, Question, Sourcing
from inventory_core.sourcing.covering import cover, turns


@dataclass(frozen=True)
class Nearest(Sourcing):
    """Article by article, from the nearest warehouse on."""

    def choose(self, question: Question) -> tuple[Piece, ...] | None:
        """Whole lines first, so that a line that may be split does not take what they need."""
        for options in turns(question):
            pieces = cover(question.needs, options)
            if pieces is not None:
                return pieces
        return None
