"""Locust's users: each plays whatever visit comes next, over one connection of its own.

`ShopUser` asks the HTTP API. `PlanUser` carries out a strategy's plans directly on live stores:
what it does is what a worker of `stockproof measure` does, under gevent.

Locust's own tables have one row for each *outcome*: the requests a second of `deduct: deducted` are
the goodput, those of `deduct: replayed` the duplicates answered. Response times count from the
intended start, which in a closed loop is when it was sent.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import gevent
from locust import FastHttpUser, User, task
from locust.contrib.fasthttp import FAILURE_EXCEPTIONS, ResponseContextManager

from inventory_core.domain import Limits
from inventory_core.stores.stacks import connect
from inventory_core.strategy.registry import make
from scenarios.loading.answers import AGAIN, Reply, digest_of, word_of
from scenarios.loading.stand import Stand
from scenarios.loading.visits import Visit, nowhere_of, request_of
from scenarios.measuring.client import ERROR, UNKNOWN, Client
from scenarios.measuring.records import word_of as word_of_plan

PAUSE_S, PAUSE_MOST_S = 0.01, 0.25
"""Before a user asks again; doubles."""

IDLE_S = 0.2
FAILED = frozenset({ERROR, UNKNOWN})


class ShopUser(FastHttpUser):
    """A buyer at the HTTP API."""

    concurrency = 1
    connection_timeout = 10.0
    network_timeout = 25.0  # the service answers within 15 s, come what may

    def on_start(self) -> None:
        """Take a place at the stand of this process."""
        stand: Stand = self.environment.stand
        front = stand.job.front
        assert front is not None, "a user of the API needs to know where it is"
        self.stand, self.front = stand, front
        self.number = stand.hired()
        self.tries = stand.job.scenario.demand.retries + 1
        key = front.keys[self.number % len(front.keys)]
        self.said = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._warm_up()

    def _warm_up(self) -> None:
        """Connect, and ask what leaves no trace: an order to where nobody ships. It is not counted.

        Without it the first orders of a run would pay for what a service does once in its life.
        """
        nowhere = nowhere_of(self.front, self.number)
        agent = self.client.client
        with suppress(*FAILURE_EXCEPTIONS):  # whoever is not there will be met in the run
            _ = agent.urlopen(
                f"{self.host}{nowhere.path}",
                method="POST",
                payload=nowhere.body,
                headers=self.said,
            ).content

    @task
    def visit(self) -> None:
        """Do whatever comes next, until there is an answer to go home with."""
        visit = self.stand.take()
        if visit is None:
            gevent.sleep(IDLE_S)
            return
        outcome = UNKNOWN
        try:
            for attempt in range(self.tries):
                outcome = self._ask(visit, attempt)
                if outcome not in AGAIN:
                    break
                gevent.sleep(min(PAUSE_S * 2**attempt, PAUSE_MOST_S))
        finally:
            self.stand.over(visit, outcome)

    def _ask(self, visit: Visit, attempt: int) -> str:
        """One request. A user who is killed while it is under way does not know what came of it."""
        request, clock = request_of(visit, self.front), self.stand.clock
        sent = clock()
        outcome, digest = UNKNOWN, 0
        try:
            with self.client.post(
                request.path, data=request.body, headers=self.said, catch_response=True
            ) as response:
                outcome, digest = _heard(response)
                meta: dict[str, Any] = response.request_meta
                meta["name"] = f"{visit.kind}: {outcome}"
                meta["response_time"] = (clock() - (visit.due_ns or sent)) / 1e6
                if outcome in FAILED:
                    response.failure(f"status {response.status_code}")
                else:
                    response.success()
        finally:
            at = (visit.key, visit.kind, visit.delivery, attempt, self.number)
            times = (visit.due_ns or sent, sent, clock())
            self.stand.note(Reply(*at, *times, outcome, digest))
        return outcome


def _heard(response: ResponseContextManager) -> tuple[str, int]:
    body = response.content or b""
    headers = response.headers
    replayed = headers is not None and headers.get("idempotent-replayed") == "true"
    outcome = word_of(response.status_code, body, replayed=replayed)
    return outcome, digest_of(outcome, body)


class PlanUser(User):
    """A buyer on live stores, without anything in between."""

    def on_start(self) -> None:
        """Connect."""
        stand: Stand = self.environment.stand
        job = stand.job
        assert job.stores is not None, "a user of plans needs to know where the stores are"
        self.stand = stand
        self.number = stand.hired()
        demand = job.scenario.demand
        session = connect(job.stores, Limits(), f"{job.seed}/{self.number}").at_node(stand.worker)
        self.client = Client(
            make(job.strategy),
            session,
            hold_s=demand.hold_s,
            retries=demand.retries,
            clock=stand.clock,
        )

    def on_stop(self) -> None:
        """Hang up."""
        self.client.session.close()

    @task
    def visit(self) -> None:
        """Carry out whatever comes next."""
        visit = self.stand.take()
        if visit is None:
            gevent.sleep(IDLE_S)
            return
        outcome = UNKNOWN
        try:
            outcome = word_of_plan(self.client.serve(visit.thing))
        finally:
            self._tell(visit)
            self.stand.over(visit, outcome)

    def _tell(self, visit: Visit) -> None:
        """Every attempt goes into Locust's tables and into ours."""
        attempts, self.client.attempts = self.client.attempts, []
        for key, attempt, sent, replied, answer in attempts:
            word = word_of_plan(answer)
            at = (key, visit.kind, visit.delivery, attempt, self.number)
            self.stand.note(Reply(*at, visit.due_ns or sent, sent, replied, word))
            self.environment.events.request.fire(
                request_type="PLAN",
                name=f"{visit.kind}: {word}",
                response_time=(replied - (visit.due_ns or sent)) / 1e6,
                response_length=0,
                exception=f"the plan ended {word}" if word in FAILED else None,
                context={},
            )


USERS: tuple[type[User], ...] = (ShopUser, PlanUser)
