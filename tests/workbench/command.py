"""The command as a user calls it: a process with its own stdout, stderr and status."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BOOT = "from workbench.command_line import main; main()"


def command(*arguments: str) -> list[str]:
    """The command line that runs `stockproof` with these arguments."""
    return [sys.executable, "-c", BOOT, *arguments]


def stockproof(
    *arguments: str, cwd: Path | None = None, within_s: float = 60, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `stockproof` to its end."""
    root = Path(__file__).parents[2]
    path = os.pathsep.join([environment.pop("PYTHONPATH", ""), str(root)]).lstrip(os.pathsep)
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=os.environ | environment | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
