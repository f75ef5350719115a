"""The nearest warehouse that has it ships it; what it lacks, the next nearest; a backup last."""

from __future__ import annotations

from dataclasses import dataclass

from inventory_core.sourcing.contract import Need, Option, Piece, Question, Sourcing


@dataclass(frozen=True)
class Nearest(Sourcing):
    """Line by line, from the nearest warehouse on."""

    def choose(self, question: Question) -> tuple[Piece, ...] | None:
        """Whole lines first, so that a line that may be split does not take what they need."""
        ranked = sorted(question.options, key=lambda one: (one.backup, one.rank, one.warehouse))
        free = {option.warehouse: dict(option.free) for option in ranked}
        pieces: list[Piece] = []
        for need in sorted(question.needs, key=lambda one: (one.may_split, -one.quantity)):
            found = _pieces(need, ranked, free)
            if found is None:
                return None
            pieces.extend(found)
        return tuple(sorted(pieces, key=lambda one: (one.line, one.warehouse)))


def _pieces(
    need: Need, ranked: list[Option], free: dict[str, dict[str, int]]
) -> list[Piece] | None:
    """What the warehouses give for one line; taken off what is free."""
    wanted, pieces = need.quantity, []
    for option in ranked:
        here = free[option.warehouse]
        units = min(wanted, here.get(need.sku, 0))
        if not units or (units < need.quantity and not need.may_split):
            continue
        here[need.sku] -= units
        pieces.append(Piece(need.line, need.sku, option.warehouse, units))
        wanted -= units
        if not wanted:
            return pieces
    return None
