"""`stockproof calibrate`: what things cost on these servers, as a profile for `predict`."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from inventory_core.problems import Problem
from inventory_core.stores.servers import Servers, Settings
from inventory_core.stores.stacks import find_stack
from scenarios.measuring.machine import machine, software
from scenarios.predicting.calibration import calibrated
from scenarios.predicting.observing import Probe, observe
from scenarios.predicting.profile import About
from scenarios.predicting.side_by_side import side_by_side, workers
from scenarios.predicting.writing_toml import toml_of
from workbench import options
from workbench.own_servers import servers_asked
from workbench.screen import print_json, results, ticker

LOOKS = 108
"""About so many things are looked at, for the progress bar."""

OutFile = Annotated[Path, typer.Option("--out", help="The TOML file to write.")]


def calibrate_command(
    out: OutFile = Path("calibrated.toml"),
    sql_url: options.PostgresqlUrl = "",
    redis_url: options.RedisUrl = "",
    servers: options.ServersName = "",
    config: options.ConfigFile = None,
    allow_host: options.AllowHost = None,
    as_json: options.Json = False,
) -> None:
    """Measure here for two minutes, and write a profile for `predict --profile ./NAME.toml`."""
    _check(out)
    allowed = tuple(allow_host or ())
    settings = servers_asked(
        servers, config, sql_url=sql_url, redis_url=redis_url, allow_hosts=allowed
    ).settings
    began_s = time.monotonic()
    with ticker(as_json) as tick, Servers(settings) as running:
        tick.expect(LOOKS, "looking")
        with running.open(find_stack("postgresql+redis")) as place:
            at = place.address
            there = Settings(at.sql_url, at.kv_url, settings.allow_hosts)
            with workers() as executor:
                seen = observe(there, tick.done)
                measured_s = time.monotonic() - began_s
                found = calibrated(seen, tick.done, everywhere=partial(side_by_side, executor))
            durability = str(place.durability.get("words", ""))
    about = About(
        title="Calibrated on one machine, clients and servers together",
        source=f"stockproof calibrate: measured for {measured_s:.0f} s; {durability}",
        machine=", ".join(f"{key} {value}" for key, value in sorted(machine().items())),
        measured_at=time.strftime("%Y-%m-%d"),
        commit=str(software().get("commit") or ""),
    )
    out.write_text(toml_of(found, about), encoding="utf-8")
    if as_json:
        print_json({"profile": str(out), "probes": [_row(probe) for probe in found.probes]})
        return
    console = results()
    for probe in found.probes:
        console.print(
            f"{probe.name.rpartition(':')[2]:<10} {probe.cells:>5} rows {probe.clients:>3} clients"
            f"  measured {probe.orders_per_s:>8,.0f} /s  simulated {probe.simulated_per_s:>8,.0f}"
            f"  {probe.error:+.1%}"
        )
    console.print(f"\nprofile: {out}", soft_wrap=True, markup=False)


def _row(probe: Probe) -> dict[str, object]:
    return {
        "probe": probe.name.rpartition(":")[2],
        "rows": probe.cells,
        "clients": probe.clients,
        "orders_per_s": probe.orders_per_s,
        "simulated_per_s": probe.simulated_per_s,
    }


def _check(out: Path) -> None:
    if out.suffix != ".toml":
        raise Problem(f"{out} is no TOML file: write --out NAME.toml")
    if not out.absolute().parent.is_dir():
        raise Problem(f"there is no folder {out.parent}: make it, or name a file elsewhere")
