"""`stockproof serve`: the inventory service on private servers with sample data, or on yours."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.options import (
    AllowHost,
    ConfigFile,
    Json,
    PostgresqlUrl,
    RedisUrl,
    ServersName,
)
from workbench.own_servers import servers_asked
from workbench.screen import notices, print_json

ADMIN_KEY = "STOCKPROOF_ADMIN_KEY"


def serve_command(
    host: Annotated[str, typer.Option("--host", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65_535, help="Where to listen; 0: any free port.")
    ] = 8_000,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Keep the private servers' data here (else thrown away)."),
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", help="What the sample channels deduct with.")
    ] = "conditional_update",
    sql_url: PostgresqlUrl = "",
    redis_url: RedisUrl = "",
    servers: ServersName = "",
    config: ConfigFile = None,
    schema: Annotated[
        str, typer.Option("--schema", help="The service's schema and key prefix.")
    ] = "stockproof_service",
    allow_host: AllowHost = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="API processes that share the stores.")
    ] = 1,
    sample: Annotated[
        bool | None,
        typer.Option("--sample/--no-sample", help="Sample data (else: only on private servers)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """The inventory over HTTP: on private servers with sample data, or on yours.

    Ctrl-C or SIGTERM stops it in good order; acknowledged orders survive whatever ends it.
    """
    from inventory_core.api.launching import Launch, launched

    begun_s = time.perf_counter()
    allowed = tuple(allow_host or ())
    theirs = servers_asked(
        servers, config, sql_url=sql_url, redis_url=redis_url, allow_hosts=allowed
    ).settings
    launch = Launch(
        host=host,
        port=port,
        data=data,
        engine=engine,
        sql_url=theirs.sql_url,
        redis_url=theirs.redis_url,
        schema=schema,  # not the set's prefix: what lies under that is removed after a run
        allow_hosts=theirs.allow_hosts,
        workers=workers,
        sample=sample,
        admin_key=os.environ.get(ADMIN_KEY, ""),
    )
    launched(launch, lambda started: _say(started, begun_s, as_json))


def _say(started: Any, begun_s: float, as_json: bool) -> None:
    """Where it is, how to get in, and how long it took."""
    ready_ms = round((time.perf_counter() - begun_s) * 1_000)
    url = started.url
    if as_json:
        print_json(
            {
                "url": url,
                "docs": f"{url}/docs",
                "admin_key": started.admin_key,
                "sample": started.sample,
                "pid": os.getpid(),
                "workers": list(started.workers),
                "ready_ms": ready_ms,
            }
        )
        sys.stdout.flush()
        return
    screen = notices()
    screen.print(f"ready in {ready_ms / 1_000:.2f} s at {url}   (documentation: {url}/docs)")
    if started.admin_key:
        screen.print(f"admin key, shown this once: {started.admin_key}")
    if started.sample:
        screen.print("sample data: channels mall and stores, warehouses shenzhen, chengdu, nanshan")
    screen.print("Ctrl-C stops in good order")
