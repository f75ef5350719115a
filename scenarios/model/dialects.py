"""Which server's rules the model of a database follows, and at which level transactions run.

SqlModel(sessions)                                  PostgreSQL
SqlModel(sessions, MARIADB)                         MariaDB, as it comes
SqlModel(sessions, MARIADB.at(Isolation.REPEATABLE_READ))   ... every transaction at that level
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from inventory_core.steps.errors import Conflict, Deadlock, StepError
from inventory_core.steps.sql import Isolation
from scenarios.model.innodb import InnodbStatement
from scenarios.model.statement import Statement

_LEVELS = tuple(Isolation)
"""From the weakest to the strongest."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What tells one server from another, where our steps can tell.

    statement         what a statement may do to rows
    snapshot_at_once  the snapshot is taken by a transaction's first statement, whatever it is;
                      else by its first plain read
    certifies         serializable: transactions that depend on each other in a circle fail
    conflicts         locking a row that was written since the snapshot is a conflict
    ends              the errors that end the transaction; others undo their statement alone
    stays_open        a transaction that an error has ended waits for its ROLLBACK
    least             the level of transactions that ask for less
    """

    name: str
    statement: type[Statement]
    snapshot_at_once: bool
    certifies: bool
    conflicts: bool
    ends: tuple[type[StepError], ...]
    stays_open: bool
    least: Isolation = Isolation.READ_COMMITTED

    def at(self, least: Isolation) -> Dialect:
        """The same server, where every transaction runs at this level or a stronger one."""
        return replace(self, least=least)

    def level(self, asked: Isolation) -> Isolation:
        """The level that a transaction gets."""
        return asked if asked is self.least else max(asked, self.least, key=_LEVELS.index)


POSTGRESQL = Dialect("postgresql", Statement, True, True, True, (StepError,), True)
MARIADB = Dialect("mariadb", InnodbStatement, False, False, False, (Conflict, Deadlock), False)
MARIADB_SNAPSHOT = replace(MARIADB, name="mariadb-snapshot", conflicts=True)
"""With `innodb_snapshot_isolation` on."""

SERVERS = {each.name: each for each in (POSTGRESQL, MARIADB, MARIADB_SNAPSHOT)}
"""By the name that a user says."""


def dialect_named(server: str, least: str) -> Dialect:
    """A server by its name, at a level by its standard name."""
    return SERVERS[server].at(Isolation(least))
