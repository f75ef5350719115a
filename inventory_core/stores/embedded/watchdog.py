"""The watchdog: a small program that stands between us and a private server, and tidies up.

It owns the private directory and the server, and does what its parent asks on a pipe. When the
parent says `finish`, closes the pipe or dies, however it dies, the watchdog stops the server,
removes the directory and ends. It makes the directory itself, so at no moment is there anything
that nobody would clean up:

    parent (stockproof) --pipe--> watchdog --> server (postgres, valkey-server, initdb)

- Parent and watchdog are in different sessions, so Ctrl-C in the terminal reaches only the parent.
- A forked worker of the parent may hold the pipe open for longer than the parent lives. The
  watchdog therefore also looks whether its parent is still its parent.
- If the watchdog itself is killed, Linux signals the server (`PR_SET_PDEATHSIG`); elsewhere the
  next start sweeps up (`private_directory.sweep`): the directory's lock is then free.

It is run by path in an isolated interpreter (`python -I -S`) and so imports nothing of ours.
"""

import ctypes
import errno
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PREFIX = "stockproof-"
MARK = "private-server"
SERVER_PID = "server.pid"
TICK_S = 0.25
REMOVAL_ATTEMPTS, REMOVAL_PAUSE_S = 100, 0.05
HOLD_PAUSE_S = 0.02
PR_SET_PDEATHSIG = 1


class Request(NamedTuple):
    """What the parent asks: one of `run`, `status`, `signal`, `hold` and `finish`."""

    number: int
    verb: str
    argv: tuple[str, ...] = ()
    log: str = ""
    signal: int = 0
    grace_s: float = 0.0
    path: str = ""


class Answer(NamedTuple):
    """What the watchdog replies. `returncode` is None while the server runs."""

    number: int
    pid: int = 0
    returncode: int | None = None
    path: str = ""
    error: str = ""


class Watchdog:
    """Holds one private directory and at most one server process at a time."""

    def __init__(self, parent_pid: int, directory: Path, uid: int, gid: int) -> None:
        self._parent_pid = parent_pid
        self._directory = directory
        self._uid, self._gid = uid, gid
        self._server: subprocess.Popen[bytes] | None = None
        self._parting_signal, self._grace_s = signal.SIGKILL, 0.0
        self._held: list[int] = []

    def serve(self) -> None:
        """Answer requests until the parent says `finish` or is gone."""
        buffer = b""
        while os.getppid() == self._parent_pid:  # bounded by the parent's life
            readable = select.select([0], [], [], TICK_S)[0]
            self._returncode()
            if not readable:
                continue
            chunk = os.read(0, 65536)
            if not chunk:
                return
            *lines, buffer = (buffer + chunk).split(b"\n")
            for line in lines:
                request = Request(*json.loads(line))
                if request.verb == "finish":
                    return
                reply(self._obey(request))

    def part(self) -> None:
        """Stop the server, give up the directory."""
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(self._parting_signal)
            self._server.send_signal(signal.SIGCONT)  # a paused server could not obey
            with suppress(subprocess.TimeoutExpired):
                self._server.wait(self._grace_s)
            self._kill_group()
        remove(self._directory)

    def _obey(self, request: Request) -> Answer:
        try:
            if request.verb == "run":
                return Answer(request.number, pid=self._run(request))
            if request.verb == "signal":
                self._signal(request.signal)
            elif request.verb == "hold":
                self._hold(request.path, request.grace_s)
        except OSError as failure:
            return Answer(request.number, error=told(failure))
        return Answer(request.number, returncode=self._returncode())

    def _run(self, request: Request) -> int:
        assert self._returncode() is not None, "one server at a time"
        dropped = self._uid >= 0
        with Path(request.log).open("ab") as log:
            self._server = subprocess.Popen(
                request.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory,
                start_new_session=True,
                umask=0o077,
                user=self._uid if dropped else None,
                group=self._gid if dropped else None,
                extra_groups=[] if dropped else None,
                preexec_fn=die_with_parent(request.signal),
            )
        self._parting_signal, self._grace_s = signal.Signals(request.signal), request.grace_s
        (self._directory / SERVER_PID).write_text(f"{self._server.pid} {request.signal}")
        return self._server.pid

    def _returncode(self) -> int | None:
        return 0 if self._server is None else self._server.poll()

    def _signal(self, number: int) -> None:
        assert self._server is not None, "nothing to signal"
        self._server.send_signal(number)  # does nothing when it is gone: the pid is not reused

    def _hold(self, path: str, within_s: float) -> None:
        """Lock `path` for this server; the lock goes when the watchdog goes."""
        held = os.open(path, os.O_RDONLY)
        self._held.append(held)
        deadline_s = time.monotonic() + within_s
        while not locked(held):
            if time.monotonic() > deadline_s:
                raise OSError(errno.EBUSY, "another private server is using it", path)
            time.sleep(HOLD_PAUSE_S)

    def _kill_group(self) -> None:
        assert self._server is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._server.pid, signal.SIGKILL)
        self._server.wait()


def locked(held: int) -> bool:
    """Lock what is open, if nobody else has it locked."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def die_with_parent(number: int) -> Callable[[], None] | None:
    """On Linux, have the kernel signal the server should the watchdog itself be killed."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)

    def ask_kernel() -> None:
        library.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)

    return ask_kernel


def make_directory(root: Path) -> Path:
    """A new private directory under `root`, locked before it has the name that sweeps look for."""
    unnamed = Path(tempfile.mkdtemp(prefix=f"new-{PREFIX}", dir=root))
    (unnamed / MARK).write_text(f"A private server of process {os.getppid()}; do not touch.\n")
    fcntl.flock(os.open(unnamed, os.O_RDONLY), fcntl.LOCK_EX)  # held until this process ends
    return unnamed.rename(root / unnamed.name.removeprefix("new-"))


def remove(directory: Path) -> None:
    """Remove a private directory, its mark last: a sweep takes up a removal that was cut short."""
    for _ in range(REMOVAL_ATTEMPTS):  # a dying server may still create a file or two
        with suppress(OSError):
            for inside in [path for path in directory.iterdir() if path.name != MARK]:
                if inside.is_dir() and not inside.is_symlink():
                    shutil.rmtree(inside)
                else:
                    inside.unlink()
            (directory / MARK).unlink(missing_ok=True)
            directory.rmdir()
        if not directory.exists():
            return
        time.sleep(REMOVAL_PAUSE_S)


def told(failure: OSError) -> str:
    """What went wrong, and where."""
    why = failure.strerror or str(failure)
    return f"{failure.filename}: {why}" if failure.filename else why


def reply(answer: Answer) -> None:
    """One line of JSON to the parent."""
    os.write(1, json.dumps(answer).encode() + b"\n")


def on_signal(number: int, _frame: object) -> None:
    """SIGTERM means: clean up and go. What the terminal sends is for the parent to answer."""
    if number == signal.SIGTERM:
        raise SystemExit


def main() -> None:
    """Arguments: the parent's pid, the root to work under, uid and gid of the server (or -1)."""
    parent_pid, uid, gid = int(sys.argv[1]), int(sys.argv[3]), int(sys.argv[4])
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, on_signal)  # ignored ones would be ignored by the server too
    try:
        directory = make_directory(Path(sys.argv[2]))
    except OSError as failure:
        reply(Answer(0, error=told(failure)))
        return
    watchdog = Watchdog(parent_pid, directory, uid, gid)
    try:
        reply(Answer(0, path=str(directory)))
        watchdog.serve()
    except BrokenPipeError:
        pass  # the parent is gone: part
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        watchdog.part()


if __name__ == "__main__":
    main()
