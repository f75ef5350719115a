"""Every answer to a small question, tried one by one: the oracle of the sourcing strategies."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import strategies as st

from inventory_core.sourcing import Need, Option, Piece, Question

DAY_MS = 86_400_000
SKUS = ("tea", "cup")


def questions() -> st.SearchStrategy[Question]:
    """At most three lines of two articles, and three warehouses."""
    needs = st.lists(
        st.tuples(st.sampled_from(SKUS), st.integers(1, 3), st.booleans()), min_size=1, max_size=3
    )
    option = st.tuples(
        st.integers(1, 2),
        st.booleans(),
        st.integers(0, 4),
        st.fixed_dictionaries({}, optional=dict.fromkeys(SKUS, st.integers(0, 4))),
        st.fixed_dictionaries(dict.fromkeys(SKUS, st.integers(1, 3))),
    )
    return st.builds(_question, needs, st.lists(option, max_size=3))


def _question(needs: list, options: list) -> Question:
    return Question(
        tuple(Need(line, *need) for line, need in enumerate(needs, 1)),
        tuple(
            Option(f"w{n}", rank, backup, cents, free, {s: d * DAY_MS for s, d in days.items()})
            for n, (rank, backup, cents, free, days) in enumerate(options)
        ),
    )


def answers(question: Question, *, backups: bool) -> Iterator[tuple[Piece, ...]]:
    """Every way to cover the needs."""
    options = [one for one in question.options if backups or not one.backup]
    ways = [list(_ways(need, options)) for need in question.needs]
    for chosen in product(*ways):
        pieces = tuple(piece for way in chosen for piece in way)
        if fits(question, pieces):
            yield pieces


def _ways(need: Need, options: list[Option]) -> Iterator[tuple[Piece, ...]]:
    for units in product(range(need.quantity + 1), repeat=len(options)):
        used = sum(1 for unit in units if unit)
        if sum(units) == need.quantity and (need.may_split or used == 1):
            yield tuple(
                Piece(need.line, need.sku, option.warehouse, unit)
                for option, unit in zip(options, units, strict=True)
                if unit
            )


def fits(question: Question, pieces: tuple[Piece, ...]) -> bool:
    """Does no warehouse give more than it has?"""
    left = {(o.warehouse, sku): units for o in question.options for sku, units in o.free.items()}
    for piece in pieces:
        at = (piece.warehouse, piece.sku)
        left[at] = left.get(at, 0) - piece.quantity
    return all(units >= 0 for units in left.values())


def best(question: Question, price) -> int | tuple | None:
    """The least price of all answers: without backups if there is one, else with them."""
    for backups in (False, True):
        prices = [price(question, pieces) for pieces in answers(question, backups=backups)]
        if prices:
            return min(prices)
    return None


def parcels(question: Question, pieces: tuple[Piece, ...]) -> int:
    return len({piece.warehouse for piece in pieces})


def cents(question: Question, pieces: tuple[Piece, ...]) -> int:
    used = {piece.warehouse for piece in pieces}
    return sum(one.parcel_cost_cents for one in question.options if one.warehouse in used)


def latest_ms(question: Question, pieces: tuple[Piece, ...]) -> int:
    promised = {one.warehouse: one.promised_ms for one in question.options}
    return max(promised[piece.warehouse][piece.sku] for piece in pieces)
