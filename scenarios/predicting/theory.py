"""What queueing theory says of simple cases, in closed form: the simulator is held to it.

Rates are a second, times seconds. Sources: L. Kleinrock, "Queueing Systems" I, 1975 (M/M/1, M/M/c,
M/D/1); M. Reiser and S. Lavenberg, "Mean-Value Analysis of Closed Multichain Queueing Networks",
J. ACM 27(2), 1980.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial


def erlang_c(servers: int, offered: float) -> float:
    """The chance that an arrival has to wait; `offered`: arrival rate times service time."""
    assert offered < servers, "more work comes than can be done"
    waits = offered**servers / factorial(servers) * servers / (servers - offered)
    return waits / (sum(offered**k / factorial(k) for k in range(servers)) + waits)


def mmc_wait_s(servers: int, rate_per_s: float, service_s: float) -> float:
    """The mean time in the queue of M/M/c; of M/M/1 with one server."""
    offered = rate_per_s * service_s
    return erlang_c(servers, offered) * service_s / (servers - offered)


def md1_wait_s(rate_per_s: float, service_s: float) -> float:
    """The mean time in the queue of M/D/1 (Pollaczek and Khinchine): half of that of M/M/1."""
    load = rate_per_s * service_s
    assert load < 1, "more work comes than can be done"
    return load * service_s / (2 * (1 - load))


def mva(clients: int, demands_s: Sequence[float], think_s: float = 0.0) -> tuple[float, float]:
    """Throughput and response time of a closed network of single servers, by exact MVA.

    Each client thinks, then needs every server for its demand (exponential, first come first
    served), over and over.
    """
    queue = [0.0] * len(demands_s)
    rate_per_s = response_s = 0.0
    for n in range(1, clients + 1):
        at = [demand_s * (1 + waiting) for demand_s, waiting in zip(demands_s, queue, strict=True)]
        response_s = sum(at)
        rate_per_s = n / (think_s + response_s)
        queue = [rate_per_s * each_s for each_s in at]
    return rate_per_s, response_s
