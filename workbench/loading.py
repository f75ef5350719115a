"""`stockproof load`: Locust's users at the front door of a shop, and a verdict at the end.

Without `--host` the shop is a private one, on private servers. Locust runs in processes of its own.
`sync_lag` has a product window beside its shop (`loading_window`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from inventory_core.problems import Problem
from inventory_core.stores.servers import Settings
from scenarios.history import RunFolder
from scenarios.lagging.scenario import is_sync_lag
from scenarios.loading.campaign import USUAL, LoadWanted, load
from scenarios.loading.elsewhere import checked_url
from scenarios.loading.fleet import Crewing, work_for
from scenarios.loading.run import REPORT
from scenarios.loading.window.run import WindowWanted
from workbench import options
from workbench.asking import check_folder, folder_asked, repeating, scenario_asked
from workbench.comparing import BROKEN
from workbench.junit import write_junit
from workbench.loading_window import SOURCE, refuse_choices, window_asked, window_sentence
from workbench.own_servers import servers_asked
from workbench.screen import Ticker, notices, print_json, results, ticker
from workbench.serving import ADMIN_KEY
from workbench.stopping import Stopped
from workbench.verdict_table import is_judged, verdict_table

PORT, WEB_PORT = 5557, 8089
"""Those that Locust has by itself."""

ScenarioName = Annotated[str, typer.Argument(help="A scenario's name, or the path of a TOML file.")]
Users = Annotated[int, typer.Option("--users", min=0, help="Users (0: as the scenario says).")]
LocustProcesses = Annotated[
    int, typer.Option("--processes", min=1, max=64, help="Processes of Locust's that play.")
]
Workers = Annotated[
    int, typer.Option("--workers", min=1, max=64, help="API processes of a private shop.")
]
Host = Annotated[str, typer.Option("--host", help="Load this service, which runs already.")]
Plans = Annotated[
    bool, typer.Option("--plans", help="Carry out plans on the stores, without a shop.")
]
WindowPath = Annotated[
    str, typer.Option("--path", help="sync_lag: its window learns by streaming, or polling:MS.")
]
Web = Annotated[bool, typer.Option("--web/--headless", help="Locust's web UI; Ctrl-C ends it.")]
WebPort = Annotated[int, typer.Option("--web-port", min=0, max=65_535, help="Where that is.")]
Master = Annotated[bool, typer.Option("--master", help="Wait for workers, and let them play.")]
Expected = Annotated[
    int, typer.Option("--expect-workers", min=1, max=1_000, help="How many a master waits for.")
]
MasterBind = Annotated[
    str, typer.Option("--master-bind", help="Where a master listens (0.0.0.0: everywhere).")
]
Worker = Annotated[bool, typer.Option("--worker", help="Play for a master, which knows what.")]
MasterHost = Annotated[str, typer.Option("--master-host", help="Where a worker's master is.")]
MasterPort = Annotated[
    int, typer.Option("--master-port", min=1, max=65_535, help="On which port they meet.")
]


def load_command(
    context: typer.Context,
    scenario: ScenarioName = "",
    strategy: options.Strategies = None,
    users: Users = 0,
    seconds: options.Seconds = None,
    seed: options.Seed = None,
    set_: options.Sets = None,
    processes: LocustProcesses = 1,
    workers: Workers = 1,
    host: Host = "",
    plans: Plans = False,
    stack: options.StackName = None,
    path: WindowPath = "",
    web: Web = False,
    web_port: WebPort = WEB_PORT,
    master: Master = False,
    expect_workers: Expected = 1,
    master_bind: MasterBind = "127.0.0.1",
    worker: Worker = False,
    master_host: MasterHost = "127.0.0.1",
    master_port: MasterPort = PORT,
    out: options.Out = None,
    sql_url: options.SqlUrl = "",
    redis_url: options.RedisUrl = "",
    servers: options.ServersName = "",
    config: options.ConfigFile = None,
    schema: options.SchemaName = "",
    allow_host: options.AllowHost = None,
    junit: options.Junit = None,
    as_json: options.Json = False,
) -> None:
    """Load the HTTP API of a shop with Locust, audit every unit, and give a verdict."""
    if worker:
        work_for(master_host, master_port)
        return
    if not scenario:
        raise Problem("name a scenario to load (see: list scenarios), or say --worker")
    allowed = tuple(allow_host or ())
    window: WindowWanted | None = None
    if is_sync_lag(scenario):
        refuse_choices(
            strategy=strategy,
            host=host,
            plans=plans,
            stack=stack,
            sql_url=sql_url,
            redis_url=redis_url,
            servers=servers,
            config=config,
            schema=schema,
            allow_host=allow_host,
        )
        asked, window = window_asked(scenario, path, set_ or (), seconds, seed)
        settings = Settings(postgresql=SOURCE)
    elif path:
        raise Problem("--path is for sync_lag, which has a shop window: leave it out")
    else:
        keys = {"run.seconds": seconds, "run.seed": seed}
        asked = scenario_asked(scenario, set_ or (), None, keys)
        settings = servers_asked(
            servers, config, sql_url=sql_url, redis_url=redis_url, allow_hosts=allowed, name=schema
        ).settings
    wanted = LoadWanted(
        scenario=asked,
        out=folder_asked(out, asked),
        strategies=tuple(strategy or USUAL),
        users=users,
        crewing=Crewing(
            processes,
            master,
            expect_workers,
            master_host=master_bind if master else "127.0.0.1",
            master_port=master_port if master else 0,
            web_port=web_port if web else -1,
            patience_s=600.0 if master else 120.0,
        ),
        api_processes=workers,
        plans=plans,
        stack=stack,
        settings=settings,
        url=checked_url(host, allowed) if host else "",
        admin_key=_admin_key(host),
        window=window,
        told={
            "command": repeating(context.obj),
            "started_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        },
    )
    _carry_out(wanted, junit, as_json)


def _admin_key(host: str) -> str:
    key = os.environ.get(ADMIN_KEY, "")
    if host and not key:
        raise Problem(f"a running service lets nobody in without a key: set {ADMIN_KEY} to one")
    return key


def _carry_out(wanted: LoadWanted, junit: Path | None, as_json: bool) -> None:
    pairs = wanted.pairs()
    check_folder(wanted.out)
    record: dict[str, Any] = {}
    with ticker(as_json) as tick:
        tick.expect(len(pairs), "all runs")
        try:
            record = load(wanted, lambda said: _follow(tick, wanted, said))
        except KeyboardInterrupt:
            finished = sum(1 for _ in RunFolder(wanted.out).runs()) if wanted.out.exists() else 0
            raise Stopped(f"finished runs are in {wanted.out} ({finished})") from None
    rows = record["rows"]
    if junit is not None:
        write_junit(junit, f"stockproof load {wanted.scenario.name}", rows)
    if as_json:
        print_json(
            {
                "scenario": wanted.scenario.name,
                "seed": wanted.scenario.run.seed,
                "folder": str(wanted.out),
                "rows": rows,
            }
        )
    else:
        _show(wanted, rows)
    if any(row["stopped"] for row in rows) and wanted.crewing.web_port < 0:
        raise Stopped(f"what was answered until then is judged, and in {wanted.out}")
    if any(row["verdict"] != "holds" for row in rows if is_judged(row)):
        raise typer.Exit(BROKEN)


def _follow(tick: Ticker, wanted: LoadWanted, said: Mapping[str, Any]) -> None:
    """Say how far it is."""
    match said["event"]:
        case "begin":
            tick.now("Locust's users are in", wanted.scenario.run.seconds)
        case "row":
            row = said["row"]
            tick.done(f"{row['strategy']} on {row['stack']}: {row['verdict']}")
        case "web":
            url = f"http://127.0.0.1:{said['port']}"
            notices().print(f"Locust's web UI: {url} - start there; Ctrl-C ends and judges the run")
        case "waiting" if wanted.crewing.master:
            port = f"--master-port {said['port']}"
            notices().print(
                f"waiting for {said['workers']} workers: stockproof load --worker --master-host"
                f" HOST {port}"
            )


def _show(wanted: LoadWanted, rows: list[dict[str, Any]]) -> None:
    console = results()
    console.print(verdict_table(rows))
    for row in rows:
        console.print()
        seen = [window_sentence(row)] if wanted.window else []
        for line in (_sentence(row), *seen, *_report(wanted, row)):
            console.print(line, soft_wrap=True, markup=False)
    console.print(f"\nrecords: {wanted.out}", soft_wrap=True, markup=False)


def _sentence(row: Mapping[str, Any]) -> str:
    """What the users did and met."""
    broken = ", ".join(row["promises_broken"])
    return (
        f"{row['strategy']}: {row['requests_per_s']:,.0f} requests a second by {row['users']} users"
        f" in {row['locust_processes']} process(es) of Locust; of {row['attempts']:,} orders sent"
        f" {row['deducted']:,} were taken, {row['replayed']:,} duplicates answered,"
        f" {row['refused'] - row['mismatched']:,} refused, {row['mismatched']:,} with another body"
        f" refused, {row['dropped']:,} dropped; {row['oversold_units']:,} units oversold"
        + (f"; broken: {broken}" if broken else "")
        + (f" ({row['note']})" if row["note"] else "")
    )


def _report(wanted: LoadWanted, row: Mapping[str, Any]) -> list[str]:
    """Locust's own report."""
    folder = wanted.out / row["runs"][0] / REPORT
    text = folder / "locust.txt"
    if not text.exists():
        return []
    lines = [line.rstrip() for line in text.read_text(encoding="utf-8").splitlines()]
    return ["", *lines, f"Locust's page: {folder / 'locust.html'}"]
