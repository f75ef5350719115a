"""Where the data lie: a real disk or memory only, and how long that disk takes to keep a promise.

A database that answers "done" has waited for the disk. On a tmpfs there is nothing to wait for, so
figures from there must not be published as durable.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
MEMORY_FILE_SYSTEMS = frozenset({"tmpfs", "ramfs"})
MEASURE_FOR_S = 0.15
FEWEST_SYNCS, MOST_SYNCS = 5, 5_000
APPENDED = b"\0" * 512


def is_tmpfs(path: Path | str) -> bool:
    """Does `path` (or what would hold it) lie in memory rather than on a disk?

    Reads Linux's table of mounts; on a system without one (macOS) nothing is known to be a tmpfs.
    """
    if not MOUNTS.exists():
        return False
    wanted = Path(path).resolve()
    best, kind = Path("/"), ""
    for line in MOUNTS.read_text().splitlines():  # the last mount on a point is the visible one
        _, point, this_kind, *_ = line.split(" ")
        mounted_on = Path(point.encode().decode("unicode_escape"))  # a space is written \040
        if wanted.is_relative_to(mounted_on) and len(mounted_on.parts) >= len(best.parts):
            best, kind = mounted_on, this_kind
    return kind in MEMORY_FILE_SYSTEMS


def fsync_us(directory: Path | str) -> float:
    """Median time in microseconds of making one small append durable in `directory`.

    Uses fdatasync, as PostgreSQL does on Linux, and fsync where there is none. Takes about 0.15 s.
    """
    sync = getattr(os, "fdatasync", os.fsync)
    took_ns: list[int] = []
    with tempfile.TemporaryFile(dir=directory, buffering=0) as file:
        ends_ns = time.perf_counter_ns() + int(MEASURE_FOR_S * 1e9)
        for count in range(MOST_SYNCS):
            file.write(APPENDED)
            before_ns = time.perf_counter_ns()
            sync(file.fileno())
            after_ns = time.perf_counter_ns()
            took_ns.append(after_ns - before_ns)
            if after_ns > ends_ns and count + 1 >= FEWEST_SYNCS:
                break
    return statistics.median(took_ns) / 1_000
