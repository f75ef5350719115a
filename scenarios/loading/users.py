"""Locust's users of the HTTP API: each plays whatever visit comes next, over its own connection.

Locust's own tables have one row for each *outcome*: the requests a second of `deduct: deducted` are
the goodput, those of `deduct: replayed` the duplicates answered. Response times count from the
intended start, which in a closed loop is when it was sent.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import gevent
from locust import FastHttpUser, task
from locust.contrib.fasthttp import FAILURE_EXCEPTIONS, ResponseContextManager

from scenarios.loading.answers import AGAIN, Reply, digest_of, word_of
from scenarios.loading.stand import stand_of
from scenarios.loading.visits import Visit, nowhere_of, request_of
from scenarios.measuring.client import ERROR, UNKNOWN

PAUSE_S, PAUSE_MOST_S = 0.01, 0.25
"""Before a user asks again; doubles."""

FAILED = frozenset({ERROR, UNKNOWN})


class ShopUser(FastHttpUser):
    """A buyer at the HTTP API."""

    concurrency = 1
    connection_timeout = 10.0
    network_timeout = 25.0  # the service answers within 15 s, come what may

    def on_start(self) -> None:
        """Take a place at the stand of this process."""
        stand = stand_of(self.environment)
        front = stand.job.front
        assert front is not None, "a user of the API needs to know where it is"
        self.stand, self.front = stand, front
        self.number = stand.hired()
        self.tries = stand.job.scenario.demand.retries + 1
        key = front.keys[self.number % len(front.keys)]
        self.said = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.warm_up()

    def warm_up(self) -> None:
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
        """Do whatever comes next."""
        visit = self.stand.take()
        if visit is None:
            return
        outcome = UNKNOWN
        try:
            outcome = self.serve(visit)
        finally:
            self.stand.over(visit, outcome)

    def serve(self, visit: Visit) -> str:
        """Ask until there is an answer to go home with."""
        outcome = UNKNOWN
        for attempt in range(self.tries):
            outcome = self._ask(visit, attempt)
            if outcome not in AGAIN:
                break
            gevent.sleep(min(PAUSE_S * 2**attempt, PAUSE_MOST_S))
        return outcome

    def named(self, visit: Visit, outcome: str) -> str:
        """The row of Locust's tables that an answer belongs to."""
        return f"{visit.kind}: {outcome}"

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
                meta["name"] = self.named(visit, outcome)
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
