"""What MariaDB's error numbers mean to a plan: one table.

Source: MariaDB's reference of error codes. After any of them a transaction of ours is rolled back
whole, although the server itself undoes only the statement after a 1205.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inventory_core.problems import Problem
from inventory_core.steps.errors import (
    Conflict,
    ConnectionLost,
    ConstraintBroken,
    Deadlock,
    LockTimeout,
    StepError,
    StoreFull,
)

DUPLICATE = 1062
MEANINGS: Mapping[int, type[StepError]] = {
    0: ConnectionLost,  # PyMySQL: the connection is closed
    1020: Conflict,  # the record has changed since last read (innodb_snapshot_isolation)
    1021: StoreFull,  # disk full
    1041: StoreFull,  # out of memory
    1048: ConstraintBroken,  # NOT NULL
    1053: ConnectionLost,  # the server shuts down
    DUPLICATE: ConstraintBroken,
    1114: StoreFull,  # the table is full
    1205: LockTimeout,
    1213: Deadlock,
    1451: ConstraintBroken,  # a child row refers to it
    1452: ConstraintBroken,  # a parent row is missing
    1927: ConnectionLost,  # killed
    2006: ConnectionLost,  # the server has gone away
    2013: ConnectionLost,  # lost during the query
    2014: ConnectionLost,  # a reply was interrupted, so the next would be its rest
    4025: ConstraintBroken,  # CHECK
}

NOT_ALLOWED = {1044, 1142, 1290, 1792}
"""No right to the database, to the table; the server, the transaction is read-only."""


def meaning(error: Any) -> StepError:
    """What a plan is told. A number that is not in the table is a bug of ours."""
    if error.args and error.args[0] in NOT_ALLOWED:
        raise Problem(f"MariaDB does not let us write: {error.args[-1]}; use another user.")
    kind = MEANINGS.get(error.args[0]) if error.args else ConnectionLost
    assert kind is not None, f"MariaDB answered {error.args}"
    return kind(*error.args[-1:])
