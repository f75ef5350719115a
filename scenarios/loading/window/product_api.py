"""The product system's read API as a process of ours: on some port, and gone with its parent."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inventory_core.problems import Problem
from scenarios.lifeline import die_with_parent, started

MODULE = "scenarios.loading.window.product_api"


def main(says: int, lifeline: int) -> None:
    """Serve the database that standard input names, until the parent ends."""
    from product_system.__main__ import serve  # a web framework: only in this process

    die_with_parent(lifeline)
    os.dup2(says, sys.stdout.fileno())  # what it says when it is ready is for the parent
    serve(Path(sys.stdin.read()), "127.0.0.1", 0)


@contextmanager
def product_api(database: Path) -> Iterator[str]:
    """The URL of a product system with this database (made if it is not there)."""
    heard, says = os.pipe()
    child = started(MODULE, (says,), (says,), told=str(database).encode())
    os.close(says)
    try:
        with os.fdopen(heard) as lines:
            line = lines.readline()
        if not line:
            raise Problem("the product system did not start: see what it said above")
        yield json.loads(line)["url"]
    finally:
        child.end()
