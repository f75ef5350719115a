"""Every code that a plan can do something about has its meaning; any other is a bug."""

import pytest

from inventory_core.steps import (
    Conflict,
    ConnectionLost,
    ConstraintBroken,
    Deadlock,
    LockTimeout,
    StepError,
    StoreFull,
)
from inventory_core.stores.sql.errors import meaning


@pytest.mark.parametrize(
    "sqlstate, kind",
    [
        ("40001", Conflict),
        ("40P01", Deadlock),
        ("55P03", LockTimeout),
        ("23505", ConstraintBroken),
        ("23514", ConstraintBroken),
        ("53100", StoreFull),
        ("53200", StoreFull),
        ("08006", ConnectionLost),
        ("57P01", ConnectionLost),
        ("57P02", ConnectionLost),
        ("57P03", ConnectionLost),
        ("25P03", ConnectionLost),
    ],
)
def test_a_code_of_the_table_is_a_step_error(sqlstate: str, kind: type[StepError]) -> None:
    assert type(meaning(sqlstate, "")) is kind


@pytest.mark.parametrize("sqlstate", ["42P01", "25P02", "22003", "57014", "40003", "XX000"])
def test_any_other_code_is_a_bug_that_quotes_the_server(sqlstate: str) -> None:
    with pytest.raises(AssertionError, match=f"{sqlstate}: the server's words"):
        meaning(sqlstate, "the server's words\n")
