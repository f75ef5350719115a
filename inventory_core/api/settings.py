"""What the API obeys: a bound for everything, and how stale a read may be."""

from __future__ import annotations

from dataclasses import dataclass, field

from inventory_core.services.contract import ServiceLimits


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Bounds of one API process. Times are seconds unless named _ms."""

    write_sessions: int = 8  # sessions that orders and stock operations share
    read_sessions: int = 4  # sessions of their own for queries and lists
    body_bytes_most: int = 1_048_576
    requests_at_once: int = 256  # more are answered 503 at once
    request_timeout_s: float = 15.0  # then 503; what was begun is finished all the same
    rate_per_s: float = 2_000.0  # of one key, in the long run
    rate_burst: int = 4_000  # of one key, at once
    read_staleness_ms: int = 250  # how old an answer of `/v1/query` may be
    cached_articles: int = 50_000  # answers kept for one article, channel and address
    key_memory_s: float = 2.0  # a key that is revoked works for so long at the most
    keys_remembered: int = 10_000
    gauged_articles: int = 50  # articles whose stock `/metrics` shows
    drain_s: float = 0.2  # between readiness turning red and the socket closing
    shutdown_s: float = 20.0  # for requests that are under way
    run_daemons: bool = True
    services: ServiceLimits = field(default_factory=ServiceLimits)
