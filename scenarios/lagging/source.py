"""The source of stock, as every world of this scenario has it: units, versions, and what is owed.

A unit is only ever taken if there is one. The planted shop that sells by its window promises it
anyway; then the source owes one, and the next units that come in are owed ones.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """What there is of an article, and the version of that: one more with every change."""

    units: int
    version: int


class Source:
    """The articles of a sale, in memory."""

    def __init__(self, articles: int, quantity: int) -> None:
        self._rows = [Row(quantity, 0)] * articles
        self._owed = [0] * articles

    def row(self, article: int) -> Row:
        """What there is."""
        return self._rows[article]

    def take(self, article: int, *, by_the_copy: bool = False) -> Row | None:
        """Take one, and what is there then; None: refused."""
        units = self._rows[article].units
        if not units and not by_the_copy:
            return None
        self._owed[article] += not units
        return self._became(article, max(units - 1, 0))

    def give(self, article: int, units: int) -> Row:
        """Units come in; what is owed is not for sale."""
        owed = min(self._owed[article], units)
        self._owed[article] -= owed
        return self._became(article, self._rows[article].units + units - owed)

    def _became(self, article: int, units: int) -> Row:
        row = Row(units, self._rows[article].version + 1)
        self._rows[article] = row
        return row
