"""A long and healthy run, made in columns: what checkers must judge within seconds."""

import numpy as np
import pyarrow as pa

from inventory_core.domain import HoldState, Line
from inventory_core.stores.audit import Audit, Book, BookedLine, BookedOrder
from scenarios.history import SCHEMAS
from tests.scenarios.made_up_runs import A


def many_attempts(count: int, stock: int) -> tuple[pa.Table, Audit]:
    """The first `stock` orders get a unit, the others are refused; every 20th comes again."""
    order = np.arange(count)
    order[19::20] = order[18::20]
    numbers = [f"o{serial:08d}" for serial in order.tolist()]
    again = np.zeros(count, dtype=bool)
    again[19::20] = True
    served = np.cumsum(~again) <= stock
    outcome = np.where(served, np.where(again, "replayed", "deducted"), "refused")
    sent = np.arange(count) * 10
    zero, one = np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.int32)
    table = pa.table(
        {
            "operation": order, "client": zero.astype(np.int32), "order_number": numbers,
            "lines": ["a@online=1"] * count, "units": one, "kind": ["deduct"] * count,
            "delivery": again.astype(np.int16), "attempt": zero.astype(np.int16),
            "intended_ns": sent, "sent_ns": sent, "replied_ns": sent + 9,
            "outcome": outcome.tolist(), "observed": pa.nulls(count, pa.int64()),
            "token": pa.nulls(count, pa.int64()),
        },
        schema=SCHEMAS["attempts"],
    )  # fmt: skip
    states = {True: HoldState.HELD, False: HoldState.REFUSED}
    orders = {
        number: BookedOrder(number, states[ok], 1, "", (BookedLine(1, Line(A, 1), states[ok]),))
        for number, ok in zip(numbers, served.tolist(), strict=True)
    }
    return table, Audit((Book("sql", {A: 0}, orders, {"open a": (A, stock)}),))
