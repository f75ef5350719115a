"""Our users beside plain ones: the same requests to the same endpoint, in slices in turn.

A plain user is Locust's `FastHttpUser` that posts an order and looks at nothing. Both sit in one
process of Locust and take turns, so whatever else the machine does hits both alike.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from scenarios.lifeline import die_with_parent, started
from scenarios.loading.job import Front, LoadJob
from scenarios.scenario import Scenario

MODULE = "scenarios.loading.side_by_side"
OURS, PLAIN = 0, 1
SLICE_S = 0.5


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Requests of each, and how long each had its turn."""

    ours: int
    plain: int
    seconds: float

    @property
    def ratio(self) -> float:
        """Ours for each of the plain ones."""
        return self.ours / max(self.plain, 1)


def side_by_side(scenario: Scenario, front: Front, users: int, seconds: float) -> SideBySide:
    """So many users of each kind, so long each."""
    job = LoadJob(scenario, 1, 2 * seconds, workers=1, users=users, front=front)
    heard, says = os.pipe()
    child = started(MODULE, (says,), (says,), told=json.dumps(job.told()).encode())
    os.close(says)
    try:
        with os.fdopen(heard) as lines:
            counted: Mapping[str, int] = json.loads(lines.readline())
    finally:
        child.end()
    return SideBySide(counted["ours"], counted["plain"], seconds)


def main(says: int, lifeline: int) -> None:
    """Both kinds of users in one process of Locust."""
    die_with_parent(lifeline)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    job = LoadJob.heard(json.load(sys.stdin))
    # From this import on, whatever blocks is gevent's.
    from scenarios.loading.taking_turns import take_turns

    os.write(says, json.dumps(asdict(take_turns(job))).encode() + b"\n")
