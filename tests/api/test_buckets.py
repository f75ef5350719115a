"""Token buckets: a burst, then the rate, each key for itself."""

from __future__ import annotations

from inventory_core.api.buckets import Buckets


def test_a_burst_passes_and_then_the_rate_holds():
    buckets = Buckets(rate_per_s=2, burst=3, most=10)

    assert [buckets.take("a", 0.0) for _ in range(4)] == [0, 0, 0, 1]
    assert buckets.take("a", 0.5) == 0
    assert buckets.take("a", 0.5) == 1


def test_one_key_does_not_empty_the_bucket_of_another():
    buckets = Buckets(rate_per_s=1, burst=1, most=10)

    assert buckets.take("a", 0.0) == 0
    assert buckets.take("b", 0.0) == 0
    assert buckets.take("a", 0.0) == 1


def test_a_slow_rate_says_how_long_to_wait():
    buckets = Buckets(rate_per_s=0.1, burst=1, most=10)
    buckets.take("a", 0.0)

    assert buckets.take("a", 0.0) == 10


def test_buckets_are_bounded():
    buckets = Buckets(rate_per_s=0.001, burst=1, most=2)
    for key in ("a", "b", "c"):
        buckets.take(key, 0.0)

    assert buckets.take("a", 0.0) == 0  # forgotten, and so full again
