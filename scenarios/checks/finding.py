"""What a check found: how often a promise was broken, and the first, worst and last time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from inventory_core.strategy import Promise
from scenarios.checks.case import Case
from scenarios.operations import Integers


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach: when (nanoseconds of the run; None: at rest), how big, and in words."""

    at_ns: int | None
    size: int
    what: str

    def as_json(self) -> dict[str, Any]:
        """For `verdict.json`."""
        at_s = None if self.at_ns is None else self.at_ns / 1e9
        return {"at_s": at_s, "size": self.size, "what": self.what}


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. `state`: holds, broken, unknown (it crashed) or not judged."""

    number: int
    name: str
    promise: Promise
    state: str = "holds"
    count: int = 0
    first: Violation | None = None
    worst: Violation | None = None
    last: Violation | None = None
    figures: Mapping[str, int] = field(default_factory=dict)
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """For `verdict.json`."""
        shown = {
            which: violation.as_json()
            for which in ("first", "worst", "last")
            if (violation := getattr(self, which)) is not None
        }
        return {
            "check": self.number,
            "name": self.name,
            "promise": self.promise.value,
            "state": self.state,
            "count": self.count,
            **shown,
            **({"figures": dict(self.figures)} if self.figures else {}),
            **({"why": self.why} if self.why else {}),
        }


@dataclass(frozen=True, slots=True)
class Invariant:
    """Its number on the list of invariants, its name, and the promise that rests on it."""

    number: int
    name: str
    promise: Promise

    def found(
        self,
        at_ns: Integers,
        size: Integers,
        tell: Callable[[int], str],
        figures: Mapping[str, int] | None = None,
    ) -> Finding:
        """A finding of violations given as columns; only three of them are put in words."""
        if not len(at_ns):
            return Finding(self.number, self.name, self.promise, figures=figures or {})

        def shown(place: int) -> Violation:
            when = int(at_ns[place])
            return Violation(when if when >= 0 else None, int(size[place]), tell(place))

        order = np.argsort(at_ns, kind="stable")
        return Finding(
            self.number,
            self.name,
            self.promise,
            state="broken",
            count=len(at_ns),
            first=shown(int(order[0])),
            worst=shown(int(np.argmax(size))),
            last=shown(int(order[-1])),
            figures=figures or {},
        )

    def not_judged(self, why: str) -> Finding:
        """The check does not apply to this run, and says so."""
        return Finding(self.number, self.name, self.promise, state="not judged", why=why)

    def unknown(self, why: str) -> Finding:
        """The check itself broke: its answer is unknown, never *holds*."""
        return Finding(self.number, self.name, self.promise, state="unknown", why=why)


@dataclass(frozen=True, slots=True)
class Check(Invariant):
    """An invariant of a strategy, and how a run is examined for it."""

    examine: Callable[[Check, Case], Finding]
