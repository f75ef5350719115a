"""Locust's users of live stores: they carry out a strategy's plans, without anything in between.

What each does is what a worker of `stockproof measure` does, under gevent.
"""

from __future__ import annotations

from locust import User, task

from inventory_core.domain import Limits
from inventory_core.stores.stacks import connect
from inventory_core.strategy.registry import make
from scenarios.demand import Delivery
from scenarios.loading.answers import Reply
from scenarios.loading.stand import stand_of
from scenarios.loading.users import FAILED
from scenarios.loading.visits import Visit
from scenarios.measuring.client import UNKNOWN, Client
from scenarios.measuring.records import word_of


class PlanUser(User):
    """A buyer on live stores, without anything in between."""

    def on_start(self) -> None:
        """Connect."""
        stand = stand_of(self.environment)
        job = stand.job
        assert job.stores is not None, "a user of plans needs to know where the stores are"
        self.stand = stand
        self.number = stand.hired()
        demand = job.scenario.demand
        session = connect(job.stores, Limits(), f"{job.seed}/{self.number}")
        self._session = session.at_node(stand.worker)
        self.client = Client(
            make(job.strategy),
            self._session,
            hold_s=demand.hold_s,
            retries=demand.retries,
            clock=stand.clock,
        )

    def on_stop(self) -> None:
        """Hang up."""
        self._session.close()

    @task
    def visit(self) -> None:
        """Carry out whatever comes next."""
        visit = self.stand.take()
        if visit is None:
            return
        outcome = UNKNOWN
        try:
            assert isinstance(visit.thing, Delivery), visit
            outcome = word_of(self.client.serve(visit.thing))
        finally:
            self._tell(visit)
            self.stand.over(visit, outcome)

    def _tell(self, visit: Visit) -> None:
        """Every attempt goes into Locust's tables and into ours."""
        attempts, self.client.attempts = self.client.attempts, []
        for key, attempt, sent, replied, answer in attempts:
            word = word_of(answer)
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
