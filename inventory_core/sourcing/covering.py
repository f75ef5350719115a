"""What every way of sourcing shares: who is asked in turn, and how chosen warehouses cover lines.

Lines meet only where they name the same article: its free units are shared. So a set of warehouses
covers a question if, article by article, it has the units in all, and the lines that may not be
split fit whole into single warehouses. The second is a search, bounded by `TRIES_MOST`: beyond it,
lines of that article count as not coverable. A basket that names one article in a dozen whole lines
could come there, and is refused though a cunning packing might exist; nothing else ever is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from inventory_core.sourcing.contract import Need, Option, Piece, Question

TRIES_MOST = 20_000
"""Placements that one search tries, of whole lines or of sets of warehouses."""

Units = dict[str, int]


def turns(question: Question) -> Iterator[tuple[Option, ...]]:
    """Who may be asked, nearest first: all but the backups, then (if these cannot) everybody."""
    ranked = sorted(question.options, key=lambda one: (one.backup, one.rank, one.warehouse))
    regular = tuple(one for one in ranked if not one.backup)
    yield regular
    if len(regular) < len(ranked):
        yield tuple(ranked)


def cover(
    needs: Sequence[Need], options: Sequence[Option], *, together: bool = False
) -> tuple[Piece, ...] | None:
    """Pieces that cover the needs, from the first options on; None if these have not enough.

    With `together`, a line that fits whole into one of the warehouses is not split.
    """
    pieces: list[Piece] = []
    for sku in dict.fromkeys(need.sku for need in needs):
        mine = [need for need in needs if need.sku == sku]
        found = _cover_article(mine, options, together)
        if found is None:
            return None
        pieces += found
    return tuple(sorted(pieces, key=lambda one: (one.line, one.warehouse)))


def able(needs: Sequence[Need], options: Sequence[Option]) -> tuple[Option, ...]:
    """The options that have something of what is needed."""
    wanted = {need.sku for need in needs}
    return tuple(one for one in options if any(one.free.get(sku, 0) > 0 for sku in wanted))


def parcels(pieces: Collection[Piece]) -> int:
    """How many warehouses ship."""
    return len({piece.warehouse for piece in pieces})


def _cover_article(
    needs: Sequence[Need], options: Sequence[Option], together: bool
) -> list[Piece] | None:
    sku = needs[0].sku
    free = {one.warehouse: max(0, one.free.get(sku, 0)) for one in options}
    if sum(free.values()) < sum(need.quantity for need in needs):
        return None
    whole = sorted((one for one in needs if not one.may_split), key=lambda one: -one.quantity)
    placed = _place_whole(whole, free)
    if placed is None:
        return None
    pieces = [Piece(need.line, sku, at, need.quantity) for need, at in placed]
    for piece in pieces:
        free[piece.warehouse] -= piece.quantity
    for need in needs:
        if need.may_split:
            pieces += _fill(need, free, together)
    return pieces


def _place_whole(needs: Sequence[Need], free: Units) -> list[tuple[Need, str]] | None:
    """A warehouse for every line that may not be split, the nearest that leaves room for all."""
    left, placed, tries = dict(free), list[tuple[Need, str]](), 0

    def place(index: int) -> bool:
        nonlocal tries
        if index == len(needs):
            return True
        need = needs[index]
        for warehouse, units in list(left.items()):
            tries += 1
            if tries > TRIES_MOST:
                return False
            if units < need.quantity:
                continue
            left[warehouse] -= need.quantity
            placed.append((need, warehouse))
            if place(index + 1):
                return True
            placed.pop()
            left[warehouse] += need.quantity
        return False

    return placed if place(0) else None


def _fill(need: Need, free: Units, together: bool) -> list[Piece]:
    """A line that may be split; the caller knows that there is enough."""
    enough = [at for at, units in free.items() if units >= need.quantity] if together else []
    pieces, wanted = [], need.quantity
    for warehouse in enough[:1] or list(free):
        units = min(wanted, free[warehouse])
        if units:
            free[warehouse] -= units
            wanted -= units
            pieces.append(Piece(need.line, need.sku, warehouse, units))
    assert not wanted, f"line {need.line} lacks {wanted} of {need.sku} that were counted before"
    return pieces
