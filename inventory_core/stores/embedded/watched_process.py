"""A server process on a watchdog's leash, seen from our side: ask, and it is done over there.

`WatchedProcess` starts `watchdog.py` and speaks its protocol, one line of JSON each way. The pipes
are not inherited by programs that we start (`subprocess` opens them close-on-exec).
"""

import json
import os
import select
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from inventory_core.problems import Problem
from inventory_core.stores.embedded import watchdog
from inventory_core.stores.embedded.account import Account
from inventory_core.stores.embedded.watchdog import Answer, Request

ANSWER_WITHIN_S = 20.0
PARTED_WITHIN_S = 5.0


class WatchedProcess:
    """One watchdog with its private `directory`, and the process that it runs for us.

    Errors: `Problem` when the directory cannot be made, the program cannot be run, or somebody
    killed the watchdog.
    """

    def __init__(self, root: Path, account: Account | None) -> None:
        uid, gid = (-1, -1) if account is None else (account.uid, account.gid)
        program = [sys.executable, "-I", "-S", watchdog.__file__]
        self._watchdog = subprocess.Popen(
            [*program, str(os.getpid()), str(root), str(uid), str(gid)],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            env=server_environment(),
        )
        self._turn = threading.Lock()
        self._asked = 0
        self._unread = b""
        try:
            self.directory = Path(self._answer(0).path)
        except BaseException:
            self._end(0.0)
            raise

    def run(self, argv: list[str], log: Path, parting_signal: int, grace_s: float) -> int:
        """Start a program, its output appended to `log`; answer its pid.

        When the parent is gone it gets `parting_signal`, and `grace_s` later SIGKILL.
        """
        request = Request(
            0, "run", tuple(argv), log=str(log), signal=parting_signal, grace_s=grace_s
        )
        return self._ask(request).pid

    def returncode(self) -> int | None:
        """None while the process runs, otherwise what it ended with."""
        return self._ask(Request(0, "status")).returncode

    def signal(self, number: int) -> None:
        """Send a signal to the process, if it still runs."""
        self._ask(Request(0, "signal", signal=number))

    def hold(self, path: Path) -> None:
        """Lock a directory for as long as the watchdog lives; `Problem` when another has it.

        Waits a little: a server whose owner was killed may not have parted from it yet.
        """
        self._ask(Request(0, "hold", path=str(path), grace_s=PARTED_WITHIN_S))

    def finish(self, within_s: float) -> bool:
        """Stop the process and remove the directory; False if that did not come about."""
        return self._end(within_s) and not self.directory.exists()

    def _end(self, within_s: float) -> bool:
        assert self._watchdog.stdin is not None
        assert self._watchdog.stdout is not None
        with suppress(BrokenPipeError, ValueError):  # it is gone already, or was told before
            self._watchdog.stdin.write(json.dumps(Request(0, "finish")).encode() + b"\n")
        self._watchdog.stdin.close()
        try:
            self._watchdog.wait(ANSWER_WITHIN_S + within_s)
        except subprocess.TimeoutExpired:
            return False
        finally:
            self._watchdog.stdout.close()
        return True

    def _ask(self, request: Request) -> Answer:
        with self._turn:
            self._asked += 1
            line = json.dumps(request._replace(number=self._asked)).encode() + b"\n"
            assert self._watchdog.stdin is not None
            try:
                self._watchdog.stdin.write(line)
            except (BrokenPipeError, ValueError) as failure:
                raise watchdog_gone() from failure
            return self._answer(self._asked)

    def _answer(self, number: int) -> Answer:
        """The answer to request `number`; older ones, left by an interrupt, are skipped."""
        deadline_s = time.monotonic() + ANSWER_WITHIN_S
        while time.monotonic() < deadline_s:
            line, separator, rest = self._unread.partition(b"\n")
            if not separator:
                self._read_more(deadline_s)
                continue
            self._unread = rest
            answer = Answer(*json.loads(line))
            if answer.number == number:
                return checked(answer)
        raise Problem(
            f"The watchdog of a private server did not answer within {ANSWER_WITHIN_S:.0f} seconds;"
            " the machine is too busy: try again when it has less to do."
        )

    def _read_more(self, deadline_s: float) -> None:
        assert self._watchdog.stdout is not None
        readable = self._watchdog.stdout.fileno()
        if not select.select([readable], [], [], max(0.0, deadline_s - time.monotonic()))[0]:
            return
        chunk = os.read(readable, 65536)
        if not chunk:
            raise watchdog_gone()
        self._unread += chunk


def checked(answer: Answer) -> Answer:
    """The answer, or its error as a `Problem`."""
    if answer.error:
        raise Problem(f"A private server could not be run here: {answer.error}.")
    return answer


def watchdog_gone() -> Problem:
    """Somebody killed the watchdog; with it went the server."""
    return Problem("The watchdog of a private server was killed from outside; start it again.")


def server_environment() -> dict[str, str]:
    """Our environment without what would change the server: PG* variables and the locale."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}
