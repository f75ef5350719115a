"""From what workers and sweepers bring back to the record tables, in the schema of every world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from scenarios.history import SCHEMAS, RunFolder
from scenarios.measuring.records import HELPER, audit_columns
from scenarios.serving.buyers import Order
from scenarios.serving.checks.case import ShopCase, serial_of
from scenarios.serving.client import Served, TimedStep
from scenarios.serving.watching import Expiry


def write_case(folder: RunFolder, case: ShopCase, timeline: Mapping[str, Any]) -> None:
    """What was done, what was seen of the stock meanwhile, and what the stores held at rest."""
    table = attempts_table([*case.attempts, *as_attempts(case.expiries)], case.orders)
    folder.write_table("attempts", {name: table[name] for name in table.column_names})
    folder.write_table("timeline", timeline)
    folder.write_table("audit", audit_columns(case.audit))


def as_attempts(expiries: Sequence[Expiry]) -> list[Served]:
    """What sweepers did, as attempts of nobody's."""
    return [
        Served(
            serial_of(one.order_id),
            "expire",
            0,
            0,
            HELPER,
            one.sent_ns,
            one.sent_ns,
            one.replied_ns,
            "expired",
        )
        for one in expiries
    ]


def attempts_table(attempts: Sequence[Served], orders: Mapping[int, Order]) -> pa.Table:
    """The table of attempts, by the time of sending."""
    rows = sorted(attempts, key=lambda one: one.sent_ns)
    columns: dict[str, Any] = {
        "operation": list(range(len(rows))),
        "client": [one.client for one in rows],
        "order_number": [orders[one.serial].number for one in rows],
        "lines": [orders[one.serial].lines for one in rows],
        "units": [orders[one.serial].quantity for one in rows],
        "kind": _words([one.kind for one in rows]),
        "delivery": [one.delivery for one in rows],
        "attempt": [one.attempt for one in rows],
        "intended_ns": [one.intended_ns for one in rows],
        "sent_ns": [one.sent_ns for one in rows],
        "replied_ns": [one.replied_ns for one in rows],
        "outcome": _words([one.outcome for one in rows]),
        "observed": pa.nulls(len(rows), pa.int64()),
        "token": pa.nulls(len(rows), pa.int64()),
    }
    return pa.table(columns, schema=SCHEMAS["attempts"])


def step_columns(steps: Sequence[TimedStep]) -> dict[str, Any]:
    """The columns of `steps.parquet`; operation is the order's serial number here."""
    return {
        "operation": [one.serial for one in steps],
        "place": [one.place for one in steps],
        "step": _words([one.step for one in steps]),
        "sent_ns": [one.sent_ns for one in steps],
        "replied_ns": [one.replied_ns for one in steps],
    }


def _words(texts: Sequence[str]) -> pa.Array:
    kind = SCHEMAS["attempts"].field("kind").type
    return pa.array(texts, pa.string()).dictionary_encode().cast(kind)
