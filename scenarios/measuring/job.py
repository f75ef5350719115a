"""What parent and worker processes say to each other about one run: a job there, a result back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from inventory_core.domain import Limits
from inventory_core.stores.session import Session
from scenarios.demand import Share
from scenarios.scenario import Scenario

Connect = Callable[..., Session]
"""`connect(address, limits, seed)`: a session of one's own. A module's function, so it travels."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run, as one worker process is to carry out its share of it."""

    strategy: str
    limits: Limits
    connect: Connect
    address: Any
    scenario: Scenario
    seed: int
    seconds: float
    share: Share
    player: Callable[..., Any] | None = None  # plays it, in place of the clients of a strategy


CLIENT = "a client"
"""Whom a fault befalls that has no greater effect than on one attempt of one client."""


class FaultEvent(NamedTuple):
    """A fault that happened: its name, from when until when, to whom, and what it did."""

    kind: str
    began_ns: int
    over_ns: int
    whom: str
    what: str


@dataclass(frozen=True, slots=True)
class Start:
    """Everybody is connected: this is when the run starts and ends, on the machine's clock."""

    starts_ns: int
    ends_ns: int


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker is connected and waits for the start."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A worker ended by an error. `problem`: the user can mend it; otherwise it is a bug."""

    text: str
    problem: bool


Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What it cost a worker: how late it was where it could have been in time, CPU, wall.

    `awake_s`: processor time, beside `cpu_s`, in which it did nothing but stay awake.
    """

    lags_ns: Integers
    cpu_s: float
    wall_s: float
    awake_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Effort):
    """What one worker recorded, as columns; times are nanoseconds from the start."""

    position: Integers
    attempt: Integers
    client: Integers
    sent_ns: Integers
    replied_ns: Integers
    answer: Integers  # place in ANSWERS
    steps: tuple[tuple[int, int, str, int, int], ...]
    events: tuple[FaultEvent, ...] = ()
    full: str = ""  # which store had no room left, if one had
