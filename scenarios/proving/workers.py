"""Several processes that carry out a function on many tasks, and end with us however we end.

Ctrl-C reaches every process of a terminal's group, and is ours alone to answer: the workers are
started deaf to it. When we stop early they are ended, and when we are killed they end themselves.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from typing import TypeVar

from scenarios.lifeline import end_with_parent

T = TypeVar("T")
Task = TypeVar("Task")


class Workers:
    """Carries out a function on many tasks: here, or in several processes, in any order."""

    def __init__(self, pool: ProcessPoolExecutor | None) -> None:
        self._pool = pool

    def carry_out(self, function: Callable[[Task], T], tasks: Sequence[Task]) -> Iterator[T]:
        """What comes of each task, as it comes."""
        if self._pool is None:
            yield from map(function, tasks)
            return
        with _deaf_to_interrupts():  # tasks start workers, which inherit what is blocked
            futures = [self._pool.submit(function, task) for task in tasks]
        for future in as_completed(futures):
            yield future.result()


@contextmanager
def hired(processes: int) -> Iterator[Workers]:
    """Workers while the block runs."""
    if processes <= 1:
        yield Workers(None)
        return
    before = set(active_children())
    context = get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=end_with_parent)
    try:
        yield Workers(pool)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(active_children()) - before:
            child.terminate()
        raise
    finally:
        pool.shutdown()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
