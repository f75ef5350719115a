"""How far behind the pipeline is, and how much went through it: for metrics and for `status`."""

from __future__ import annotations

import bisect
import sys
import time
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from inventory_core.sync.cdc.capture import Retained
from inventory_core.sync.cdc.change import Change

BUCKETS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)


class CaptureFigures:
    """What a capture counts; a warning is said once, and again when it has been gone."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self._changes = Counter("cdc_published_changes", "Changes published", registry=registry)
        self._messages = Counter("cdc_published_messages", "Messages", registry=registry)
        self._waited = Counter("cdc_waited_seconds", "Waiting for the broker", registry=registry)
        self._full = Gauge("cdc_broker_full", "1 while the broker is full", registry=registry)
        self._backlog = Gauge("cdc_backlog_messages", "Not yet consumed", registry=registry)
        self._retained = Gauge("cdc_retained_bytes", "Log kept for us", registry=registry)
        self._behind = Gauge("cdc_behind_bytes", "Log not yet acknowledged", registry=registry)
        self._warned = Gauge("cdc_retained_warning", "1 if that is too much", registry=registry)
        self._told: dict[str, float] = {}
        self._warning = ""

    def published(self, changes: Sequence[Change], messages: int, took_s: float) -> None:
        """So many changes are with the broker."""
        self._changes.inc(len(changes))
        self._messages.inc(messages)
        self._sum("published_changes", len(changes))
        self._told["published_at_s"] = time.time()
        self._told["publish_took_s"] = took_s

    def waits(self, pause_s: float) -> None:
        """The broker is full, and we look again so much later; nought: it is no longer."""
        if pause_s:
            self._waited.inc(pause_s)
            self._sum("broker_full_waits", 1)
        self._full.set(pause_s > 0)

    def retained(self, retained: Retained | None) -> None:
        """What the source keeps for us. A warning goes to stderr, too."""
        kept = retained or Retained(0, 0)
        self._retained.set(kept.retained_bytes)
        self._behind.set(kept.behind_bytes)
        self._warned.set(bool(kept.warning))
        self._told["retained_bytes"] = kept.retained_bytes
        self._told["behind_bytes"] = kept.behind_bytes
        if kept.warning and not self._warning:
            print(f"stockproof: warning: {kept.warning}", file=sys.stderr, flush=True)
        self._warning = kept.warning

    def backlog(self, messages: int) -> None:
        """What the consumers have still to do."""
        self._backlog.set(messages)
        self._told["backlog_messages"] = messages
        self._told["looked_at_s"] = time.time()

    def told(self) -> dict[str, float]:
        """The figures for the state file."""
        return dict(self._told)

    def _sum(self, name: str, more: float) -> None:
        self._told[name] = self._told.get(name, 0.0) + more


class ConsumerFigures:
    """What a consumer counts. The lag of a change is from its commit to that of the product."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self._applied = Counter("cdc_applied_changes", "Changes applied", registry=registry)
        self._stale = Counter("cdc_stale_changes", "Told before, or overtaken", registry=registry)
        self._dead = Counter("cdc_dead_letters", "Changes set aside", registry=registry)
        self._lag = Histogram(
            "cdc_lag_seconds", "Commit to commit", buckets=BUCKETS_S, registry=registry
        )
        self._last = Gauge("cdc_last_lag_seconds", "Lag of the newest change", registry=registry)
        self.lags = LagCounts()

    def applied(self, applied: int, stale: int, dead: int, committed_at_us: Sequence[int]) -> None:
        """A batch was committed just now."""
        now_us = time.time_ns() // 1_000
        self._applied.inc(applied)
        self._stale.inc(stale)
        self._dead.inc(dead)
        for at_us in committed_at_us:
            self.lags.add((now_us - at_us) / 1e6)
        if committed_at_us:
            newest_s = (now_us - committed_at_us[-1]) / 1e6
            self._last.set(newest_s)
            self._lag.observe(newest_s)

    def told(self) -> dict[str, float]:
        """The figures for the state file."""
        shares = {"lag_s_p50": 0.5, "lag_s_p99": 0.99}
        lags = {name: self.lags.percentile_s(share) for name, share in shares.items()}
        return {name: lag for name, lag in lags.items() if lag is not None}


class LagCounts:
    """Counts of lags in classes 2 % wide, from 0.1 ms to a day: any percentile, no more memory."""

    FIRST_S, WIDTH, CLASSES = 1e-4, 1.02, 1_040

    def __init__(self) -> None:
        self._tops = [self.FIRST_S * self.WIDTH**place for place in range(self.CLASSES)]
        self._counts = [0] * (self.CLASSES + 1)

    def add(self, lag_s: float) -> None:
        """One more."""
        self._counts[bisect.bisect_left(self._tops, lag_s)] += 1

    def percentile_s(self, share: float) -> float | None:
        """The lag that this share of all does not exceed; None of nothing."""
        total = sum(self._counts)
        left = share * total
        for top, count in zip(self._tops, self._counts, strict=False):
            left -= count
            if count and left <= 0:
                return top
        return None if not total else self._tops[-1]
