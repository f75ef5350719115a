"""The private directory of a server: where it goes, what is in it, and what crashes left behind.

    stockproof-k3j9x2ab/    ours; made, locked and removed by the watchdog
        private-server      the mark without which nothing is ever swept
        log                 what the server says
        server.pid          so that a sweep can find (and stop) a server without a watchdog
        s/                  the Unix sockets; the server's own
        data/               the data, unless a directory was given; the server's own
        install/            a readable copy of the wheel, only where root needs one

The watchdog holds a lock on the directory (flock). A lock that is free is the proof that its owner
died: unlike a recorded pid it holds across containers that share a /tmp, and pids that come round
again.
"""

import fcntl
import os
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from inventory_core.problems import Problem
from inventory_core.stores.embedded.account import Account, can_reach
from inventory_core.stores.embedded.disk import is_tmpfs
from inventory_core.stores.embedded.watchdog import MARK, PREFIX, SERVER_PID, remove

SOCKET_PATH_LIMIT_BYTES = 100
LONGEST_NAME_BYTES = len(f"/{PREFIX}12345678/s/.s.PGSQL.5432")
SWEPT_AT_MOST = 100
GONE_WITHIN_S = 5.0
POLL_S = 0.004


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of one server lie."""

    private: Path
    data: Path

    @property
    def log(self) -> Path:
        """What the server (and `initdb`) said."""
        return self.private / "log"

    @property
    def sockets(self) -> Path:
        """The directory of the Unix sockets."""
        return self.private / "s"

    @property
    def install(self) -> Path:
        """A copy of the wheel that the server's user can read."""
        return self.private / "install"


def temporary_root(account: Account | None) -> Path:
    """The directory that private directories go into: on a disk if any can be had.

    The system's temporary directory, /var/tmp, or our own cache; the path must be short, because
    the path of a Unix socket must fit into 104 bytes on macOS.
    """
    usable = [root for root in roots() if _is_usable(root, account)]
    if not usable:
        raise Problem(
            "No temporary directory for a private server is writable, reachable and short enough:"
            " set TMPDIR to one."
        )
    return min(usable, key=is_tmpfs)  # false before true, otherwise in order


def roots() -> list[Path]:
    """Where private directories may lie, the best first."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stockproof"
    with suppress(OSError):
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    candidates = [Path(tempfile.gettempdir()), Path("/var/tmp"), cache]
    return [root.resolve() for root in candidates if root.is_dir()]


def _is_usable(root: Path, account: Account | None) -> bool:
    short = len(os.fsencode(root)) + LONGEST_NAME_BYTES <= SOCKET_PATH_LIMIT_BYTES
    return short and os.access(root, os.W_OK | os.X_OK) and can_reach(account, root)


def sweep() -> None:
    """Remove private directories whose watchdog is dead, and servers that still run in them."""
    found = [path for root in roots() for path in root.glob(f"{PREFIX}*") if _is_ours(path)]
    for path in found[:SWEPT_AT_MOST]:
        lock = _lock_if_free(path)
        if lock is not None:
            remove_leftover(path)
            os.close(lock)


def _is_ours(path: Path) -> bool:
    with suppress(OSError):
        marked = (path / MARK).is_file() and not path.is_symlink()
        return marked and path.stat().st_uid == os.geteuid()
    return False


def _lock_if_free(path: Path) -> int | None:
    """The open lock of a directory that nobody holds; None when it is held (or no directory)."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        return None
    return opened


def remove_leftover(path: Path) -> None:
    """Kill the server that was started in `path`, if it still runs, and remove `path`."""
    with suppress(OSError, ValueError, psutil.Error):
        pid, parting_signal = map(int, (path / SERVER_PID).read_text().split())
        server = psutil.Process(pid)
        if any(str(path) in argument for argument in server.cmdline()):
            server.send_signal(parting_signal)  # gives it the time to give back shared memory
            wait_until_gone([server])
            kill_with_children(server)
    remove(path)


def kill_with_children(server: psutil.Process) -> None:
    """SIGKILL to a server and all its processes, as one blow: stopped first, so none are added."""
    with suppress(psutil.NoSuchProcess):
        server.suspend()
        everyone = [server, *server.children(recursive=True)]
        for process in everyone:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        wait_until_gone(everyone)


def wait_until_gone(processes: list[psutil.Process]) -> None:
    """Wait for processes to end, but not for ever."""
    deadline_s = time.monotonic() + GONE_WITHIN_S
    while any(map(is_alive, processes)) and time.monotonic() < deadline_s:
        time.sleep(POLL_S)


def is_alive(process: psutil.Process) -> bool:
    """A dead process that nobody has waited for yet holds no memory, no lock and no socket."""
    try:
        return process.is_running() and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
