"""A worker process of a shop: its share of the buyers, and sweepers beside them.

Sweepers run here, in every process and several in each, as in a shop with many servers: what two of
them do to one order is what the run is to find out.
"""

from __future__ import annotations

import gc
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import NamedTuple

import numpy as np

from inventory_core.drivers import carry_out
from inventory_core.steps import StepError
from inventory_core.stores.session import Session
from scenarios.measuring.job import Effort, Job, Ready, Start
from scenarios.measuring.worker import wait_until
from scenarios.serving.agenda import Act, Agenda, arrivals_of, what_follows
from scenarios.serving.buyers import Buyers, Order
from scenarios.serving.client import Client, Served, TimedStep
from scenarios.serving.desk import PlanOf, ShopPlan, Turn, plan_of
from scenarios.serving.watching import Expiry, Watched

SWEEPER_PAUSE_S = 0.02
AFTER_S = 30.0
"""Buyers who are still busy so long after the end are left where they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Effort):
    """What one worker recorded; times are nanoseconds from the start."""

    attempts: tuple[Served, ...]
    steps: tuple[TimedStep, ...]
    expiries: tuple[Expiry, ...]


class Worker:
    """One worker's part in one run."""

    def __init__(self, job: Job, services: PlanOf = plan_of) -> None:
        self._job = job
        self._plan: ShopPlan = services(job)
        self._sessions: list[Session] = []
        self._clients: list[Client] = []
        self._helpers: list[Helper] = []
        self._failures: list[BaseException] = []
        self._lags_ns: list[int] = []
        self._over = threading.Event()

    def run(self, parent: Connection) -> Shift:
        """Connect, wait for the start, play, and hand back what was recorded."""
        try:
            self._connect()
            for client in self._clients:
                client.warm_up()
            orders = self._orders()
            gc.collect()
            gc.freeze()
            parent.send(Ready())
            start = parent.recv()
            assert isinstance(start, Start), f"expected the start, got {start!r}"
            cpu_s, wall_s = self._play(start, orders)
        finally:
            gc.unfreeze()
            for session in self._sessions:
                session.close()
        for failure in self._failures:
            raise failure
        return self._shift(start.starts_ns, cpu_s, wall_s)

    def _connect(self) -> None:
        job = self._job
        sessions = job.share.last - job.share.first + len(self._plan.daemons)
        for number in range(sessions):
            seed = f"{job.seed}/{job.share.first}/{number}"
            self._sessions.append(job.connect(job.address, job.limits, seed))
        clients = range(job.share.first, job.share.last)
        for number, session in zip(clients, self._sessions, strict=False):
            sampled, retries = job.scenario.run.sample_every, job.scenario.demand.retries
            client = Client(number, self._plan.flow, session, retries=retries, sample_every=sampled)
            self._clients.append(client)
        for session, turn in zip(self._sessions[len(clients) :], self._plan.daemons, strict=True):
            self._helpers.append(Helper(turn, session, Watched()))

    def _orders(self) -> list[Order]:
        """The orders of this worker: every so many processes one."""
        share = self._job.share
        connections = share.last - share.first
        processes, ours = share.clients // connections, share.first // connections
        return Buyers(self._job.scenario, self._job.seed, self._job.seconds).of(ours, processes)

    def _play(self, start: Start, orders: list[Order]) -> tuple[float, float]:
        agenda = Agenda(arrivals_of(orders, start.starts_ns))
        buyers = [
            threading.Thread(target=self._buyer, args=(client, agenda, start), daemon=True)
            for client in self._clients
        ]
        helpers = [
            threading.Thread(target=self._helped, args=(helper,), daemon=True)
            for helper in self._helpers
        ]
        wait_until(start.starts_ns)
        cpu_s, began = time.process_time(), time.monotonic()
        for thread in (*helpers, *buyers):
            thread.start()
        for thread in buyers:
            thread.join()
        spent = time.process_time() - cpu_s, time.monotonic() - began
        self._over.set()
        for thread in helpers:
            thread.join()
        return spent

    def _buyer(self, client: Client, agenda: Agenda, start: Start) -> None:
        gives_up_ns = start.ends_ns + round(AFTER_S * 1e9)
        waited = False
        try:
            while (now := time.monotonic_ns()) < gives_up_ns and not self._failures:
                act = agenda.next(now)
                if act is None:
                    return
                if not isinstance(act, Act):
                    agenda.wait(act)
                    waited = True
                    continue
                if waited:  # who was busy is not late by the driver's fault
                    self._lags_ns.append(now - act.due_ns)
                waited = False
                agenda.done(self._serve(client, act))
        except BaseException as failure:  # noqa: BLE001 - a bug ends the run, not just its thread
            self._failures.append(failure)

    def _serve(self, client: Client, act: Act) -> Act | None:
        """Serve an act; what the buyer does next."""
        kind = self._plan.kinds[act.kind]
        outcome = client.serve(act, kind)
        return what_follows(act, outcome, time.monotonic_ns())

    def _helped(self, helper: Helper) -> None:
        try:
            while not self._over.is_set():
                if not helper.take_turn():
                    self._over.wait(SWEEPER_PAUSE_S)
        except BaseException as failure:  # noqa: BLE001 - told to the run when it is over
            self._failures.append(failure)

    def _shift(self, zero: int, cpu_s: float, wall_s: float) -> Shift:
        attempts = [one for client in self._clients for one in client.attempts]
        steps = [one for client in self._clients for one in client.steps]
        expiries = [one for helper in self._helpers for one in helper.watched.expiries]
        return Shift(
            attempts=tuple(
                one._replace(
                    intended_ns=one.intended_ns - zero,
                    sent_ns=one.sent_ns - zero,
                    replied_ns=one.replied_ns - zero,
                )
                for one in attempts
            ),
            steps=tuple(
                one._replace(sent_ns=one.sent_ns - zero, replied_ns=one.replied_ns - zero)
                for one in steps
            ),
            expiries=tuple(
                one._replace(sent_ns=one.sent_ns - zero, replied_ns=one.replied_ns - zero)
                for one in expiries
            ),
            lags_ns=np.asarray(self._lags_ns, dtype=np.int64),
            cpu_s=cpu_s,
            wall_s=wall_s,
        )


class Helper(NamedTuple):
    """Who works beside the buyers: what it does in a turn, and on which session."""

    turn: Turn
    session: Session
    watched: Watched

    def take_turn(self) -> bool:
        """One turn. A step error is the store's affair: the next turn tries again."""
        try:
            return bool(carry_out(self.watched.through(self.turn()), self.session.perform))
        except StepError:
            with suppress(StepError):
                self.session.reset()
            return False
