"""How to repeat each number: the command for each row, proof and page, and the seeds of runs."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reports.load import Comparison
from reports.wording import listed

_WITH_VALUE = ("--strategy", "--stack", "--out", "--junit", "--profile")
_ALONE = ("--json", "--dry-run")
_MEASURED = ("compare", "measure")
PROGRAM = "stockproof"


@dataclass(frozen=True, slots=True)
class Repeat:
    """One number or several, the command that makes them again, and where they came from."""

    what: str
    command: str
    source: str


def repeats(comparison: Comparison) -> list[Repeat]:
    """Every row, every proof, the predictions, and the page itself."""
    return [
        *_measured(comparison),
        *_proved(comparison),
        *_predicted(comparison),
        Repeat("this page, from its records", f"{PROGRAM} report {_place(comparison)}", ""),
    ]


def _measured(comparison: Comparison) -> Iterator[Repeat]:
    words = _words(comparison)
    if len(words) < 2 or words[1] not in _MEASURED:
        if words:
            yield Repeat("every row", shlex.join(words), "")
        return
    kept = [PROGRAM, "measure", *_without(words[2:])]
    for _, row in comparison.rows.drop_duplicates(["strategy", "stack"]).iterrows():
        stack = () if row["floor"] else ("--stack", row["stack"])
        command = shlex.join([*kept, "--strategy", row["strategy"], *stack])
        label = row["strategy"] if row["floor"] else f"{row['strategy']} on {row['stack']}"
        yield Repeat(label, command, _seeds(comparison, row))


def _seeds(comparison: Comparison, row: pd.Series) -> str:
    """The seed of each run: the same seed sends the same orders."""
    found = [comparison.asked(comparison.path / name).get("seed") for name in row["runs"]]
    seeds = [str(seed) for seed in found if seed is not None]
    if not seeds:
        return ""
    return f"{'seed' if len(seeds) == 1 else 'seeds'} {listed(_spans(seeds))}"


def _spans(seeds: Sequence[str]) -> list[str]:
    """`10000 to 10009` for ten seeds in a row; else one by one."""
    numbers = [int(seed) for seed in seeds]
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        return [f"{numbers[0]} to {numbers[-1]}"]
    return list(seeds)


def _proved(comparison: Comparison) -> Iterator[Repeat]:
    for proof in comparison.proofs:
        name = str(proof.get("strategy", ""))
        yield Repeat(f"the proof of {name}", shlex.join([PROGRAM, "prove", name]), "")


def _predicted(comparison: Comparison) -> Iterator[Repeat]:
    profile: Any = comparison.about.get("profile")
    if profile and comparison.about.get("predicted"):
        scenario = str(comparison.about.get("scenario"))
        words = [PROGRAM, "compare", *_without(_words(comparison)[2:] or [scenario])]
        command = shlex.join([*words, "--profile", str(profile["name"])])
        yield Repeat("the predictions beside them", command, "")


def _words(comparison: Comparison) -> list[str]:
    command = str(comparison.about.get("command") or "")
    try:
        return shlex.split(command)
    except ValueError:  # a quote that does not end: somebody edited it
        return []


def _without(words: Sequence[str]) -> list[str]:
    """The words of a command line but for those that say who, where to, and how to print."""
    kept, skipped = [], False
    for word in words:
        if skipped:
            skipped = False
        elif word in _WITH_VALUE:
            skipped = True
        elif word not in _ALONE and not word.startswith(tuple(f"{name}=" for name in _WITH_VALUE)):
            kept.append(word)
    return kept


def _place(comparison: Comparison) -> str:
    """Where the folder is looked for: a published one by its path, any other by its name."""
    folder: Path = comparison.path.resolve()
    parts = folder.parts[-3:]
    return "/".join(parts) if parts[:2] == ("reports", "published") else folder.name
