"""How long `stockproof serve` takes from nothing to its first order, on servers of its own.

    process starts --> says that it is ready --> /health/ready answers 200 --> an order is placed

Every start is a process of its own on fresh servers, one after the other:
`python -m workbench.bench_serve 20` makes twenty.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import IO

import httpx
from rich.table import Table

from inventory_core.problems import Problem
from workbench.screen import results
from workbench.serving import ADMIN_KEY

STARTS = 10
GOAL_S = 3.0
BOOT = "from workbench.command_line import main; main()"
COMMAND = (sys.executable, "-c", BOOT, "serve", "--port", "0", "--json")
ANSWER_WITHIN_S, END_WITHIN_S, PAUSE_S = 30.0, 30.0, 0.005
THEIRS = ("STOCKPROOF_SQL_URL", "STOCKPROOF_REDIS_URL", "PYTHONDONTWRITEBYTECODE")
ORDER = {
    "channel": "mall",
    "number": "first",
    "buyer": "ann",
    "address": "Guangdong/Shenzhen/Nanshan",
    "lines": [{"sku": "case-12", "quantity": 1}],
}


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the start of the process; `ready_s` is what the service itself counted."""

    said_s: float
    ready_s: float
    healthy_s: float
    ordered_s: float


def starts(count: int = STARTS) -> tuple[Start, ...]:
    """Start it so many times, after one start that leaves bytecode and cluster behind."""
    started()
    return tuple(started() for _ in range(count))


def started() -> Start:
    """One start on fresh servers, up to the first order; it is stopped again."""
    key = f"bench-admin.{secrets.token_hex(16)}"
    begun_s = time.perf_counter()
    with _serving(key) as said, _client(str(said["url"]), key) as client:
        said_s = time.perf_counter() - begun_s
        _until_healthy(client)
        healthy_s = time.perf_counter() - begun_s
        _place(client)
        ordered_s = time.perf_counter() - begun_s
    return Start(said_s, float(str(said["ready_ms"])) / 1_000, healthy_s, ordered_s)


def _client(url: str, key: str) -> httpx.Client:
    said = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=url, headers=said, timeout=ANSWER_WITHIN_S, trust_env=False)


@contextmanager
def _serving(key: str) -> Iterator[dict[str, object]]:
    """The service as a process; what it said when it was ready."""
    environment = {name: value for name, value in os.environ.items() if name not in THEIRS}
    process = subprocess.Popen(
        COMMAND, stdout=subprocess.PIPE, text=True, env={**environment, ADMIN_KEY: key}
    )
    assert process.stdout is not None
    try:
        yield said_on(process.stdout)
    finally:
        process.terminate()
        try:
            process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def said_on(lines: IO[str]) -> dict[str, object]:
    """The object that it prints over several lines; `Problem` if it ends without one."""
    heard = ""
    for line in lines:
        heard += line
        if line.rstrip() == "}":
            said: dict[str, object] = json.loads(heard)
            return said
    raise Problem(f"stockproof serve ended before it was ready, and said {heard!r}")


def _until_healthy(client: httpx.Client) -> None:
    deadline_s = time.perf_counter() + ANSWER_WITHIN_S
    while client.get("/health/ready").status_code != 200:
        if time.perf_counter() > deadline_s:
            raise Problem(f"it was not healthy within {ANSWER_WITHIN_S:g} seconds")
        time.sleep(PAUSE_S)


def _place(client: httpx.Client) -> None:
    answer = client.post("/v1/orders", json=ORDER)
    if answer.status_code != 201:
        raise Problem(f"the first order was answered with {answer.status_code}: {answer.text}")


def table_of(found: Sequence[Start], load: float, cores: int) -> Table:
    """Median and worst of every stretch, and whether it was ready in time."""
    table = Table("from the start of the process", "median s", "worst s", "goal s", box=None)
    for stretch, taken_s, goal in (
        ("until it says that it is ready", [each.said_s for each in found], f"{GOAL_S:g}"),
        ("  as it counts itself (ready_ms)", [each.ready_s for each in found], ""),
        ("until /health/ready answers 200", [each.healthy_s for each in found], ""),
        ("until an order is placed", [each.ordered_s for each in found], ""),
    ):
        table.add_row(stretch, f"{median(taken_s):.2f}", f"{max(taken_s):.2f}", goal)
    within = sum(each.said_s <= GOAL_S for each in found)
    table.caption = (
        f"{within} of {len(found)} starts within the goal; {cores} cores, load {load:.2f} before"
    )
    return table


def serve(count: int = STARTS) -> Table:
    """Starting the service: private servers, tables, sample data, and its first order."""
    load = os.getloadavg()[0]
    return table_of(starts(count), load, os.cpu_count() or 1)


if __name__ == "__main__":
    results().print(serve(int(sys.argv[1]) if sys.argv[1:] else STARTS))
