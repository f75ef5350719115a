"""What other processes took of the machine while we measured: it should be little."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from inventory_core.stores.servers import Private
from scenarios.measuring.driver_load import CpuTimes


@dataclass(frozen=True, slots=True)
class Taken:
    """Processor seconds so far: the machine's, and of them those of ourselves and our servers."""

    machine: CpuTimes
    ours_s: float

    @classmethod
    def now(cls, servers: Iterable[Private] = ()) -> Taken:
        """Read them. Servers that are not private count as others."""
        return cls(CpuTimes.now(), _ours_s({server.pid for server in servers}))

    def by_others_since(self, before: Taken) -> float:
        """The share of all cores' time that others took between two readings."""
        machine = self.machine.since(before.machine)
        everything_s = machine.busy_s + machine.idle_s
        others_s = machine.busy_s - (self.ours_s - before.ours_s)
        return max(0.0, others_s / everything_s) if everything_s else 0.0


def _ours_s(servers: set[int]) -> float:
    """Of this process, its descendants, and those servers with theirs, the ended ones included."""
    found: dict[int, psutil.Process] = {}
    for root in [psutil.Process(), *_there(servers)]:
        with suppress(psutil.NoSuchProcess):
            found |= {each.pid: each for each in (root, *root.children(recursive=True))}
    seconds = 0.0
    for process in found.values():
        with suppress(psutil.NoSuchProcess):
            seconds += sum(process.cpu_times()[:4])
    return seconds


def _there(pids: set[int]) -> Iterable[psutil.Process]:
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            yield psutil.Process(pid)
