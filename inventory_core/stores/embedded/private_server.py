"""The life of a private server: started in a directory of its own, stopped without a trace.

                 start()                     kill()
    not started ---------> running (.pid) -----------> dead, data kept
         ^                  |    ^  |                     |
         +----- stop() -----+    |  +---- restart() ------+
                                 +------------------------+

`EmbeddedPostgresql` and `EmbeddedValkey` say how to prepare, command and recognise their server;
everything else is here. Errors are `Problem`: what the user can mend, in one sentence.
"""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from inventory_core.problems import Problem
from inventory_core.stores.embedded.account import Account, can_reach, hand_over, server_account
from inventory_core.stores.embedded.disk import is_tmpfs
from inventory_core.stores.embedded.private_directory import (
    Places,
    kill_with_children,
    remove_leftover,
    sweep,
    temporary_root,
)
from inventory_core.stores.embedded.watchdog import told
from inventory_core.stores.embedded.watched_process import WatchedProcess

POLL_S = 0.004
STOP_WITHIN_S = 30.0
DISK_FULL = "No space left on device"
# Words that mark the line of a log that names the cause; and those that mark it even better.
NAMES_THE_CAUSE = ("unrecognized configuration", "invalid value", ">>> ")
TELLING = ("PANIC", "FATAL", "ERROR", "Fatal", "rror:", "Failed", "could not", "Could not")


class PrivateServer:
    """A server of our own. Use it in a `with`, or call `start()` and `stop()`.

    `directory` keeps the data after `stop()`; without it they lie in a temporary directory that is
    removed. A process forked from the owner may use the server but does not stop it.
    """

    server_name = "server"
    folder = "data"
    stop_signal: int
    discard_signal: int

    def __init__(
        self,
        directory: Path | str | None = None,
        *,
        settings: Mapping[str, str] | None = None,
        ready_within_s: float = 30.0,
    ) -> None:
        self._given = None if directory is None else Path(directory).absolute()
        self._settings = dict(settings or {})
        self._ready_within_s = ready_within_s
        self._owner_pid = -1
        self._account: Account | None = None
        self._process: WatchedProcess | None = None
        self._places: Places | None = None
        self._pid: int | None = None
        self._log_start = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and return when it answers; sweep up after earlier crashes first."""
        assert self._process is None, f"this private {self.server_name} is started already"
        self._owner_pid = os.getpid()
        try:
            sweep()
            self._account = server_account()
            self._process = WatchedProcess(temporary_root(self._account), self._account)
            self._places = self._make_places(self._process)
            self._prepare()
            self._launch()
        except OSError as failure:
            self.stop()
            raise self._cannot(told(failure)) from failure
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and remove what is temporary. Harmless when there is nothing to stop."""
        if self._process is None or os.getpid() != self._owner_pid:
            return
        process, self._process, self._pid = self._process, None, None
        if not process.finish(STOP_WITHIN_S):
            remove_leftover(process.directory)  # somebody killed the watchdog
        self._places = None

    def kill(self) -> None:
        """SIGKILL, as a crash would: no goodbye to clients, nothing written. Data are kept."""
        if self._pid is not None and self._running().returncode() is None:
            kill_with_children(psutil.Process(self._pid))
            self._wait(lambda: self._running().returncode() is not None, STOP_WITHIN_S)
        self._pid = None

    def lose_power(self, share: float) -> None:
        """As `kill`, and what was acknowledged but not yet flushed is gone too.

        `share`, from 0 to 1, says how far the server was on its way from one flush to the next. A
        server that flushes before it answers has nothing of the kind.
        """
        assert 0 <= share <= 1, share
        self.kill()

    def restart(self) -> None:
        """Start again on the same data, at the same address; stop in good order if it still runs.

        Returns when the server has recovered and answers.
        """
        process = self._running()
        process.signal(self.stop_signal)
        if not self._wait(lambda: process.returncode() is not None, STOP_WITHIN_S):
            self.kill()
        self._pid = None
        self._launch()

    @property
    def pid(self) -> int:
        """The process id of the server."""
        assert self._pid is not None, f"the private {self.server_name} does not run"
        return self._pid

    @property
    def directory(self) -> Path:
        """Where the data lie: measure `fsync_us` here."""
        return self._where.data

    @property
    def on_tmpfs(self) -> bool:
        """Do the data lie in memory only? Then no figure may be published as durable."""
        return is_tmpfs(self.directory)

    @property
    def log(self) -> str:
        """What the server has said so far."""
        path = self._where.log
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def _where(self) -> Places:
        assert self._places is not None, f"the private {self.server_name} is not started"
        return self._places

    def _running(self) -> WatchedProcess:
        assert self._process is not None, f"the private {self.server_name} is not started"
        return self._process

    def _prepare(self) -> None:
        """Make the data directory ready."""
        raise NotImplementedError

    def _command(self) -> list[str]:
        """The program that is the server, with its arguments."""
        raise NotImplementedError

    def _is_ready(self) -> bool:
        """Does the server answer?"""
        raise NotImplementedError

    def _launch(self) -> None:
        """Run the server and wait until it answers."""
        self._pid = self._run(self._command(), self.stop_signal)
        if not self._wait(self._is_ready_or_dead, self._ready_within_s):
            raise self._cannot(
                f"it was not ready within {self._ready_within_s:g} seconds, and last wrote"
                f" {self._telling_line()!r}"
            )
        if self._running().returncode() is not None:
            self._pid = None
            raise self._ended()

    def _run(self, command: list[str], parting_signal: int) -> int:
        """Start a program under the watchdog. Data that are thrown away need no good order."""
        if self._given is None:
            parting_signal = self.discard_signal
        self._log_start = len(self.log)
        return self._running().run(command, self._where.log, parting_signal, STOP_WITHIN_S)

    def _is_ready_or_dead(self) -> bool:
        return self._is_ready() or self._running().returncode() is not None

    def _wait(self, condition: Callable[[], bool], within_s: float) -> bool:
        """Poll until it is so; False when time is up."""
        deadline_s = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline_s:
                return False
            time.sleep(POLL_S)
        return True

    def _make_places(self, process: WatchedProcess) -> Places:
        private = process.directory
        if self._account is not None:
            private.chmod(0o711)  # ours, but the server must get through to its own parts
        places = Places(private, (self._given or private) / self.folder)
        if self._given is not None:
            self._given.mkdir(parents=True, exist_ok=True)
            if not can_reach(self._account, self._given):
                raise Problem(self._out_of_reach())
        hand_over(self._account, places.sockets)
        hand_over(self._account, places.data)
        if self._given is not None:
            process.hold(places.data)
        return places

    def _out_of_reach(self) -> str:
        assert self._account is not None
        return (
            f"{self._given} cannot be read by the user {self._account.name}, as whom the private"
            f" {self.server_name} runs when you are root: choose a directory open to all."
        )

    def _telling_line(self) -> str:
        """The last line since the launch that names the cause, or an error, or else the last."""
        lines = [line.strip() for line in self._said().splitlines() if line.strip()]
        causes = [line for line in lines if any(word in line for word in NAMES_THE_CAUSE)]
        errors = [line for line in lines if any(word in line for word in TELLING)]
        return (causes or errors or lines or ["nothing"])[-1]

    def _said(self) -> str:
        """What the log has got since the last program was started; empty without a log."""
        return "" if self._places is None else self.log[self._log_start :]

    def _ended(self) -> Problem:
        return self._cannot(f"it ended, and last wrote {self._telling_line()!r}")

    def _cannot(self, why: str) -> Problem:
        if DISK_FULL in why or DISK_FULL in self._said():
            where = self._given or temporary_root(self._account)
            why = f"the disk that holds {where} is full: free some space"
        return Problem(f"The private {self.server_name} could not be started: {why}.")
