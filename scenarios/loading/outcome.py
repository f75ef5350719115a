"""From the answers of a run to what the checks of the other worlds know how to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from inventory_core.domain import Outcome
from inventory_core.stores.audit import Audit
from scenarios.demand import Demand, order_number
from scenarios.loading.answers import Reply
from scenarios.loading.front_checks import PLACING, Answered
from scenarios.measuring.client import ANSWERS, ERROR
from scenarios.measuring.daemons import Expiry
from scenarios.measuring.job import Effort, FaultEvent, Result
from scenarios.measuring.records import word_of
from scenarios.serving.buyers import Order
from scenarios.serving.client import Served
from scenarios.statistics import percentile

_PLACE = {word_of(answer): place for place, answer in enumerate(ANSWERS)}
_REFUSED, _ERROR = _PLACE[Outcome.REFUSED.value], _PLACE[ERROR]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a run over HTTP brought back, as `judge_run` reads it."""

    results: list[Result]
    timeline: Mapping[str, Any]
    audit: Audit
    ended_ns: int
    starts_ns: int = 0  # times count from the start already
    expiries: Sequence[Expiry] = ()  # the service expires by itself, and tells nobody
    events: Sequence[FaultEvent] = ()
    unmended: Audit | None = None


def result_of(replies: Sequence[Reply], efforts: Sequence[Effort]) -> Result:
    """Answers to a stream's deliveries, as a worker's columns."""
    return Result(
        position=_column([one.key for one in replies]),
        attempt=_column([one.attempt for one in replies]),
        client=_column([one.user for one in replies]),
        sent_ns=_column([one.sent_ns for one in replies]),
        replied_ns=_column([one.replied_ns for one in replies]),
        answer=_column([_answer(one) for one in replies]),
        steps=(),
        lags_ns=np.concatenate([each.lags_ns for each in efforts] or [np.zeros(0, np.int64)]),
        cpu_s=sum(each.cpu_s for each in efforts),
        wall_s=max((each.wall_s for each in efforts), default=0.0),
    )


def _answer(one: Reply) -> int:
    """A refusal for a reason that no strategy has is a refusal all the same."""
    return _PLACE.get(one.outcome, _REFUSED if one.kind in PLACING else _ERROR)


def served_of(replies: Sequence[Reply]) -> list[Served]:
    """Answers to a shop's buyers, as its own clients record them."""
    return [Served(*one[:9]) for one in replies]


def answered_in_stream(replies: Sequence[Reply], demand: Demand) -> list[Answered]:
    """What placing orders was answered, of a stream."""
    placing = [one for one in replies if one.kind in PLACING]
    block = demand.columns(_column([one.key for one in placing]))
    serials, bodies = block.serial.tolist(), block.body.tolist()
    _, _, units = demand.bodies(block.serial, block.body)
    return [
        Answered(order_number(serial), body, count, one.outcome, one.digest, one.replied_ns)
        for one, serial, body, count in zip(placing, serials, bodies, units.tolist(), strict=True)
    ]


def answered_in_shop(replies: Sequence[Reply], orders: Mapping[int, Order]) -> list[Answered]:
    """The same, of a shop's buyers."""
    return [
        Answered(
            orders[one.key].number,
            0,
            orders[one.key].quantity,
            one.outcome,
            one.digest,
            one.replied_ns,
        )
        for one in replies
        if one.kind in PLACING
    ]


def as_the_engine_saw(table: pa.Table, clock_error_ns: int) -> pa.Table:
    """A contended answer of the shop leaves its intent for others: for the engine it is unknown.

    Times of another machine are wrong by so much at most: intervals are widened, so that no true
    history is accused.
    """
    outcome = table["outcome"].cast(pa.string())
    vague = pc.if_else(pc.equal(outcome, "contended"), "unknown", outcome)
    columns = {
        "outcome": vague.combine_chunks().dictionary_encode(),
        "sent_ns": pc.subtract(table["sent_ns"], clock_error_ns),
        "replied_ns": pc.add(table["replied_ns"], clock_error_ns),
    }
    for name, column in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, column)
    return table


def speed_of(replies: Sequence[Reply], seconds: float) -> dict[str, Any]:
    """Requests of every kind a second, and how long the service itself took.

    Beside the latency from the intended start: the difference is what buyers waited in the queue.
    """
    sent = [one for one in replies if one.outcome != "dropped"]
    inside = [one for one in sent if one.replied_ns <= seconds * 1e9]
    took = np.asarray([(one.replied_ns - one.sent_ns) / 1e6 for one in sent])
    return {
        "requests": len(sent),
        "requests_per_s": len(inside) / seconds,
        "service_latency_ms_p50": percentile(took, 50),
        "service_latency_ms_p99": percentile(took, 99),
    }


def _column(values: Sequence[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.asarray(values, dtype=np.int64)
