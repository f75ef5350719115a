"""What goes where: results on stdout, progress on stderr, and with --json one object alone."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress_bar import ProgressBar

WIDTH = 100
NEWS_EVERY_S = 3.0


class _Results(Console):
    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError  # Rich would end with status 1, which says "a promise was broken"


def results() -> Console:
    """Where tables go. A pipe gets plain text as wide as a table needs."""
    return _Results(width=None if sys.stdout.isatty() else WIDTH, highlight=False)


def notices() -> Console:
    """Where progress and remarks go."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(content: Mapping[str, Any]) -> None:
    """Print the one object that a script reads."""
    sys.stdout.write(json.dumps(_plain(content), indent=1, allow_nan=False) + "\n")


def _plain(value: Any) -> Any:
    """JSON knows neither NaN nor the numbers of numpy."""
    match value:
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(each) for each in value]
        case float():
            return float(value) if math.isfinite(value) else None
        case str() | int() | None:
            return value
    item = getattr(value, "item", None)
    return _plain(item()) if item else str(value)


class Ticker:
    """Says what is being done: bars on a terminal, a line for a finished thing elsewhere."""

    def __init__(self, progress: Progress | None, quiet: bool) -> None:
        self._progress = progress
        self._quiet = quiet
        self._all: TaskID | None = None
        self._one: TaskID | None = None
        self._total = 0
        self._done = 0
        self._next_s = 0.0

    def expect(self, total: int, doing: str) -> None:
        """So many things are to be done."""
        self._total, self._done = total, 0
        if self._progress is not None:
            self._all = self._progress.add_task(doing, total=total)

    def now(self, doing: str, about_s: float) -> None:
        """This one is being done now, and will take about so long."""
        if self._progress is None:
            return
        if self._one is not None:
            self._progress.remove_task(self._one)
        self._one = self._progress.add_task(doing, total=None, about_s=about_s)

    def follow(self, done: int, total: int, what: str) -> None:
        """So many of so many are done, and this was the last one; for things that come fast."""
        if done == 1:
            self.expect(total, what)
        self.done(what, news=self._is_time() or done == total)

    def done(self, what: str, news: bool = True) -> None:
        """One thing is done. A log is told only if it is `news`."""
        self._done += 1
        if self._progress is not None and self._all is not None:
            self._progress.update(self._all, advance=1)
            if self._one is None:
                self._progress.update(self._all, description=what)
        elif news and not self._quiet:
            print(f"[{self._done}/{self._total}] {what}", file=sys.stderr, flush=True)

    def _is_time(self) -> bool:
        now_s = time.monotonic()
        if now_s < self._next_s:
            return False
        self._next_s = now_s + NEWS_EVERY_S
        return True


class _Bar(BarColumn):
    """A bar that counts what is done, or for one thing the time it takes."""

    def render(self, task: Task) -> ProgressBar:
        about_s = task.fields.get("about_s")
        if about_s is None:
            return super().render(task)
        return ProgressBar(about_s, min(task.elapsed or 0.0, about_s), width=self.bar_width)


class _Count(ProgressColumn):
    """So many of so many."""

    def render(self, task: Task) -> str:
        return "" if task.total is None else f"{int(task.completed)}/{int(task.total)}"


COLUMNS = (TextColumn("{task.description:<48.48}"), _Bar(24), _Count(), TimeElapsedColumn())


@contextmanager
def ticker(quiet: bool = False) -> Iterator[Ticker]:
    """A ticker while the block runs."""
    if quiet or not sys.stderr.isatty():
        yield Ticker(None, quiet)
        return
    with Progress(*COLUMNS, console=notices(), transient=True) as progress:
        yield Ticker(progress, quiet)
