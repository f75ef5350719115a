"""`stockproof serve` as a process of its own, for tests that end it in every way."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.workbench.command import command

ROOT = Path(__file__).parents[2]
ADMIN_KEY = "tester-admin.0123456789abcdef0123456789abcdef"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "STOCKPROOF_ADMIN_KEY": ADMIN_KEY}
for name in ("STOCKPROOF_SQL_URL", "STOCKPROOF_REDIS_URL"):
    ENVIRONMENT.pop(name, None)


@dataclass
class Serving:
    """`stockproof serve` as a process, and what it said when it was ready."""

    process: subprocess.Popen[str]
    said: dict[str, Any]
    acknowledged: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it serves."""
        return str(self.said["url"])

    def client(self, key: str = ADMIN_KEY) -> httpx.Client:
        """An admin's, or that of another key."""
        said = {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.url, headers=said, timeout=30)


@contextmanager
def serving(*arguments: str) -> Iterator[Serving]:
    """The service, while the block runs."""
    process = subprocess.Popen(
        command("serve", "--port", "0", "--json", *arguments),
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        cwd=ROOT,
    )
    try:
        yield Serving(process, _said(process))
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


def _said(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.rstrip() == "}":
            said: dict[str, Any] = json.loads("".join(lines))
            return said
    raise AssertionError(f"it ended with {process.wait()} and said {lines}")
