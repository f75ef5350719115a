"""`stockproof doctor`: what is installed and reachable, and whether this machine can measure."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil
import typer
from rich.table import Table

from inventory_core.problems import Problem
from inventory_core.stores.addresses import check_url
from inventory_core.stores.embedded import EmbeddedPostgresql, EmbeddedValkey, fsync_us, is_tmpfs
from inventory_core.stores.kv import RedisStore
from inventory_core.stores.sql import PostgresqlStore
from inventory_core.strategy import Needs
from workbench.options import Json
from workbench.screen import print_json, results

USAGE = 2
PACKAGES = ("stockproof", "psycopg", "redis", "hiredis", "SQLAlchemy", "lupa", "pyarrow")
SLOW_FSYNC_US = 2_000
COARSE_CLOCK_NS = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination. `state`: ok, warn (figures suffer) or fail (it cannot run)."""

    subject: str
    state: str
    says: str


def doctor_command(as_json: Json = False) -> None:
    """Examine this machine: installed, reachable, and fit to measure."""
    findings = list(examine())
    if as_json:
        print_json({"rows": [asdict(finding) for finding in findings]})
    else:
        _show(findings)
    if any(finding.state == "fail" for finding in findings):
        raise typer.Exit(USAGE)


def _show(findings: list[Finding]) -> None:
    table = Table("", "subject", "says", box=None, pad_edge=False)
    signs = {"ok": "[green]✓ ok[/green]", "warn": "[yellow]! warn[/yellow]"}
    for finding in findings:
        table.add_row(signs.get(finding.state, "[red]✗ fail[/red]"), finding.subject, finding.says)
    results().print(table)


def examine() -> Iterator[Finding]:
    """Every finding, required things first."""
    for package in PACKAGES:
        yield _installed(package)
    yield _starts("embedded PostgreSQL", EmbeddedPostgresql)
    yield _starts("embedded Valkey", EmbeddedValkey)
    yield from _yours()
    yield from _machine()


def _installed(package: str) -> Finding:
    try:
        return Finding(package, "ok", version(package))
    except PackageNotFoundError:
        return Finding(package, "fail", "is not installed: run make setup")


def _starts(subject: str, server: Callable[[], EmbeddedPostgresql | EmbeddedValkey]) -> Finding:
    begun = time.perf_counter()
    try:
        with server():
            return Finding(subject, "ok", f"ready after {time.perf_counter() - begun:.2f} s")
    except Problem as problem:
        return Finding(subject, "fail", str(problem))


def _yours() -> Iterator[Finding]:
    sql, kv = os.environ.get("STOCKPROOF_SQL_URL"), os.environ.get("STOCKPROOF_REDIS_URL")
    if sql:
        yield _answers("STOCKPROOF_SQL_URL", sql, Needs.SQL)
    if kv:
        yield _answers("STOCKPROOF_REDIS_URL", kv, Needs.KV)


def _answers(variable: str, url: str, need: Needs) -> Finding:
    try:
        check_url(url, need, variable)
        store = PostgresqlStore(url, "stockproof") if need is Needs.SQL else RedisStore(url, "s:")
        return Finding(variable, "ok", str(store.fingerprint().get("server", "answers")))
    except Problem as problem:
        return Finding(variable, "fail", str(problem))


def _machine() -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield _judged("cores", (cores or 1) >= 2, f"{cores}", "one core serves client and server")
    load = os.getloadavg()[0]
    calm = load < 0.5 * (cores or 1)
    yield _judged("load", calm, f"{load:.2f}", "others are at work: close them, or repeat more")
    free_gb = psutil.virtual_memory().available / 1e9
    yield _judged("memory", free_gb > 2, f"{free_gb:.1f} GB free", "servers may be pushed to swap")
    yield from _disk(Path(tempfile.gettempdir()))
    step_ns = _clock_step_ns()
    yield _judged("clock", step_ns <= COARSE_CLOCK_NS, f"steps of {step_ns} ns", "is coarse")
    yield from _battery_and_governor()
    yield Finding("python", "ok", f"{platform.python_version()} on {platform.platform()}")


def _disk(place: Path) -> Iterator[Finding]:
    free_gb = shutil.disk_usage(place).free / 1e9
    yield _judged("disk", free_gb > 2, f"{free_gb:.0f} GB free in {place}", "free some space")
    memory = is_tmpfs(place)
    yield _judged("disk kind", not memory, "a real disk", f"{place} is memory: nothing is durable")
    flush_us = fsync_us(place)
    yield _judged(
        "fsync", flush_us < SLOW_FSYNC_US, f"{flush_us:.0f} µs", "slow: commits will wait for it"
    )


def _battery_and_governor() -> Iterator[Finding]:
    battery = getattr(psutil, "sensors_battery", lambda: None)()
    if battery is not None:
        yield _judged("power", bool(battery.power_plugged), "plugged in", "on battery: plug it in")
    governor = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    if governor.is_file():
        found = governor.read_text(encoding="ascii").strip()
        yield _judged("governor", found == "performance", found, "clock speed follows the load")


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
