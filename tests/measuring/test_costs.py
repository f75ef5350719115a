"""What a success cost: followed from step to step, and read off the servers' own counts."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from scenarios.history import SCHEMAS
from scenarios.measuring.costs import Held, StepRow, costs
from scenarios.verdict import Window

S = 1_000_000_000
WHOLE = Window(0, 10 * S, None)


def rows(*told: tuple[str, int, int], operation: int = 0) -> list[StepRow]:
    return [StepRow(operation, place, *step) for place, step in enumerate(told)]


def held(*told: tuple[str, int, int]) -> Held:
    found = Held()
    found.take_in(rows(*told))
    return found


def test_a_connection_is_held_from_the_first_statement_and_a_row_from_its_reply() -> None:
    found = held(
        ("Begin", 0, 1), ("ClaimOrder", 10, 20), ("TakeIfEnough", 30, 50), ("Commit", 60, 90)
    )
    assert (found.connections, found.locks) == ([80], [40])


def test_a_transaction_that_locks_no_row_holds_a_connection_only() -> None:
    found = held(("Begin", 0, 1), ("ClaimOrder", 10, 20), ("Rollback", 30, 40))
    assert (found.connections, found.locks) == ([30], [])


def test_a_lease_is_held_from_the_try_that_got_it_until_it_is_given_back() -> None:
    found = held(
        ("NewId", 0, 1), ("SetIfAbsent", 1, 5), ("BackOff", 5, 9), ("SetIfAbsent", 9, 12),
        ("Begin", 12, 12), ("ReadCell", 13, 14), ("WriteCell", 15, 20), ("Commit", 21, 30),
        ("DeleteIfEqual", 31, 32),
    )  # fmt: skip
    assert (found.connections, found.locks) == ([17], [20])


def test_who_never_got_the_lease_held_nothing() -> None:
    found = held(("SetIfAbsent", 1, 5), ("BackOff", 5, 9), ("SetIfAbsent", 9, 12))
    assert (found.connections, found.locks) == ([], [])


def attempts(*outcomes: str) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "operation": place, "client": 0, "order_number": f"{place}", "lines": "a@b=1",
                "units": 1, "kind": "deduct", "delivery": 0, "attempt": 0, "intended_ns": 0,
                "sent_ns": S, "replied_ns": S + 5, "outcome": outcome, "observed": None,
                "token": None,
            }
            for place, outcome in enumerate(outcomes)
        ],
        schema=SCHEMAS["attempts"],
    )  # fmt: skip


def timeline(**counts: list[int | None]) -> dict[str, Any]:
    (size,) = {len(column) for column in counts.values()}
    nothing = [None] * size
    at_ns = [place * 10 * S // (size - 1) for place in range(size)]
    return {"at_ns": at_ns, "wal_bytes": nothing, "commands": nothing, **counts}


def test_the_failures_that_somebody_paid_for_count_among_the_round_trips() -> None:
    steps = [
        *rows(("Begin", S, S), ("ClaimOrder", S, S), ("Commit", S, S), operation=0),
        *rows(("Begin", S, S), ("ClaimOrder", S, S), ("Rollback", S, S), operation=1),
    ]
    found = costs(steps, attempts("deducted", "refused"), timeline(wal_bytes=[0, 0]), WHOLE)
    assert found["round_trips_per_success"] == 4


def test_counts_are_those_of_the_window_a_success() -> None:
    table = attempts("deducted", "deducted", "refused")
    read = timeline(wal_bytes=[100, 600, 1_100], commands=[7, None, 27])
    found = costs([], table, read, WHOLE)
    assert found["wal_bytes_per_success"] == 500
    assert found["commands_per_success"] == 10
    half = costs([], table, read, Window(0, 5 * S, None))
    assert half["wal_bytes_per_success"] == 250


def test_a_server_that_was_started_again_counts_from_zero() -> None:
    read = timeline(commands=[100, 200, 50, 150])
    assert costs([], attempts("deducted"), read, WHOLE)["commands_per_success"] == 250


@pytest.mark.parametrize("window", [Window(0, 1_000, None), Window(5 * S, 10 * S, None)])
def test_a_window_that_is_too_short_or_without_a_success_says_nothing(window: Window) -> None:
    found = costs([], attempts("deducted"), timeline(wal_bytes=[0, 9]), window)
    assert set(found.values()) == {None}
