"""The processes of a pipeline: capture and consumer, each alone or both under one parent."""

from __future__ import annotations

import _thread
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server

from inventory_core.problems import Problem
from inventory_core.stores.embedded import AppendFsync, EmbeddedValkey
from inventory_core.sync.cdc.errors import ProductLost
from inventory_core.sync.cdc.lag import CaptureFigures, ConsumerFigures
from inventory_core.sync.cdc.pipeline import Pipeline
from inventory_core.sync.cdc.running import run_capture, run_consumer
from inventory_core.sync.cdc.state import CaptureState
from product_system.shelf import Applied, CannotApply, Shelf
from workbench.capturing_status import product_of
from workbench.capturing_words import told, without_urls

PARTS = ("capture", "consumer")
BOOT = "from workbench.command_line import main; main()"
LOOK_EVERY_S = 0.2
END_WITHIN_S = 30.0
REPLACEMENTS = 20
USAGE = 2


def run_part(
    only: str, pipeline: Pipeline, audit: bool, metrics_port: int, with_parent: bool
) -> None:
    """Run the capture or the consumer in this process."""
    if not pipeline.broker:
        raise Problem("one part alone meets the other at a broker: say which with --broker-url")
    registry = CollectorRegistry()
    if metrics_port:
        _metrics(metrics_port + PARTS.index(only), registry)
    if with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(KeyboardInterrupt):
        if only == "capture":
            run_capture(pipeline, CaptureFigures(registry), lambda: True)
            return
        with product_of(pipeline, audited=audit) as shelf:
            figures = ConsumerFigures(registry)
            try:
                run_consumer(pipeline, Applying(shelf), figures, lambda: True)
            finally:
                _leave_lags(pipeline, figures)


def run_both(pipeline: Pipeline, words: Sequence[str]) -> None:
    """Run both, each in a process that ends with this one; one that dies is replaced."""
    with ExitStack() as stack, suppress(KeyboardInterrupt):
        broker = pipeline.broker
        if not broker:
            private = EmbeddedValkey(pipeline.data / "broker", append_fsync=AppendFsync.ALWAYS)
            broker = stack.enter_context(private).url
        servers, shared = told(pipeline.source, broker), without_urls(words)
        parts = [Part([*shared, "--only", only, "--with-parent"], servers) for only in PARTS]
        for part in parts:
            stack.callback(part.stop)
            part.start()
        said = {
            "pipeline": pipeline.name,
            "pids": {p: q.pid for p, q in zip(PARTS, parts, strict=True)},
        }
        print(json.dumps(said), flush=True)
        _watch(parts)


def _watch(parts: Sequence[Part]) -> None:
    """Replace those that die, until a signal; one that has said what is wrong is believed."""
    for _ in range(REPLACEMENTS):
        while all(part.lives() for part in parts):
            time.sleep(LOOK_EVERY_S)
        for part in parts:
            if not part.lives():
                if part.status() == USAGE:
                    raise Problem("the pipeline has stopped: see what it said above")
                part.start()
    raise Problem("the parts of the pipeline die again and again: see what they said above")


class Part:
    """A process that is the capture or the consumer. It ends when we close its input, or die.

    `servers` (see `capturing_words`) goes by its environment, and not on its command line.
    """

    def __init__(self, words: Sequence[str], servers: Mapping[str, str] | None = None) -> None:
        self._command = [sys.executable, "-c", BOOT, *words]
        self._servers = dict(servers or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._running.pid

    def start(self) -> None:
        """Start it, again if need be."""
        here = str(Path(__file__).parents[1])
        path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH", ""))))
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            env=os.environ | self._servers | {"PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is the parent's to answer
        )

    def lives(self) -> bool:
        """Does it run?"""
        return self._running.poll() is None

    def status(self) -> int | None:
        """How it ended."""
        return self._running.poll()

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self._running.kill()
        self._running.wait()

    def stop(self) -> None:
        """Have it end in good order, and make sure that it does."""
        if self._process is None or self._process.poll() is not None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "this part is not started"
        return self._process


@dataclass(slots=True)
class Applying:
    """The product as the consumer knows it: what passes is waited for."""

    shelf: Shelf

    def apply(self, messages: Sequence[bytes], tries: int) -> Applied:
        """Apply; a product that cannot just now is `ProductLost`."""
        try:
            return self.shelf.apply(messages, tries)
        except CannotApply as error:
            raise ProductLost(str(error)) from error


def _end_with_parent() -> None:
    """Our input ends when our parent closes it, or is no more.

    SIGTERM, because SIGINT is ignored in whatever a shell has put into the background.
    """
    while os.read(0, 64):  # not sys.stdin: its lock would outlive us
        pass
    _thread.interrupt_main(signal.SIGTERM)


def _metrics(port: int, registry: CollectorRegistry) -> None:
    try:
        start_http_server(port, "127.0.0.1", registry)
    except OSError as error:
        raise Problem(f"port {port} is not to be had for metrics ({error})") from None


def _leave_lags(pipeline: Pipeline, figures: ConsumerFigures) -> None:
    """The percentiles of this run, for `status`."""
    with closing(CaptureState(pipeline.state, pipeline.name)) as state:
        state.note(figures.told())
