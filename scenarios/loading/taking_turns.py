"""The inside of `side_by_side`: two kinds of users who take turns in one process of Locust."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass
from typing import Any, ClassVar

import gevent
from locust import FastHttpUser, task
from locust.env import Environment

from scenarios.loading.job import Front, LoadJob
from scenarios.loading.side_by_side import OURS, PLAIN, SLICE_S
from scenarios.loading.stand import Stand, heard_on, seat_users
from scenarios.loading.users import ShopUser
from scenarios.loading.visits import Visit

SLICES_MOST = 10_000
PLAIN_NAME = "plain"


@dataclass
class Counted:
    """Requests that were answered in their own turns."""

    ours: int = 0
    plain: int = 0


class Turns:
    """Whose turn it is; those whose it is not wait."""

    def __init__(self) -> None:
        self._open = (gevent.event.Event(), gevent.event.Event())

    def give(self, kind: int) -> None:
        """It is the turn of this kind."""
        self._open[1 - kind].clear()
        self._open[kind].set()

    def wait(self, kind: int) -> None:
        """Until it is the turn of this kind."""
        self._open[kind].wait()


class TakingTurns(Stand):
    """A stand whose users wait for their turn."""

    turns: Turns

    def take(self) -> Visit | None:
        """The next visit, in our turn."""
        self.turns.wait(OURS)
        return super().take()


class PlainUser(FastHttpUser):
    """Posts an order, and looks at nothing."""

    turns: ClassVar[Turns]
    front: ClassVar[Front]
    sku: ClassVar[str]
    numbers: ClassVar[itertools.count[int]] = itertools.count()
    concurrency = 1

    @task
    def order(self) -> None:
        """One more order."""
        self.turns.wait(PLAIN)
        front, number = self.front, next(self.numbers)
        body = {
            "channel": front.channel,
            "number": f"plain-{number}",
            "buyer": f"plain-{number}",
            "address": front.address,
            "lines": [{"sku": self.sku, "quantity": 1}],
        }
        said = {"Authorization": f"Bearer {front.keys[0]}", "Content-Type": "application/json"}
        self.client.post("/v1/orders", data=json.dumps(body), headers=said, name=PLAIN_NAME)


def take_turns(job: LoadJob) -> Counted:
    """Let both kinds at it, half of the seconds each."""
    assert job.front is not None, "both kinds ask an API"
    counted, turns = Counted(), Turns()
    PlainUser.turns = turns
    PlainUser.front, PlainUser.sku = job.front, f"{job.front.prefix}sku-1"
    environment = Environment(user_classes=[ShopUser, PlainUser], host=job.front.url)
    stand = TakingTurns(job, 0, lambda *_: None)
    seat_users(environment, stand)
    stand.turns = turns

    def count(*, name: str, exception: Any, **_: Any) -> None:
        if exception is None and name == PLAIN_NAME:
            counted.plain += 1
        elif exception is None:
            counted.ours += 1

    runner = environment.create_local_runner()
    runner.start(2 * job.users, spawn_rate=2 * job.users)
    while runner.user_count < 2 * job.users:
        gevent.sleep(0.01)
    gevent.sleep(1.0)  # each has warmed up
    now = time.monotonic_ns()
    stand.begin(now, now + round((job.seconds + 60) * 1e9))
    heard_on(environment.events.request, count)
    for place in range(min(SLICES_MOST, round(job.seconds / SLICE_S))):
        turns.give(place % 2)
        gevent.sleep(SLICE_S)
    return counted
