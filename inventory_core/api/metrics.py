"""What `/metrics` counts: requests by route and outcome, and how long they took.

With several API processes each writes its figures to a directory that they share
(`PROMETHEUS_MULTIPROC_DIR`), so that whichever of them is asked answers for all.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0)
SEVERAL = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """The figures of one API process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.latency_s = Histogram(
            "stockproof_request_seconds",
            "Time from a request's arrival to its answer.",
            ("method", "route", "status"),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self.outcomes = Counter(
            "stockproof_outcomes",
            "What operations answered.",
            ("operation", "outcome"),
            registry=self.registry,
        )
        self.under_way = Gauge(
            "stockproof_requests_under_way",
            "Requests that are being answered.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self.daemon_turns = Counter(
            "stockproof_daemon_turns",
            "Turns of the background work, by what came of them.",
            ("daemon", "result"),
            registry=self.registry,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request has been answered."""
        self.latency_s.labels(method, route, str(status)).observe(seconds)

    def text(self, of_the_stores: CollectorRegistry) -> bytes:
        """Everything, as Prometheus reads it; `of_the_stores` was gathered for this look."""
        registry = self.registry
        if os.environ.get(SEVERAL):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry) + generate_latest(of_the_stores)
