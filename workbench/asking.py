"""What a command line asks for, gathered and checked before anything is started."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from inventory_core.problems import Problem
from inventory_core.stores.databases import row_store
from inventory_core.stores.kv import RedisStore, tagged
from inventory_core.stores.servers import Servers, Settings
from inventory_core.strategy import Needs
from inventory_core.strategy.registry import find_strategy
from scenarios.measuring.campaign import default_out
from scenarios.measuring.pairs import Pair, pairs_of
from scenarios.measuring.strikes import refuse_others_servers
from scenarios.orders_csv import orders_of
from scenarios.predicting.profile import load_profile
from scenarios.scenario import Scenario, load_scenario

NO_PROFILE = "none"
"""The profile of whoever wants nothing predicted."""


class Grade(Enum):
    """How much measuring: repetitions of seconds."""

    DEMO = "demo"
    STANDARD = "standard"
    PUBLISHED = "published"


EXTENT = {Grade.DEMO: (3, 3.0), Grade.STANDARD: (5, 5.0), Grade.PUBLISHED: (10, 5.0)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One comparison that somebody wants."""

    scenario: Scenario
    strategies: tuple[str, ...]
    stack: str | None
    settings: Settings
    out: Path
    grade: str
    command: str
    junit: Path | None = None
    profile: str = NO_PROFILE  # by which what was measured is predicted, too

    def __post_init__(self) -> None:
        if self.stack == "model":
            raise Problem("the stack model has no clock to measure by: use stockproof prove")

    def planned(self) -> Iterator[str]:
        """What would be created and removed, in sentences."""
        servers = Servers(self.settings)
        pairs, skipped = self._pairs()
        for stack in dict.fromkeys(pair.stack for pair in pairs):
            for line in servers.planned(stack) or ("nothing",):
                yield f"{stack.name}: {line}"
        yield f"records, which stay: the folder {self.out}"
        yield from skipped

    def _pairs(self) -> tuple[list[Pair], tuple[str, ...]]:
        asked, there = (self.scenario, self.strategies, self.stack), self.settings
        return pairs_of(*asked, there.sql_url, cluster=there.cluster)

    def provable(self) -> list[str]:
        """The strategies to be proved: those that will be measured, but for the floor."""
        pairs, _ = self._pairs()
        names = dict.fromkeys(pair.strategy for pair in pairs)
        return [name for name in names if find_strategy(name).family != "floor"]

    def check(self) -> None:
        """Find now what would otherwise end the command after minutes of work."""
        pairs, _ = self._pairs()
        Servers(self.settings)
        if self.profile != NO_PROFILE:
            load_profile(self.profile)
        refuse_others_servers(self.scenario, [pair.stack for pair in pairs], self.settings)
        for path in filter(None, (self.out, self.junit and self.junit.parent)):
            check_folder(path)
        offered = Needs(0)
        for pair in pairs:
            offered |= pair.stack.offers
        if self.settings.sql_url and Needs.SQL in offered:
            row_store(self.settings.sql_url, "stockproof").fingerprint()
        if self.settings.redis_url and Needs.KV in offered:
            RedisStore(self.settings.redis_url, tagged("stockproof")).fingerprint()


def check_folder(path: Path) -> None:
    """It is there and ours to write, or can be made."""
    there = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not there.is_dir():
        raise Problem(f"{there} is not a folder: name another with --out")
    if not os.access(there, os.W_OK | os.X_OK):
        raise Problem(f"cannot write to {there}: name a folder of yours with --out")


def repeating(words: Sequence[str]) -> str:
    """The command that asks the same again; records are shown around, so it tells no password."""
    return shlex.join(["stockproof", *map(without_passwords, words)])


def without_passwords(word: str) -> str:
    """A word of a command line as it may be shown around."""
    return _NAMED.sub(r"\1***", _BEFORE_HOST.sub(r"\1***@", word))


_BEFORE_HOST = re.compile(r"(://[^:/@]*:).+@")
_NAMED = re.compile(r"(password=)[^&]+")


def scenario_asked(
    name: str,
    sets: Sequence[str],
    grade: Grade | None,
    keys: Mapping[str, float | None],
    faults: Sequence[str] = (),
) -> Scenario:
    """The scenario with what was set by hand: an option beats --set, and that beats the grade."""
    overrides = []
    if grade is not None:
        repetitions, seconds = EXTENT[grade]
        overrides += [f"run.repetitions={repetitions}", f"run.seconds={seconds}"]
    overrides += [*sets, *(f"{key}={value}" for key, value in keys.items() if value is not None)]
    asked = load_scenario(name, overrides, faults)
    if asked.demand.kind == "csv":
        orders_of(asked)  # a wrong line is told now, not when servers are up
    return asked


def grade_of(scenario: Scenario) -> str:
    """The best grade that so many repetitions of so many seconds reach."""
    run = scenario.run
    reached = [g for g, (n, s) in EXTENT.items() if run.repetitions >= n and run.seconds >= s]
    return (reached or [Grade.DEMO])[-1].value


def folder_asked(out: Path | None, scenario: Scenario) -> Path:
    """Where the records go; two comparisons that begin in the same second get two folders."""
    if out is not None:
        return out
    first = default_out(scenario)
    others = (first.with_name(f"{first.name}-{number}") for number in range(2, 1_000))
    return next(path for path in (first, *others) if not path.exists())
