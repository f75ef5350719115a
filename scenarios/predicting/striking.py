"""Faults that strike at moments of a simulated run: servers that fall, processes that stand still.

The same faults at the same moments as in a live run (`scenarios.measuring.strikes`). What Redis had
not flushed when power went is gone; PostgreSQL had flushed whatever it answered.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from inventory_core.stores.stacks import Stack, servers_of
from inventory_core.strategy import Fault
from scenarios.faults import LiveFault
from scenarios.measuring.job import FaultEvent
from scenarios.measuring.strikes import agenda, is_hit, lost_of, pause_of
from scenarios.model.kv import KvModel
from scenarios.predicting.buyers import NS
from scenarios.predicting.carrier import Shop
from scenarios.predicting.loop import Goes
from scenarios.predicting.world import World

_REDIS = frozenset({"valkey", "valkey-cluster"})


class Strikes:
    """The faults of one run that strike at moments."""

    def __init__(
        self,
        world: World,
        stack: Stack,
        shops: Sequence[Shop],
        recover: Callable[[], Goes],
        seed: int,
    ) -> None:
        self.events: list[FaultEvent] = []
        self._world, self._shops, self._recover = world, shops, recover
        self._servers = tuple(servers_of(stack).values())
        self._dice = random.Random(f"{seed}/strikes")

    def run(self, faults: Sequence[LiveFault], seconds: float, lease_ms: int) -> Goes:
        """Strike whenever it is time."""
        for at_s, fault in agenda(faults, seconds):
            if fault.fault is Fault.HOLDER_PAUSED:
                yield from self._until(at_s)
                yield from self._pause(fault, lease_ms)
            else:
                yield from self._crash(at_s, fault)

    def _pause(self, fault: LiveFault, lease_ms: int) -> Goes:
        env, pause_s = self._world.env, pause_of(fault, lease_ms)
        place, began_s = self._dice.randrange(len(self._shops)), env.now
        self._shops[place].turns.still_until_s = began_s + pause_s
        yield pause_s
        self._tell(fault, began_s, env.now, f"process {place + 1}", "stood still")

    def _crash(self, at_s: float, fault: LiveFault) -> Goes:
        world, env = self._world, self._world.env
        hit = [name for name in self._servers if is_hit(name, fault)]
        redis, kept = not _REDIS.isdisjoint(hit), None
        if fault.fault is Fault.POWER_LOST and redis and world.kv_flush is None:
            kept = yield from self._kept(at_s - lost_of(self._dice))
        yield from self._until(at_s)
        rows = not _REDIS.issuperset(hit)
        if rows:
            world.kill_sql()
        if redis:
            world.kill_kv(kept)
        began_s = env.now
        yield fault.down_s
        if rows:
            world.restart_sql()
        if redis:
            world.restart_kv()
        over_s = env.now
        mended = yield from self._recover()
        took_ms = (env.now - over_s) * 1e3
        what = f"{'recovered' if mended else 'did not recover'} {took_ms:.0f} ms after"
        for name in hit:
            self._tell(fault, began_s, over_s, name, what)

    def _kept(self, at_s: float) -> Generator[Any, Any, KvModel]:
        """What Redis has written by then."""
        yield from self._until(at_s)
        return self._world.kv.copy()

    def _until(self, at_s: float) -> Iterator[Any]:
        env = self._world.env
        if at_s > env.now:
            yield at_s - env.now

    def _tell(self, fault: LiveFault, began_s: float, over_s: float, whom: str, what: str) -> None:
        began_ns, over_ns = round(began_s * NS), round(over_s * NS)
        self.events.append(FaultEvent(fault.kind, began_ns, over_ns, whom, what))
