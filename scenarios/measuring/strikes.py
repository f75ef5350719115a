"""Faults that strike at moments of a run: servers that are killed, processes that stand still.

They come from a thread of the parent, which is idle while the workers play. A killed server is
started again on its data, at its address, and then the strategy's `recover` is carried out beside
the buyers, as it would be in earnest. Whatever happens, nobody is left standing still: the thread
lets a process go on before it ends, and a parent that is killed takes its workers with it (the
system wakes and ends a stopped process whose parent has gone).
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from inventory_core.problems import Problem
from inventory_core.stores.servers import Place, Settings
from inventory_core.stores.stacks import Stack, servers_of
from inventory_core.strategy import Fault
from scenarios.faults import CRASHES, SHARED, LiveFault
from scenarios.measuring.job import FaultEvent
from scenarios.scenario import Scenario

BUYERS = "the buyers"
"""Whom a fault befalls that has a share and a time; single clients have their own events."""

PAUSE_LEASES = 1.5
"""A holder stands still for so many leases, unless the fault says how long."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where faults strike: the servers, the worker processes, and how the strategy recovers."""

    place: Place
    pids: Callable[[], Sequence[int]]
    lease_ms: int
    recover: Callable[[], bool]
    seconds: float
    seed: int


class Strikes:
    """The faults of one run that strike at moments."""

    def __init__(self, faults: Sequence[LiveFault], scene: Scene) -> None:
        self._faults, self._scene = faults, scene
        self._dice = random.Random(f"{scene.seed}/strikes")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._start_ns = 0
        self._failure: BaseException | None = None
        self.events: list[FaultEvent] = []

    def start(self, start_ns: int) -> None:
        """The run starts at this instant of the monotonic clock."""
        self._start_ns = start_ns
        self._thread.start()

    def cease(self) -> None:
        """No more of it: wait for the strike that is under way, if any."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def stop(self) -> None:
        """As `cease`; what went wrong with a strike ends the run."""
        self.cease()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            for at_s, fault in agenda(self._faults, self._scene.seconds):
                left_s = at_s - (time.monotonic_ns() - self._start_ns) / 1e9
                if self._over.wait(max(0.0, left_s)):
                    return
                self._strike(fault)
        except BaseException as failure:  # noqa: BLE001 - told to the run when it is over
            self._failure = failure

    def _strike(self, fault: LiveFault) -> None:
        if fault.fault is Fault.HOLDER_PAUSED:
            self._pause(fault)
            return
        hit = {
            name: server
            for name, server in self._scene.place.private.items()
            if is_hit(name, fault)
        }
        for server in hit.values():
            if fault.fault is Fault.POWER_LOST:
                server.lose_power(lost_of(self._dice))
            else:
                server.kill()
        began_ns = time.monotonic_ns()
        time.sleep(fault.down_s)
        for server in hit.values():
            server.restart()
        over_ns = time.monotonic_ns()
        mended = "recovered" if self._scene.recover() else "did not recover"
        what = f"{mended} {(time.monotonic_ns() - over_ns) / 1e6:.0f} ms after"
        for name in hit:
            self._tell(fault, began_ns, over_ns, name, what)

    def _pause(self, fault: LiveFault) -> None:
        pids = self._scene.pids()
        place = self._dice.randrange(len(pids))
        pause_s = pause_of(fault, self._scene.lease_ms)
        began_ns = time.monotonic_ns()
        with suppress(ProcessLookupError):  # then the crew says so
            os.kill(pids[place], signal.SIGSTOP)
            try:
                self._over.wait(pause_s)
            finally:
                os.kill(pids[place], signal.SIGCONT)
        self._tell(fault, began_ns, time.monotonic_ns(), f"process {place + 1}", "stood still")

    def _tell(self, fault: LiveFault, began_ns: int, over_ns: int, whom: str, what: str) -> None:
        since = self._start_ns
        event = FaultEvent(fault.kind, began_ns - since, over_ns - since, whom, what)
        self.events.append(event)


def agenda(faults: Sequence[LiveFault], seconds: float) -> list[tuple[float, LiveFault]]:
    """What strikes at which moment of a run of so many seconds, the first first."""
    moments = [
        (at_s, place)
        for place, fault in enumerate(faults)
        if fault.fault not in SHARED
        for at_s in fault.moments_s(seconds)
    ]
    return [(at_s, faults[place]) for at_s, place in sorted(moments)]


def pause_of(fault: LiveFault, lease_ms: int) -> float:
    """How long a holder stands still, in seconds."""
    return fault.pause_s or PAUSE_LEASES * lease_ms / 1e3


def lost_of(dice: random.Random) -> float:
    """How much of what Redis has written was not on disk when power went, in seconds."""
    return dice.uniform(0.2, 1.0)


def spells(faults: Sequence[LiveFault], seconds: float) -> Iterator[FaultEvent]:
    """From when until when buyers were befallen, of faults that have a share."""
    for fault in faults:
        if fault.fault in SHARED:
            over_s = min(seconds, fault.at_s + fault.for_s) if fault.for_s else seconds
            share = f"{fault.share:.1%} of attempts"
            what = f"all those of process {fault.node}" if fault.node else share
            yield FaultEvent(fault.kind, round(fault.at_s * 1e9), round(over_s * 1e9), BUYERS, what)


def why_no_strike(scenario: Scenario, strategy: str, stack: Stack) -> str:
    """Empty if every fault of the scenario can befall this pair; otherwise the sentence why not."""
    for fault in scenario.faults:
        if fault.fault in CRASHES and not list(_hit(fault, stack)):
            server = "server" if fault.server == "all" else fault.server
            return f"{strategy} on {stack.name} has no {server} that {fault.kind} could hit"
    return ""


def refuse_others_servers(scenario: Scenario, stacks: Iterable[Stack], settings: Settings) -> None:
    """Only what we started ourselves may be killed."""
    rows = dict.fromkeys(("postgresql", "mariadb"), settings.sql_url)
    urls = {**rows, **dict.fromkeys(("valkey", "valkey-cluster"), settings.redis_url)}
    for fault in scenario.faults:
        hit = {name for stack in stacks for name in _hit(fault, stack)}
        for name in sorted(hit if fault.fault in CRASHES else ()):
            if urls[name]:
                raise Problem(
                    f"{fault.kind} is for private servers, and this {name} is yours: leave its URL"
                    " out, or the fault"
                )


def _hit(fault: LiveFault, stack: Stack) -> Iterator[str]:
    for name in servers_of(stack).values():
        if is_hit(name, fault):
            yield name


def is_hit(name: str, fault: LiveFault) -> bool:
    """A cluster is hit as what it is made of."""
    return fault.server in ("all", name.partition("-")[0])
