"""Is this machine fit to measure? What would make its figures worth less, a sentence each."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from inventory_core.stores.embedded import fsync_us, is_tmpfs

CORES_LEAST = 2
FREE_GB_LEAST = 2.0
SLOW_FSYNC_US = 2_000
COARSE_CLOCK_NS = 1_000
LOOK_S = 0.5
"""How long the other processes are watched."""
HEAVY_SHARE = 0.2
"""A process that takes more of one core than this is in the way."""
STOLEN_SHARE = 0.02
CPU = Path("/sys/devices/system/cpu")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination. `state`: ok, warn (figures suffer) or fail (it cannot run)."""

    subject: str
    state: str
    says: str


def fitness() -> Iterator[Finding]:
    """Every finding about the machine; none of them keeps anything from running."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores = cores or 1
    enough = cores >= CORES_LEAST
    yield _judged("cores", enough, f"{cores}", "client and server take turns on it")
    quota = _quota()
    if quota is not None and quota < cores:
        says = f"the container may use {quota:g} of {cores} cores: it is held up, then let go"
        yield Finding("quota", "warn", says)
    load = os.getloadavg()[0]
    calm = load < 0.5 * cores
    yield _judged("load", calm, f"{load:.2f} processes wait for {cores} cores", "others are busy")
    yield from _others()
    free_gb = psutil.virtual_memory().available / 1e9
    yield _judged("memory", free_gb > FREE_GB_LEAST, f"{free_gb:.1f} GB free", "it may swap")
    yield from _disk(Path(tempfile.gettempdir()))
    step_ns = _clock_step_ns()
    yield _judged("clock", step_ns <= COARSE_CLOCK_NS, f"steps of {step_ns} ns", "it is coarse")
    yield from _speed_of_the_processor()
    yield Finding("python", "ok", f"{platform.python_version()} on {platform.platform()}")


def _others() -> Iterator[Finding]:
    """Who else is at work, and what a hypervisor takes away."""
    others = [each for each in psutil.process_iter(["name"]) if each.pid != os.getpid()]
    before, busy = psutil.cpu_times(), dict(zip(others, map(_cpu_s, others), strict=True))
    time.sleep(LOOK_S)
    shares = {each: (_cpu_s(each) - spent_s) / LOOK_S for each, spent_s in busy.items()}
    heaviest = max(shares, key=lambda each: shares[each], default=None)
    if heaviest is not None and shares[heaviest] > HEAVY_SHARE:
        name = f"{heaviest.info['name']} ({heaviest.pid})"
        yield Finding("others", "warn", f"{name} takes {shares[heaviest]:.0%} of a core: close it")
    else:
        yield Finding("others", "ok", "no other process is at work")
    after = psutil.cpu_times()
    stolen = (getattr(after, "steal", 0.0) - getattr(before, "steal", 0.0)) / LOOK_S
    lent = f"{stolen:.0%} of a core was taken by other guests of this host"
    yield _judged("host", stolen < STOLEN_SHARE, lent, "repeat more often")


def _cpu_s(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _disk(place: Path) -> Iterator[Finding]:
    free_gb = shutil.disk_usage(place).free / 1e9
    room = free_gb > FREE_GB_LEAST
    yield _judged("disk", room, f"{free_gb:.0f} GB free in {place}", "free some space")
    memory = is_tmpfs(place)
    kind = f"{place} is memory" if memory else f"{place} is a real disk"
    yield _judged("disk kind", not memory, kind, "nothing is durable; set TMPDIR to a disk")
    flush_us = fsync_us(place)
    fast = flush_us < SLOW_FSYNC_US
    yield _judged("fsync", fast, f"{flush_us:.0f} µs", "slow, and every commit waits for it")


def _speed_of_the_processor() -> Iterator[Finding]:
    battery = getattr(psutil, "sensors_battery", lambda: None)()
    if battery is not None:
        plugged = bool(battery.power_plugged)
        says = "plugged in" if plugged else "on battery"
        yield _judged("power", plugged, says, "plug it in")
    governor = _word(CPU / "cpu0/cpufreq/scaling_governor")
    if governor:
        steady = governor == "performance"
        yield _judged("governor", steady, governor, "the clock follows the load; set performance")
    turbo = _word(CPU / "cpufreq/boost") == "1" or _word(CPU / "intel_pstate/no_turbo") == "0"
    if turbo:
        yield Finding("turbo", "warn", "on: short runs are faster than long ones; switch it off")


def _quota() -> float | None:
    """Cores that a container may use at most, if that is limited."""
    limit, _, period = _word(Path("/sys/fs/cgroup/cpu.max")).partition(" ")
    return int(limit) / int(period) if limit.isdigit() and period.isdigit() else None


def _word(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(encoding="ascii").strip()
    return ""


def _judged(subject: str, good: bool, says: str, otherwise: str) -> Finding:
    return Finding(subject, "ok" if good else "warn", says if good else f"{says}: {otherwise}")


def _clock_step_ns() -> int:
    steps = []
    for _ in range(200):
        before = after = time.perf_counter_ns()
        for _ in range(10_000):  # a clock that stands still for so long is broken anyway
            after = time.perf_counter_ns()
            if after != before:
                break
        steps.append(after - before)
    return min(steps)
