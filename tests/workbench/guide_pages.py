"""Pages of the guide as a reader follows them: files to write, commands to type, in their order.

    <!-- file: NAME -->                 the block below it is the file NAME
    <!-- tried -->                      its commands are carried out as they stand
    <!-- tried: WORDS -->               with these words behind each, which make them short
    <!-- tried, 0 or 1: WORDS -->       and either status will do

A command is a line that begins with `$ ` in such a block. Commands elsewhere (in blocks that are
indented, and the `run:` lines of a CI job) are not carried out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]+) -->\n)?```\w+\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
TRIED = re.compile(r"tried(?P<either>, 0 or 1)?(?:: (?P<words>.+))?")
INDENTED = re.compile(r"^    (\S.*)$", re.MULTILINE)
JOB = re.compile(r"^ *- run: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class File:
    """A file that the page shows."""

    name: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command that is carried out, what makes it short, and how it may end."""

    command: str
    words: str
    statuses: tuple[int, ...]

    @property
    def line(self) -> str:
        """What a shell is given."""
        return f"{self.command} {self.words}".rstrip()


@dataclass(frozen=True)
class Page:
    """What a reader does, and the commands that stand there and are not tried."""

    steps: tuple[File | Command, ...]
    untried: tuple[str, ...]

    @property
    def files(self) -> tuple[File, ...]:
        """Those to write."""
        return tuple(step for step in self.steps if isinstance(step, File))

    @property
    def commands(self) -> tuple[Command, ...]:
        """Those that are tried."""
        return tuple(step for step in self.steps if isinstance(step, Command))


def read_page(path: Path) -> Page:
    """A page, taken apart."""
    text = path.read_text("utf-8")
    steps: list[File | Command] = []
    untried = INDENTED.findall(BLOCK.sub("", text))
    for block in BLOCK.finditer(text):
        mark, body = block["mark"] or "", block["text"]
        if mark.startswith("file: "):
            steps.append(File(mark.removeprefix("file: "), body))
            untried += JOB.findall(body)
        elif tried := TRIED.fullmatch(mark):
            steps += _commands(body, tried["words"] or "", (0, 1) if tried["either"] else (0,))
        else:
            raise ValueError(f"{path.name} has a block that is neither a file nor tried: {body}")
    return Page(tuple(steps), tuple(untried))


def _commands(body: str, words: str, statuses: tuple[int, ...]) -> list[Command]:
    lines = body.splitlines()
    return [Command(line.removeprefix("$ "), words, statuses) for line in lines]
