"""The auditor of a soak: is the product what the source is, and how did each row come to be so?

It looks at what triggers wrote down, not at what the consumer counted. That an older change came
over a newer one is judged twice, by the place in the log and by the row's own version, which the
pipeline carries and never looks at.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from workbench.cdc_writing import Row

_ROWS = "SELECT table_name, row_key, units FROM source_row WHERE NOT gone"
_TWICE = """
    SELECT coalesce(sum(times - 1), 0) FROM (
        SELECT count(*) AS times FROM applied
        GROUP BY source, table_name, row_key, epoch, log, part)
"""
_BACKWARDS = """
    SELECT count(*) FROM (
        SELECT epoch, log, part, version, gone,
            lag(epoch) OVER before AS e, lag(log) OVER before AS l, lag(part) OVER before AS p,
            lag(version) OVER before AS v, lag(gone) OVER before AS g
        FROM applied
        WINDOW before AS (PARTITION BY source, table_name, row_key ORDER BY number))
    WHERE {}
"""
_BY_POSITION = _BACKWARDS.format("(epoch, log, part) < (e, l, p)")
_BY_VERSION = _BACKWARDS.format("epoch = e AND NOT gone AND NOT g AND version <= v")
_WRONG_TOTALS = """
    SELECT count(*) FROM product_stock s LEFT JOIN (
        SELECT sku, place, sum(units) AS units FROM source_row WHERE NOT gone GROUP BY sku, place
    ) r USING (sku, place) WHERE s.total <> coalesce(r.units, 0)
"""


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found. All of it must be nought, but the changes that were applied."""

    applied: int
    differing_rows: int
    wrong_totals: int
    applied_twice: int
    older_over_newer: int
    dead_letters: int

    @property
    def holds(self) -> bool:
        """Nothing was lost, repeated or turned back."""
        found = (self.differing_rows, self.wrong_totals, self.applied_twice)
        return not any((*found, self.older_over_newer, self.dead_letters))


def audited(product: Path, source: Iterable[Row]) -> Audit:
    """Audit a product that is at rest."""
    with closing(sqlite3.connect(product)) as connection:

        def count(query: str) -> int:
            return int(connection.execute(query).fetchone()[0])

        return Audit(
            applied=count("SELECT count(*) FROM applied"),
            differing_rows=len(set(connection.execute(_ROWS)) ^ set(source)),
            wrong_totals=count(_WRONG_TOTALS),
            applied_twice=count(_TWICE),
            older_over_newer=count(_BY_POSITION) + count(_BY_VERSION),
            dead_letters=count("SELECT count(*) FROM dead_letter"),
        )


def is_level(product: Path, source: Iterable[Row]) -> bool:
    """Does the product hold the rows of the source, one by one?"""
    with closing(sqlite3.connect(product)) as connection:
        return set(connection.execute(_ROWS)) == set(source)
