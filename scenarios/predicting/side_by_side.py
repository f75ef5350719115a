"""Work in many processes, on this machine or on a Dask cluster: whatever is done comes back.

A worker ignores Ctrl-C, which reaches the whole group of processes: the parent decides. When the
parent is killed, it ends by itself.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Any, TypeVar

from inventory_core.problems import Problem
from scenarios.lifeline import end_with_parent
from scenarios.measuring.machine import available_cores

T = TypeVar("T")
R = TypeVar("R")

Everywhere = Callable[[Callable[[Any], Any], list[Any]], Iterable[Any]]
"""Does the same work with each of several parts, here (`map`) or in other processes."""


@contextmanager
def workers(scheduler: str = "", most: int = 0) -> Iterator[Executor]:
    """Processes of this machine, one a processor; or those of the Dask scheduler at an address.

    `most`: so many processes; 0 for one a processor.
    """
    if scheduler:
        with _dask(scheduler) as executor:
            yield executor
        return
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(most or available_cores(), context, initializer=_begin)
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        for process in list((executor._processes or {}).values()):
            process.terminate()


def side_by_side(executor: Executor, work: Callable[[T], R], parts: Sequence[T]) -> Iterator[R]:
    """What comes of each part, in the order in which they end."""
    futures = [executor.submit(work, part) for part in parts]
    try:
        for future in as_completed(futures):
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()


@contextmanager
def _dask(scheduler: str) -> Iterator[Executor]:
    try:
        import distributed
    except ImportError:
        raise Problem(
            "a Dask cluster needs the package distributed: pip install 'stockproof[cluster]'"
        ) from None
    try:
        connect: Any = distributed.Client
        client = connect(scheduler, timeout="5s")
    except (OSError, TimeoutError, ValueError) as error:
        raise Problem(f"no Dask scheduler answers at {scheduler} ({error}); start one") from None
    try:
        yield client.get_executor()
    finally:
        client.close()
