"""Which machine this is, and which version of Stockproof ran: a figure means nothing without."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil


@cache
def machine() -> dict[str, Any]:
    """Cores, memory, processor, operating system, Python."""
    return {
        "cores": available_cores(),
        "cpu_model": _cpu_model(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "platform": f"{platform.system()} {platform.machine()}",
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def available_cores() -> int:
    """The cores that this process may use (fewer than the machine has, in a container)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu_model() -> str:
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() in ("model name", "Model"):
                return value.strip()
    return platform.processor() or platform.machine()


@cache
def software() -> dict[str, str]:
    """Stockproof's version, and its commit when it runs from a checkout."""
    try:
        number = version("stockproof")
    except PackageNotFoundError:
        number = "unknown"
    return {"stockproof": number, "commit": _commit(), "argv": " ".join(sys.argv[1:])}


def _commit() -> str:
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.strip()
