"""A warehouse system as a process of its own, for tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]


@dataclass
class Running:
    """A process that serves, and where."""

    process: subprocess.Popen[str]
    url: str

    def kill(self) -> None:
        """As the kernel would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """Ask it to end in good order; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def start(
    database: Path, *more: str, warehouses: Sequence[str] = ("east",), token: str = ""
) -> Running:
    """Start one, and wait for its line."""
    named = [word for code in warehouses for word in ("--warehouse", code)]
    process = subprocess.Popen(
        [sys.executable, "-m", "warehouse_system", "--database", str(database), *named, *more],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "WAREHOUSE_TOKEN": token},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"it ended with status {process.wait(10)}"
    return Running(process, json.loads(line)["url"])


@contextmanager
def running(database: Path, *more: str, **settings: object) -> Iterator[Running]:
    """One that has ended when the block does."""
    there = start(database, *more, **settings)  # type: ignore[arg-type]
    try:
        yield there
    finally:
        if there.process.poll() is None:
            there.kill()
        if there.process.stdout is not None:
            there.process.stdout.close()


def post(http: httpx.Client, what: str, reference: str, *lines: tuple[str, int]) -> httpx.Response:
    """Send a document for the warehouse `east`."""
    name = "delta" if what == "adjustments" else "quantity"
    body = {"reference": reference, "lines": [{"sku": sku, name: units} for sku, units in lines]}
    return http.post(f"/warehouses/east/{what}", json=body)
