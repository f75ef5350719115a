"""What the pipeline wants of a source: a snapshot, then its log, and a place to acknowledge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from inventory_core.problems import Problem
from inventory_core.stores.sql.address import masked
from inventory_core.sync.cdc.change import Captured, Change
from inventory_core.sync.cdc.rules import Rules


@dataclass(frozen=True, slots=True)
class Retained:
    """What the source keeps for us; `warning` is a sentence if it is too much."""

    retained_bytes: int
    behind_bytes: int
    warning: str = ""


class Capture(Protocol):
    """A connection to a source's log; `SourceLost` from any of its verbs."""

    def snapshot(self) -> Iterator[list[Change]]:
        """Every watched row as of one moment, in batches; `stream` then begins right after it."""

    def stream(self, position: str) -> str:
        """Read the log from there from now on (or from after the snapshot); from where it is."""

    def read(self, most: int, within_s: float) -> Captured:
        """The next changes, at most so many (and the other half of the last one)."""

    def acknowledge(self, through: str) -> None:
        """Everything up to there is published and safe."""

    def stay(self) -> None:
        """Nothing is read just now, but we live."""

    def retained(self) -> Retained | None:
        """What the source keeps for us; None if it keeps nothing."""

    def close(self) -> None:
        """Hang up; what was acknowledged stays so."""


KINDS = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mariadb",
    "mariadb": "mariadb",
}
"""Which kind of source a scheme of URL leads to."""


def kind_of(url: str) -> str:
    """`postgresql` or `mariadb`; `Problem` if it is neither."""
    kind = KINDS.get(url.partition("://")[0])
    if kind is None:
        raise Problem(
            f"{masked(url)} names no source that is known: its URL begins with one of"
            f" {', '.join(f'{scheme}://' for scheme in KINDS)}"
        )
    return kind


def open_capture(url: str, pipeline: str, rules: Rules, warn_bytes: int) -> Capture:
    """A capture of a PostgreSQL or a MariaDB. Its client is imported only now."""
    if kind_of(url) == "mariadb":
        from inventory_core.sync.cdc.mariadb_capture import MariadbCapture

        return MariadbCapture(url, rules)
    from inventory_core.sync.cdc.postgresql_capture import PostgresqlCapture

    return PostgresqlCapture(url, pipeline, rules, warn_bytes)


def retained_by(url: str, pipeline: str, warn_bytes: int) -> Retained | None:
    """What a source keeps for a pipeline, asked from outside, whether its capture runs or not.

    None if it keeps nothing: a binlog is kept for nobody, a slot may not be there yet.
    """
    if kind_of(url) == "mariadb":
        return None
    from inventory_core.sync.cdc.postgresql_capture import retained_from

    return retained_from(url, pipeline, warn_bytes)
