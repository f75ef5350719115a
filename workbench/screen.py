"""What goes where: results on stdout, progress on stderr, and with --json one object alone."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

WIDTH = 120
NEWS_EVERY_S = 1.0


def results() -> Console:
    """Where tables go. A pipe gets plain text wide enough for a table."""
    return Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)


def notices() -> Console:
    """Where progress and remarks go."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(content: Mapping[str, Any]) -> None:
    """Print the one object that a script reads."""
    sys.stdout.write(json.dumps(content, indent=1, default=str) + "\n")


class Ticker:
    """Says what is being done: a bar on a terminal, a line for each finished thing elsewhere."""

    def __init__(self, progress: Progress | None, quiet: bool) -> None:
        self._progress = progress
        self._quiet = quiet
        self._task: Any = None
        self._total = 0
        self._done = 0
        self._next_s = 0.0

    def expect(self, total: int, doing: str) -> None:
        """So many things are to be done."""
        self._total, self._done = total, 0
        if self._progress is not None:
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._task = self._progress.add_task(doing, total=total)

    def now(self, doing: str) -> None:
        """This is being done now."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=doing)

    def follow(self, done: int, total: int, what: str) -> None:
        """So many of so many things are done, and this was the last one."""
        if done == 1:
            self.expect(total, what)
        self.done(what)

    def done(self, what: str) -> None:
        """One thing is done."""
        self._done += 1
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, advance=1, description=what)
        elif not self._quiet and self._is_news():
            print(f"[{self._done}/{self._total}] {what}", file=sys.stderr, flush=True)

    def _is_news(self) -> bool:
        """A log wants a line now and then, and the last one."""
        now_s = time.monotonic()
        if now_s < self._next_s and self._done < self._total:
            return False
        self._next_s = now_s + NEWS_EVERY_S
        return True


@contextmanager
def ticker(quiet: bool = False) -> Iterator[Ticker]:
    """A ticker while the block runs."""
    if quiet or not sys.stderr.isatty():
        yield Ticker(None, quiet)
        return
    columns = (
        TextColumn("{task.description:<48.48}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=notices(), transient=True) as progress:
        yield Ticker(progress, quiet)
