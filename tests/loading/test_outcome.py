"""What checks are told of a loaded run: contended is unknown, clocks err, holds ran out."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from inventory_core.records import DeductAt, Entry, Intent, Kind, OrderState, ShopOrder
from scenarios.demand import make_demand
from scenarios.history import SCHEMAS
from scenarios.loading.answers import Reply
from scenarios.loading.outcome import answered_in_stream, as_the_engine_saw, result_of
from scenarios.loading.shop_run import expiries_of
from scenarios.measuring.records import attempt_columns
from scenarios.scenario import load_scenario
from scenarios.serving.books import ShopBooks
from scenarios.serving.checks.case import Clock

DEMAND = make_demand(load_scenario("flash_sale", ["demand.duplicates=0"]), 7, 1.0)


def a_reply(key: int, outcome: str) -> Reply:
    return Reply(key, "deduct", 0, 0, 3, 1_000, 1_000, 2_000, outcome, 5)


def a_table(*replies: Reply) -> pa.Table:
    columns = attempt_columns(DEMAND, [result_of(replies, [])], [], 0)
    return pa.table(columns, schema=SCHEMAS["attempts"])


def test_a_contended_answer_is_unknown_to_the_engine_and_stays_contended_in_the_records() -> None:
    table = a_table(a_reply(0, "contended"), a_reply(1, "deducted"), a_reply(2, "no_warehouse"))
    assert table["outcome"].to_pylist() == ["contended", "deducted", "refused"]
    seen = as_the_engine_saw(table, 0)
    assert seen["outcome"].to_pylist() == ["unknown", "deducted", "refused"]


def test_intervals_are_widened_by_what_a_clock_elsewhere_may_be_wrong() -> None:
    seen = as_the_engine_saw(a_table(a_reply(0, "deducted")), 300)
    assert (seen["sent_ns"].to_pylist(), seen["replied_ns"].to_pylist()) == ([700], [2_300])


def test_an_answer_is_that_of_the_order_at_its_place_in_the_stream() -> None:
    (answer,) = answered_in_stream([a_reply(2, "deducted")], DEMAND)
    assert (answer.number, answer.body, answer.units) == ("o00000002", 0, 1)


ORDER = ShopOrder(
    order_id="web/o00000001",
    channel="web",
    number="o00000001",
    buyer="ann",
    address="east",
    fingerprint="",
    deduct_at=DeductAt.ORDER,
    partial=False,
    state=OrderState.EXPIRED,
    intent=Intent.NONE,
    intent_ms=0,
    generation=1,
    placed_ms=10_000,
    hold_s=1,
    due_ms=0,
    reason="",
    answer="",
)
FREED = Entry("release:web/o00000001:1", "sku-1", Kind.PRE_OCCUPIED, "w", -1, "release", 11_200)
CLOCK = Clock(zero_ms=10_000.0, error_ms=5.0)


def test_a_hold_ran_out_between_its_deadline_and_its_release() -> None:
    (expiry,) = expiries_of(ShopBooks(orders=(ORDER,), entries=(FREED,)), CLOCK)
    assert (expiry.order_id, expiry.generation) == ("web/o00000001", 1)
    assert (expiry.sent_ns, expiry.replied_ns) == (995_000_000, 1_205_000_000)


def test_a_cancelled_hold_did_not_run_out_and_one_that_was_paid_late_did() -> None:
    cancelled = replace(ORDER, state=OrderState.CANCELLED)
    assert not list(expiries_of(ShopBooks(orders=(cancelled,), entries=(FREED,)), CLOCK))
    late = replace(ORDER, state=OrderState.PAID, generation=2)
    assert len(list(expiries_of(ShopBooks(orders=(late,), entries=(FREED,)), CLOCK))) == 1
