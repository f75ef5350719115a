"""What the source's counters became, change by change, as the source itself has written it down.

A trigger notes a change in the transaction that makes it, and the server knows when that was
committed (`track_commit_timestamp`). So nothing rests on what the pipeline, the window or a shopper
says; and the stream carries the very same times, so that a look can be held against them. A commit
has its time before its log is on disk: what is shown meanwhile counts as stale, by so much too
early.
"""

from __future__ import annotations

from typing import NamedTuple

from inventory_core.stores.sql.address import connect
from scenarios.lagging.demand import article_of
from scenarios.serving.buyers import PLACE

_NOTED = """
    SELECT sku, units, (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint
    FROM witness.change ORDER BY number
"""


class Change(NamedTuple):
    """So many units were left of an article from then on, by the clock on the wall."""

    article: int
    units: int
    at_us: int


class Witness:
    """Watches the cells of a shop's channel, from when it is made until it is closed."""

    def __init__(self, url: str, schema: str) -> None:
        self._connection = connect(url)
        self._cells = f"{schema}.cell"
        for statement in (
            "CREATE SCHEMA witness",
            "CREATE TABLE witness.change (number bigint GENERATED ALWAYS AS IDENTITY,"
            " sku text NOT NULL, units bigint NOT NULL)",
            "CREATE FUNCTION witness.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " INSERT INTO witness.change (sku, units) VALUES (NEW.sku, NEW.sellable);"
            " RETURN NULL; END $$",
            f"CREATE TRIGGER witness AFTER UPDATE ON {self._cells}"
            f" FOR EACH ROW WHEN (NEW.place = '{PLACE}') EXECUTE FUNCTION witness.note()",
        ):
            self._connection.execute(statement.encode())

    def cells(self) -> dict[str, int]:
        """What there is of each article now."""
        asked = f"SELECT sku, sellable FROM {self._cells} WHERE place = %s ORDER BY sku"
        return dict(self._connection.execute(asked.encode(), [PLACE]).fetchall())

    def changes(self) -> list[Change]:
        """Every change until now; those of one article in the order in which they happened."""
        rows = self._connection.execute(_NOTED.encode())
        return [Change(article_of(sku), units, at_us) for sku, units, at_us in rows]

    def close(self) -> None:
        """Leave no trace, and hang up."""
        with self._connection:
            self._connection.execute(b"DROP SCHEMA witness CASCADE")  # the trigger with it
