"""Processes that end with the one that started them, however it ends.

The parent holds one end of a pipe and the child the other: when the parent is gone, the child reads
an end of file. `started` starts such a process of this Python.
"""

from __future__ import annotations

import _thread
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import parent_process

BOOT = "import sys; sys.path[:] = {path!r}; from {module} import main; main({arguments})"


@dataclass(frozen=True, slots=True)
class Child:
    """A process of ours, and our end of its lifeline."""

    process: subprocess.Popen[bytes]
    lifeline: int

    def end(self) -> None:
        """End it now, and make sure."""
        self.process.kill()
        self.process.wait()
        os.close(self.lifeline)


def started(
    module: str,
    arguments: Sequence[int],
    keeps: Sequence[int] = (),
    *,
    told: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> Child:
    """Start `main` of a module with these numbers and, as the last one, its end of the lifeline.

    It may use the descriptors in `keeps`, and reads `told` from its standard input.
    """
    theirs, ours = os.pipe()
    words = ", ".join(str(number) for number in (*arguments, theirs))
    process = subprocess.Popen(
        [sys.executable, "-c", BOOT.format(path=sys.path, module=module, arguments=words)],
        pass_fds=(*keeps, theirs),
        stdin=subprocess.PIPE if told else subprocess.DEVNULL,
        env=None if environment is None else os.environ | environment,
        process_group=0,  # Ctrl-C reaches a whole group; what it means is the parent's to decide
    )
    os.close(theirs)
    if process.stdin is not None:
        process.stdin.write(told)
        process.stdin.close()
    return Child(process, ours)


def die_with_parent(lifeline: int) -> None:
    """From now on this process ends when its parent does.

    A thread of the system, whatever becomes of Python's own ones: gevent replaces those.
    """
    _thread.start_new_thread(_wait, (lifeline,))


def _wait(lifeline: int) -> None:
    os.read(lifeline, 1)  # returns when the parent's end is closed, by whatever cause
    os._exit(1)


def end_with_parent() -> None:
    """In a process that `multiprocessing` started: end as soon as the parent has, however."""
    threading.Thread(target=_watch_parent, daemon=True).start()


def _watch_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
