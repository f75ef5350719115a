"""As few parcels as possible; of equally few, the nearest warehouses.

Sets of warehouses are tried by size, nearest first, so the first that covers the basket is the
answer, and exact. Beyond `TRIES_MOST` sets (five parcels from twenty warehouses), furthest ones are
dropped from all of them while the rest still covers: few parcels then, not certainly the fewest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice

from inventory_core.sourcing.contract import Need, Option, Piece, Question, Sourcing
from inventory_core.sourcing.covering import TRIES_MOST, able, cover, turns


@dataclass(frozen=True)
class FewestParcels(Sourcing):
    """The smallest set of warehouses that covers the basket."""

    def choose(self, question: Question) -> tuple[Piece, ...] | None:
        """Backups are asked when the others cannot cover it, however many parcels it takes."""
        for options in turns(question):
            pieces = fewest(question.needs, options)
            if pieces is not None:
                return pieces
        return None


def fewest(needs: Sequence[Need], options: Sequence[Option]) -> tuple[Piece, ...] | None:
    """Pieces from as few of the options as possible; they are ranked, nearest first."""
    useful = able(needs, options)
    if cover(needs, useful) is None:
        return None
    sets = (chosen for size in range(1, len(useful) + 1) for chosen in combinations(useful, size))
    for chosen in islice(sets, TRIES_MOST):
        pieces = cover(needs, chosen, together=True)
        if pieces is not None:
            return pieces
    return cover(needs, without_superfluous(needs, useful), together=True)


def without_superfluous(needs: Sequence[Need], options: Sequence[Option]) -> tuple[Option, ...]:
    """Options that cover the needs, less those, last first, without which they still do."""
    kept = tuple(options)
    for one in reversed(kept):
        rest = tuple(other for other in kept if other is not one)
        if cover(needs, rest) is not None:
            kept = rest
    return kept
