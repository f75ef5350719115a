"""Coordinated omission: a closed loop hides how long buyers wait; an open loop tells."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.loading.answers import Reply
from scenarios.loading.outcome import speed_of
from tests.loading.conftest import Played

pytestmark = pytest.mark.slow

SERVICE_S, RATE_PER_S, SECONDS = 0.04, 50, 2.0
"""Twice as many come as can be served: 25 a second."""

OPEN = ('demand.kind="open"', 'demand.arrivals="even"', f"demand.rate_per_s={RATE_PER_S}")


def served(replies: list[Reply]) -> list[Reply]:
    return [one for one in replies if one.outcome == "deducted"]


def test_at_twice_the_capacity_an_open_loop_tells_the_queue_that_a_closed_loop_hides(
    played: Played,
) -> None:
    opened = played(SERVICE_S, *OPEN, seconds=SECONDS)
    ours = served(opened.replies)
    waits_s = np.asarray([(one.replied_ns - one.intended_ns) / 1e9 for one in ours])
    took_s = np.asarray([(one.replied_ns - one.sent_ns) / 1e9 for one in ours])
    # What the one server really did, however busy this machine is; then the queue has no choice.
    capacity_per_s = len(ours) / SECONDS
    assert capacity_per_s < 0.6 * RATE_PER_S
    theory_s = SECONDS * (1 - capacity_per_s / RATE_PER_S)
    assert 0.7 * theory_s < waits_s.max() < 1.3 * theory_s
    third = len(waits_s) // 3
    assert waits_s[:third].mean() < waits_s[third : 2 * third].mean() < waits_s[-third:].mean()
    assert np.median(took_s) < waits_s.max() / 4, "the service itself was never slow"
    dropped = [one for one in opened.replies if one.outcome == "dropped"]
    assert len(dropped) + len(ours) == pytest.approx(RATE_PER_S * SECONDS, abs=1)

    closed = served(played(SERVICE_S, seconds=SECONDS).replies)
    hidden_s = np.asarray([(one.replied_ns - one.intended_ns) / 1e9 for one in closed])
    assert np.median(hidden_s) < theory_s / 4, "whoever waits for an answer never sees a queue"


def test_the_row_has_both_what_the_buyer_waited_and_what_the_service_took() -> None:
    replies = [
        Reply(at, "deduct", 0, 0, 0, 0, at * 1_000_000, (at + 1) * 1_000_000, "deducted")
        for at in range(2_000)
    ]
    found = speed_of(replies, 2.0)
    assert found["requests_per_s"] == 1_000
    assert found["service_latency_ms_p50"] == pytest.approx(1.0)
