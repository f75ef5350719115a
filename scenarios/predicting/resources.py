"""What work queues for: processors, threads, the disk. Each is an array of the times it is free.

Whoever asks first is served first, and asks at the moment at which he comes, so the end of his turn
is known at once: nobody needs an event to wait on, and a simulated order costs a few of them.
Times are seconds of the simulation.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from heapq import heapify, heapreplace
from itertools import cycle
from math import exp
from statistics import NormalDist
from typing import Any

from scenarios.predicting.loop import PARKED, Goes, Loop

LUCKS = 2_039
"""So many factors come round before they repeat."""


class Cores:
    """Processors that serve whoever comes first.

    `wake_s`: what an idle processor takes to begin. One that is busy goes from work to work, and
    the same work may take `crowded` times as long then: longer, because caches are cold and threads
    are switched; or shorter, because nobody is put to sleep and much is done in one go.

    What takes longer in a crowd takes longer beside one neighbour, too, for as long as he works:
    two processors of a rented machine are often the two threads of a core.

    `luck`: by what the same work is longer or shorter, time after time (`unsteady`).
    """

    __slots__ = ("_free_s", "_luck", "busy_s", "wake_s")

    def __init__(
        self, count: int, wake_s: float = 0.0, luck: Iterator[float] | None = None
    ) -> None:
        assert count > 0, f"{count} processors"
        self._luck = luck
        self._free_s = [0.0] * count
        heapify(self._free_s)
        self.wake_s = wake_s
        self.busy_s = 0.0

    def done_s(
        self, now_s: float, work_s: float, crowded: float = 1.0, awake: bool = False
    ) -> float:
        """When work that comes now is done. `awake`: who does it has just done something else."""
        if self._luck is not None:
            work_s *= next(self._luck)
        free_s = self._free_s[0]
        if free_s > now_s:
            work_s *= crowded
            end_s = free_s + work_s
        elif crowded > 1.0:
            begins_s = now_s if awake else now_s + self.wake_s
            work_s = self._beside_s(begins_s, work_s, crowded)
            end_s = begins_s + work_s
        elif awake:
            work_s *= crowded
            end_s = now_s + work_s
        else:
            end_s = now_s + self.wake_s + work_s
        heapreplace(self._free_s, end_s)
        self.busy_s += work_s
        return end_s

    def _beside_s(self, begins_s: float, work_s: float, crowded: float) -> float:
        """How long work takes on an idle processor, beside those that are busy for a while."""
        free_s = self._free_s
        busy, until_s = 0, begins_s
        for other_s in free_s:
            if other_s > begins_s:
                busy += 1
                until_s = max(until_s, other_s)
        if not busy:
            return work_s
        slower = 1.0 + (crowded - 1.0) * busy / (len(free_s) - 1)
        shared_s = until_s - begins_s
        if work_s * slower <= shared_s:
            return work_s * slower
        return shared_s + work_s - shared_s / slower

    def burden(self, now_s: float, work_s: float) -> None:
        """Work that nobody waits for, and that there is only when none of them is idle."""
        if self._free_s[0] > now_s:
            self.busy_s += work_s
            heapreplace(self._free_s, self._free_s[0] + work_s)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._free_s)


def unsteady(spread: float, dice: random.Random) -> Iterator[float] | None:
    """Factors of mean 1 for ever: log-normal, `spread` the standard deviation of the logarithm."""
    if not spread:
        return None
    each = NormalDist(-spread * spread / 2, spread)
    factors = [exp(each.inv_cdf((place + 0.5) / LUCKS)) for place in range(LUCKS)]
    dice.shuffle(factors)
    return cycle(factors)


class Turns:
    """One thing at a time: the thread of a Redis, or Python's lock.

        yield turns.take(cores, work_s)     wait for the turn, and for the work to be done in it
        turns.pass_on()

    `dice`: any of those who wait may be next; without them it is the first. Whoever has the turn
    still needs a processor for what he does in it.
    """

    __slots__ = ("_dice", "_env", "_queue", "still_until_s", "taken")

    def __init__(self, env: Loop, dice: random.Random | None = None) -> None:
        self._dice = dice
        self.taken = False
        self.still_until_s = 0.0  # nothing is done before
        self._env = env
        self._queue: deque[tuple[Any, Cores, float, float]] = deque()

    def take(self, cores: Cores, work_s: float, crowded: float = 1.0) -> float | None:
        """What whoever wants a turn has to yield."""
        env = self._env
        now_s = env.now
        if not self.taken and self.still_until_s <= now_s:
            self.taken = True
            return cores.done_s(now_s, work_s, crowded) - now_s
        self._queue.append((env.active_process, cores, work_s, crowded))
        if not self.taken:
            self.taken = True
            self.pass_on(awake=False)
        return PARKED

    def pass_on(self, awake: bool = True) -> None:
        """The turn is free: for the next one, or until somebody comes. `awake`: as of `Cores`."""
        queue, env = self._queue, self._env
        if not queue:
            self.taken = False
            return
        now_s = env.now
        if self.still_until_s > now_s:
            env.process(self._stand_still())
            return
        if self._dice is not None:
            queue.rotate(-int(self._dice.random() * len(queue)))
        who, cores, work_s, crowded = queue.popleft()
        env.wake(who, cores.done_s(now_s, work_s, crowded, awake) - now_s)

    def _stand_still(self) -> Goes:
        yield self.still_until_s - self._env.now
        self.pass_on(awake=False)


class Flush:
    """The disk, as a log uses it: one flush at a time, each for everybody who waits for it.

    Who comes while one is under way shares the next one (group commit), which begins `between_s`
    after it: whoever is to do it has to wake.
    """

    __slots__ = ("_between_s", "_next_s", "_until_s", "count", "takes_s")

    def __init__(self, takes_s: float, between_s: float = 0.0) -> None:
        self.takes_s = takes_s
        self._between_s = between_s
        self.count = 0
        self._until_s = -1.0
        self._next_s = 0.0  # when the flush after that ends; 0: nobody waits for one

    def done_s(self, now_s: float) -> float:
        """When what was written until now is on disk."""
        if self._next_s and now_s >= self._until_s:
            self._until_s, self._next_s = self._next_s, 0.0
        if now_s >= self._until_s:
            self.count += 1
            self._until_s = now_s + self.takes_s
            return self._until_s
        if not self._next_s:
            self.count += 1
            self._next_s = self._until_s + self._between_s + self.takes_s
        return self._next_s
