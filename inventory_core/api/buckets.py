"""How many requests a key may make: a token bucket each."""

from __future__ import annotations

import math
from collections import OrderedDict


class Buckets:
    """A bucket of `burst` tokens for each key, filled at `rate_per_s`; a request takes one."""

    def __init__(self, rate_per_s: float, burst: int, most: int) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key_id: str, now_s: float) -> int:
        """0 if there was a token; otherwise the whole seconds until there is one."""
        tokens, since_s = self._buckets.pop(key_id, (float(self._burst), now_s))
        tokens = min(float(self._burst), tokens + (now_s - since_s) * self._rate_per_s)
        wait_s = 0 if tokens >= 1 else max(1, math.ceil((1 - tokens) / self._rate_per_s))
        self._buckets[key_id] = (tokens if wait_s else tokens - 1, now_s)
        # The one that was used longest ago is the fullest: forgetting it costs the least.
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return wait_s
