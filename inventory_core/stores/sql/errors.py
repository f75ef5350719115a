"""What PostgreSQL's error codes mean to a plan: one table.

Source: PostgreSQL manual, appendix "PostgreSQL Error Codes".
"""

from __future__ import annotations

from collections.abc import Mapping

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

MEANINGS: Mapping[str, type[StepError]] = {
    "40001": Conflict,  # serialization_failure
    "40P01": Deadlock,  # deadlock_detected
    "55P03": LockTimeout,  # lock_not_available
    "53100": StoreFull,  # disk_full
    "53200": StoreFull,  # out_of_memory
    "22012": ConstraintBroken,  # division_by_zero: how a statement of ours says "too little"
    "23": ConstraintBroken,  # a unique key, a check, NOT NULL ...
    "08": ConnectionLost,  # the connection itself
    "57P01": ConnectionLost,  # admin_shutdown
    "57P02": ConnectionLost,  # crash_shutdown
    "57P03": ConnectionLost,  # cannot_connect_now
    "57P05": ConnectionLost,  # idle_session_timeout
    "25P03": ConnectionLost,  # idle_in_transaction_session_timeout
    "25P04": ConnectionLost,  # transaction_timeout
}
"""Codes of five characters, or classes of two."""

NOT_ALLOWED = {"42501", "25006"}
"""insufficient_privilege, read_only_sql_transaction: for the owner of the server to mend."""


def meaning(sqlstate: str, message: str) -> StepError:
    """What a plan is told. A code that is not in the table is a bug of ours, or of the pairing."""
    if sqlstate in NOT_ALLOWED:
        raise Problem(f"PostgreSQL does not let us write: {message.strip()}; use another role.")
    kind = MEANINGS.get(sqlstate) or MEANINGS.get(sqlstate[:2])
    assert kind is not None, f"PostgreSQL answered {sqlstate}: {message.strip()}"
    return kind(message.strip())
