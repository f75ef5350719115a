"""Starts the service: servers, tables, sample data, the first key, and one or more processes.

    socket ----------------------------------------------------------+
    private servers (side by side) --> tables --> key, sample data --+--> serve
    imports (meanwhile) ---------------------------------------------+

PostgreSQL takes longest, so nothing that it does not need is imported before it is on its way.
"""

from __future__ import annotations

import gc
import importlib
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inventory_core.api.listening import bound, url_of
from inventory_core.problems import Problem
from inventory_core.stores.embedded import EmbeddedPostgresql, EmbeddedValkey

if TYPE_CHECKING:
    from inventory_core.stores.service import ServiceAddress

HEAVY = ("inventory_core.api.application", "inventory_core.api.server")
Private = EmbeddedPostgresql | EmbeddedValkey


@dataclass(frozen=True, slots=True)
class Launch:
    """What `stockproof serve` was asked for. An empty URL means: start a private server."""

    host: str = "127.0.0.1"
    port: int = 0
    data: Path | None = None
    engine: str = "conditional_update"
    sql_url: str = ""
    redis_url: str = ""
    schema: str = "stockproof_service"
    allow_hosts: tuple[str, ...] = ()
    workers: int = 1
    sample: bool | None = None
    admin_key: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Stores that can be served."""

    address: ServiceAddress
    admin_key: str  # empty: there is one already
    sample: bool


@dataclass(frozen=True, slots=True)
class Started:
    """A service that is ready."""

    url: str
    admin_key: str  # empty: there is one already
    sample: bool
    workers: tuple[int, ...]  # their process ids; empty: this process serves


def launched(launch: Launch, ready: Callable[[Started], None]) -> None:
    """Start everything, say that it is ready, and serve until told to stop."""
    with ExitStack() as life:
        life.callback(gc.enable)
        gc.disable()  # imports leave no garbage, and looking for it takes a tenth of their time
        listener = life.enter_context(bound(launch.host, launch.port))
        threads = life.enter_context(ThreadPoolExecutor(3))
        starting = [threads.submit(_started, one) for one in _private(launch, life)]
        _check(launch)
        preparing = threads.submit(_prepared, launch, starting)
        for name in HEAVY:
            importlib.import_module(name)
        prepared = preparing.result()
        gc.freeze()
        gc.enable()
        _serve(launch, prepared, listener, ready)


def _check(launch: Launch) -> None:
    """Refuse what cannot be before anything is touched; private servers may be on their way."""
    from inventory_core.api.engines import checked
    from inventory_core.stores.addresses import check_allowed, check_url
    from inventory_core.strategy import Needs

    for url, need, what in (
        (launch.sql_url, Needs.SQL, "the SQL URL"),
        (launch.redis_url, Needs.KV, "the Redis URL"),
    ):
        if url:
            check_url(url, need, what)
            check_allowed(url, launch.allow_hosts)
    if launch.data is not None and launch.sql_url:
        raise Problem("--data is for private servers: leave it out with --sql-url")
    if launch.redis_url and not launch.sql_url:
        raise Problem("--redis-url needs --sql-url too: the service keeps its records there")
    checked(launch.engine, kv=bool(launch.redis_url) or not launch.sql_url)


def _private(launch: Launch, life: ExitStack) -> tuple[Private, ...]:
    """The private servers that are wanted; they stop with the rest."""
    if launch.sql_url:
        return ()
    servers = (EmbeddedPostgresql(launch.data), EmbeddedValkey(launch.data))
    for server in servers:
        life.callback(server.stop)
    return servers


def _started(server: Private) -> str:
    server.start()
    return server.url


def _prepared(launch: Launch, starting: Sequence[Future[str]]) -> Prepared:
    """Tables, key and sample data, as soon as the servers are there."""
    urls = [one.result() for one in starting]
    sql, kv = urls or (launch.sql_url, launch.redis_url)
    preparing = importlib.import_module("inventory_core.api.preparing")
    prepared: Prepared = preparing.prepare(launch, sql, kv)
    return prepared


def _serve(
    launch: Launch,
    prepared: Prepared,
    listener: socket.socket,
    ready: Callable[[Started], None],
) -> None:
    """In this process, or in several that share the socket."""
    from inventory_core.api.application import create_app
    from inventory_core.api.crew import Crew
    from inventory_core.api.server import Server, serve
    from inventory_core.api.settings import ApiSettings

    settings = ApiSettings()
    url, address = url_of(listener), prepared.address
    admin_key, sample = prepared.admin_key, prepared.sample
    if launch.workers == 1:
        started = Started(url, admin_key, sample, ())
        app = create_app(address, settings)
        serve(Server(app, settings, lambda: ready(started)), listener)
        return
    with Crew(address, settings, listener, launch.workers) as crew:
        ready(Started(url, admin_key, sample, crew.pids))
        with suppress(KeyboardInterrupt):
            crew.wait()
