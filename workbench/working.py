"""`stockproof worker`: what brings a cache's deductions to the rows, as a service."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inventory_core.problems import Problem
from workbench.options import AllowHost, ConfigFile, Json, PostgresqlUrl, RedisUrl, ServersName
from workbench.own_servers import servers_asked
from workbench.screen import notices, print_json, results

if TYPE_CHECKING:
    from inventory_core.stores.service import ServiceAddress
    from inventory_core.stores.session import Session

app = typer.Typer(
    help="The workers from cache to rows: run, status, retry, rebuild.", no_args_is_help=True
)
Engine = Annotated[str, typer.Argument(help="The strategy, such as redis_with_task.")]
Schema = Annotated[str, typer.Option("--schema", help="The service's schema and key prefix.")]
SERVICE = "stockproof_service"
SILENT_S = 10.0
"""A worker that has told nothing for so long is taken for dead."""


@app.command("run")
def run_command(
    engine: Engine,
    sql_url: PostgresqlUrl = "",
    redis_url: RedisUrl = "",
    servers: ServersName = "",
    config: ConfigFile = None,
    schema: Schema = SERVICE,
    allow_host: AllowHost = None,
    backlog: Annotated[
        int, typer.Option("--backlog", min=1, help="With more waiting, new orders are held back.")
    ] = 10_000,
    tries: Annotated[
        int, typer.Option("--tries", min=1, help="Of one piece of work, before it is set aside.")
    ] = 20,
    metrics_port: Annotated[
        int | None,
        typer.Option("--metrics-port", min=0, max=65_535, help="Prometheus; 0: any free port."),
    ] = None,
) -> None:
    """Run an engine's worker until Ctrl-C or SIGTERM. Any number may run, beside serve as well."""
    from prometheus_client import CollectorRegistry

    from inventory_core.sync.workers.figures import Figures
    from inventory_core.sync.workers.limits import WorkerLimits
    from inventory_core.sync.workers.running import Worker

    address = _address(engine, sql_url, redis_url, servers, config, schema, allow_host)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="stockproof: %(message)s")
    registry = CollectorRegistry()
    port = None if metrics_port is None else _metrics(metrics_port, registry)
    limits = WorkerLimits(tries=tries, backlog_most=backlog)
    worker = Worker(address, engine, Figures(engine, registry), limits)
    with suppress(KeyboardInterrupt):
        worker.run(lambda: _ready(engine, port))
    worker.stop.set()


def _ready(engine: str, metrics_port: int | None) -> None:
    print(json.dumps({"engine": engine, "metrics_port": metrics_port}), flush=True)


@app.command("status")
def status_command(
    engine: Engine,
    sql_url: PostgresqlUrl = "",
    redis_url: RedisUrl = "",
    servers: ServersName = "",
    config: ConfigFile = None,
    schema: Schema = SERVICE,
    allow_host: AllowHost = None,
    as_json: Json = False,
) -> None:
    """What waits, how old it is, what was set aside, and whether buyers are held back.

    Exit status 1 if something wants attention: work set aside, buyers held back, no worker.
    """
    from inventory_core.sync.workers.status import status_of

    address = _address(engine, sql_url, redis_url, servers, config, schema, allow_host)
    with _session(address) as session:
        found = status_of(session, address, engine, SILENT_S)
    if as_json:
        print_json(found)
    else:
        _show(found)
    if found["warnings"]:
        raise typer.Exit(1)


@app.command("retry")
def retry_command(
    engine: Engine,
    piece: Annotated[
        list[str] | None, typer.Argument(help="Which of what is aside (else all).")
    ] = None,
    sql_url: PostgresqlUrl = "",
    redis_url: RedisUrl = "",
    servers: ServersName = "",
    config: ConfigFile = None,
    schema: Schema = SERVICE,
    allow_host: AllowHost = None,
    as_json: Json = False,
) -> None:
    """Try again what was set aside. Exit status 1 if some of it still cannot be written."""
    from inventory_core.sync.workers.status import retried

    address = _address(engine, sql_url, redis_url, servers, config, schema, allow_host)
    with _session(address) as session:
        done, still = retried(session, engine, piece or ())
    if as_json:
        print_json({"engine": engine, "done": done, "still_aside": still})
    else:
        notices().print(f"{done} pieces of work are with the worker or written, {still} are not")
    if still:
        raise typer.Exit(1)


@app.command("rebuild")
def rebuild_command(
    engine: Engine,
    sql_url: PostgresqlUrl = "",
    redis_url: RedisUrl = "",
    servers: ServersName = "",
    config: ConfigFile = None,
    schema: Schema = SERVICE,
    allow_host: AllowHost = None,
    as_json: Json = False,
) -> None:
    """Empty an engine's cache and write it anew from the rows, orders in flight or not."""
    from inventory_core.sync.workers.rebuilding import rebuild

    address = _address(engine, sql_url, redis_url, servers, config, schema, allow_host)
    done = rebuild(address, engine)
    if as_json:
        print_json({"engine": engine, **asdict(done)})
    else:
        notices().print(
            f"{done.cells} counters with {done.units} units and {done.holds} holds, as the rows"
            f" have them, in {done.took_s:.1f} s"
        )


def _address(
    engine: str,
    sql_url: str,
    redis_url: str,
    servers: str,
    config: Any,
    schema: str,
    allow_host: list[str] | None,
) -> ServiceAddress:
    """The stores of the service, as `serve` names them; a `Problem` if there are none."""
    from inventory_core.stores.addresses import check_allowed, check_url
    from inventory_core.stores.kv import RedisStore, tagged
    from inventory_core.stores.service import ServiceAddress, open_service
    from inventory_core.strategy import Needs, registry
    from inventory_core.sync.workers.queues import queue_of

    asked = servers_asked(
        servers,
        config,
        sql_url=sql_url,
        redis_url=redis_url,
        allow_hosts=tuple(allow_host or ()),
    )
    queue_of(engine, registry.make(engine))
    settings = asked.settings
    for url, need, option in (
        (settings.sql_url, Needs.SQL, "--sql-url"),
        (settings.redis_url, Needs.KV, "--redis-url"),
    ):
        if not url:
            raise Problem(f"a worker runs on servers that are there: say {option}")
        check_url(url, need, option)
        check_allowed(url, settings.allow_hosts)
    prefix = tagged(schema)
    home = RedisStore(settings.redis_url, prefix).home
    address = ServiceAddress(settings.sql_url, schema, home, prefix, (engine,))
    with open_service(address) as stores:
        stores.check()
    return address


@contextmanager
def _session(address: ServiceAddress) -> Iterator[Session]:
    from inventory_core.stores.service import connect_service

    with closing(connect_service(address)) as session:
        yield session


def _metrics(port: int, registry: Any) -> int:
    """Serve metrics; the port, which the system chooses if it is 0."""
    from prometheus_client import start_http_server

    try:
        server, _ = start_http_server(port, "127.0.0.1", registry)
    except OSError as error:
        raise Problem(f"port {port} is not to be had for metrics ({error})") from None
    return server.server_port


def _show(found: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table("what", "is", box=None)
    for name, value in found.items():
        if not isinstance(value, list):
            said = f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else value
            table.add_row(name.replace("_", " "), str(said))
    for piece in found["aside"]:
        table.add_row(f"aside {piece['piece']}", f"{piece['about']}: {piece['why']}")
    for warning in found["warnings"]:
        table.add_row("warning", warning)
    results().print(table)
