"""Walks as they stand on a page: commands that a reader types, and the answers that they get.

A walk is a fenced block that begins with ```console and follows the comment `<!-- walk -->`:

    $ COMMAND            `> ` at the beginning of a line goes on with it
    ANSWER               a line that begins with two blanks goes on with it

In an answer `...` stands for anything that was left out.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

WALK = re.compile(r"<!-- walk -->\n+```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MARK = "-- the next command --"


@dataclass(frozen=True)
class Stride:
    """One command, and its answer as the page has it."""

    command: str
    answer: str

    def matches(self, said: str) -> bool:
        """Is that what the page says?"""
        parts = [re.escape(part) for part in self.answer.split("...")]
        return re.fullmatch(".*".join(parts), said, re.DOTALL) is not None


def strides(page: Path) -> list[Stride]:
    """Every command of a page's walk, in its order."""
    found: list[tuple[str, str]] = []
    for block in WALK.findall(page.read_text("utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], ""))
                continue
            command, answer = found.pop()
            if line.startswith("> "):
                found.append((f"{command}\n{line[2:]}", answer))
            elif line.startswith("  "):
                found.append((command, answer + line.strip()))
            else:
                found.append((command, f"{answer}\n{line}".lstrip("\n")))
    return [Stride(command, answer) for command, answer in found]


def walked(walk: list[Stride], folder: Path, environment: Mapping[str, str]) -> list[str]:
    """What one shell answers to each command."""
    script = "\n".join(f"{one.command}\necho '{MARK}'" for one in walk)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=90,
        check=True,
    )
    return [one.strip("\n") for one in done.stdout.split(MARK)[:-1]]
