"""A path: how a shop window learns of the stock, and what theory says of what it shows.

    polling     every so many seconds the copy reads all of the source
    on_demand   a shopper asks, and a copy that is older than so much reads that article first
    streaming   every change is told (change data capture), and arrives after a lag

Theory: of Poisson changes, r a second of one article, and looks that do not know of them, the share
of looks at which the copy is not the newest. Between two polls, T apart, it is stale after a time u
with 1 - exp(-r u); the mean over u is 1 - (1 - exp(-r T)) / (r T). On demand, a cycle is one read,
which is fresh, and q T looks until what was read is too old; but the share b of those who read buy,
and make stale at once what they read. Streaming is M/G/infinity: stale while a change is under way,
which is so with 1 - exp(-r E[lag]), whatever the lag's distribution.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum
from math import exp, expm1, log

Z99 = 2.3263478740408408
"""How many deviations above its mean a normal variable is once in a hundred times."""


class Kind(StrEnum):
    """The paths."""

    POLLING = "polling"
    ON_DEMAND = "on_demand"
    STREAMING = "streaming"


@dataclass(frozen=True, slots=True)
class SyncPath:
    """A path and its own lag: between two polls, the greatest age, or the median of a lag."""

    kind: Kind
    own_s: float
    p99_s: float = 0.0  # of streaming: the lag is log-normal

    @property
    def sigma(self) -> float:
        """The deviation of the logarithm of the lag."""
        return log(max(self.p99_s, self.own_s) / self.own_s) / Z99

    @property
    def mean_lag_s(self) -> float:
        """The mean of a streamed change's lag."""
        return self.own_s * exp(self.sigma**2 / 2)

    def lag_s(self, dice: random.Random) -> float:
        """The lag of one streamed change."""
        return dice.lognormvariate(log(self.own_s), self.sigma)

    def stale_share(self, changes_per_s: float, looks_per_s: float, buy: float) -> float:
        """Theory's share of stale looks at an article; `buy` is the share of looks that do."""
        if changes_per_s <= 0:
            return 0.0
        if self.kind is Kind.STREAMING:
            return -expm1(-changes_per_s * self.mean_lag_s)
        fresh_s = -expm1(-changes_per_s * self.own_s) / changes_per_s
        if self.kind is Kind.POLLING:
            return 1 - fresh_s / self.own_s
        stale_s = self.own_s - (1 - buy) * fresh_s
        return looks_per_s * stale_s / (1 + looks_per_s * self.own_s)
