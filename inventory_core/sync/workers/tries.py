"""How often a piece of work was late: a bounded memory of those that were late lately."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable


class Tries:
    """Counts by key. Of too many keys the one that was late longest ago is forgotten."""

    def __init__(
        self,
        most: int,
        late_for_s: float,
        remembered: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._late_for_s, self._remembered = most, late_for_s, remembered
        self._clock = clock
        self._seen: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def are_over(self, key: str) -> bool:
        """It was late once more; has it been often enough, and for long enough?"""
        now_s = self._clock()
        tries, since_s = self._seen.pop(key, (0, now_s))
        self._seen[key] = (tries + 1, since_s)
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        return tries + 1 >= self._most and now_s - since_s >= self._late_for_s
