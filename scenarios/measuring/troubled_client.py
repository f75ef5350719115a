"""A client to whom faults happen: it dies in the middle of a plan, or its replies get lost.

Where a fault strikes, and in which form, says `scenarios.aiming`. Death abandons the plan where it
stands (`client_dies`); a lost reply is thrown into it as `ConnectionLost` (`reply_lost`). Either
way no goodbye reaches the server, which finds the open transaction by itself; the client comes back
over a new connection and sends the same order number. It waits for as long as a server takes to
start again, too.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from inventory_core.problems import Problem
from inventory_core.steps import ConnectionLost, Step, StepError
from inventory_core.stores.session import Session
from inventory_core.strategy import Strategy
from scenarios.aiming import AFTER, LATER, Aim, aim_at
from scenarios.demand import KINDS, Delivery
from scenarios.faults import SHARED, LiveFault
from scenarios.measuring.client import AGAIN, ERROR, UNKNOWN, Answer, Client
from scenarios.measuring.job import CLIENT, FaultEvent

T = TypeVar("T")

UNKNOWN_TRIES = 30
"""How often an order is sent again for want of a reply, before its client gives up."""

BACK_WITHIN_S = 60.0
BACK_OFF_S, BACK_OFF_MOST_S = 0.005, 0.25
"""How long a client tries to reach the servers again, and its first and longest pause."""


class ClientDied(BaseException):
    """Ends the plan of a client that dies; no plan can catch it."""


class NodeDied(Exception):
    """Ends a client whose whole process has died: nobody comes back."""


class Ghosts:
    """Requests that arrive after their clients gave up on them, each on a thread of its own."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._failures: list[BaseException] = []

    def haunt(self, session: Session, step: Step[Any], after_s: float) -> None:
        """Carry out a step after a while, on the connection of whoever gave up on it."""
        thread = threading.Thread(target=self._perform, args=(session, step, after_s), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _perform(self, session: Session, step: Step[Any], after_s: float) -> None:
        try:
            time.sleep(after_s)
            session.perform(step)
        except StepError:
            pass  # nobody waits for the answer
        except BaseException as failure:  # noqa: BLE001 - a bug ends the run, not just its thread
            self._failures.append(failure)
        finally:
            session.cut()

    def lay(self) -> None:
        """Wait until every such request has arrived (each is bounded by its store's patience)."""
        for thread in self._threads:
            thread.join()
        for failure in self._failures:
            raise failure


class Blow:
    """A fault that befalls one attempt of a live client: performs steps until it strikes."""

    def __init__(self, aim: Aim, client: TroubledClient) -> None:
        self.aim = aim
        self._client = client

    def perform(self, step: Step[Any]) -> Any:
        """As a session does, until the fault strikes; nothing gets through after it."""
        aim, session = self.aim, self._client.session
        if aim.struck:
            raise ConnectionLost
        form = aim.at(step)
        if not form:
            return session.perform(step)
        if form == AFTER:
            session.perform(step)
        aim.strike(step)
        if form == LATER:
            self._client.leave_behind(step, aim.fault.late_s)
        else:
            session.cut()
        raise ClientDied if aim.kills else ConnectionLost


@dataclass(frozen=True, slots=True)
class Trouble:
    """What may befall a client, how it comes back, where its dice start, and where it runs."""

    faults: tuple[LiveFault, ...]
    open_session: Callable[[], Session]
    seed: str
    ghosts: Ghosts
    node: int  # from 1


class TroubledClient(Client):
    """A client of a run with faults. `start_ns` is told before the run starts."""

    session: Session

    def __init__(
        self,
        strategy: Strategy,
        session: Session,
        trouble: Trouble,
        *,
        hold_s: float = 900.0,
        retries: int = 0,
        sample_every: int = 1 << 60,
    ) -> None:
        super().__init__(
            strategy, session, hold_s=hold_s, retries=retries, sample_every=sample_every
        )
        self._faults = tuple(fault for fault in trouble.faults if fault.fault in SHARED)
        self._trouble = trouble
        self._dice = random.Random(f"{trouble.seed}/faults")
        self._length = [2] * len(KINDS)  # of the plans of each verb, as far as was seen
        self._left = self._given_up = self._dead = False
        self.start_ns = 0
        self.events: list[FaultEvent] = []

    def serve(self, delivery: Delivery) -> Answer:
        """Send a delivery until there is an answer; one without a reply costs no try."""
        perform = self.performer(delivery.position)
        answer: Answer = ERROR
        attempt = lost = 0
        while attempt - lost < self._tries and lost <= UNKNOWN_TRIES:
            sent = self._clock()
            answer = self._attempt(delivery, perform, sent)
            self.attempts.append((delivery.position, attempt, sent, self._clock(), answer))
            attempt += 1
            lost += answer is UNKNOWN
            if self._dead:
                raise NodeDied
            if answer is ERROR or answer is UNKNOWN:
                self._come_back(lost)
                perform = self.session.perform  # it may be another session
            if self._given_up:
                self._given_up = False
                break
            if answer not in AGAIN:
                break
        return answer

    def _attempt(
        self, delivery: Delivery, perform: Callable[[Step[Any]], Any], sent_ns: int
    ) -> Answer:
        steps = 0

        def counted(step: Step[Any]) -> Any:
            nonlocal steps
            steps += 1
            return perform(step)

        since_s, longest = (sent_ns - self.start_ns) / 1e9, self._length[delivery.kind]
        aim = aim_at(self._faults, self._trouble.node, since_s, longest, self._dice)
        if aim is None:
            answer = self._carry_out(self.plan(delivery), counted)
            self._length[delivery.kind] = max(self._length[delivery.kind], steps)
            return answer
        try:
            answer = self._carry_out(self.plan(delivery), Blow(aim, self).perform)
        except ClientDied:
            answer = UNKNOWN
            self._given_up = self._dice.random() < aim.fault.stay_away
            self._dead = bool(aim.fault.node)
        if aim.struck:
            now_ns = self._clock()
            self.events.append(FaultEvent(aim.fault.kind, now_ns, now_ns, CLIENT, aim.struck))
        return answer

    def leave_behind(self, step: Step[Any], late_s: float) -> None:
        """The request is under way, and its client is no longer there to hear the answer."""
        self._trouble.ghosts.haunt(self.session, step, late_s)
        self._left = True

    def close(self) -> None:
        """Hang up."""
        self.session.close()

    def _come_back(self, lost: int) -> None:
        """Come back, over the connection there was or a new one, as soon as there is a server."""
        if lost > 1:
            time.sleep(min(BACK_OFF_S * 2**lost, BACK_OFF_MOST_S))
        if self._left:
            self.session = self._until_back(self._trouble.open_session)
            self._left = False
        else:
            self._until_back(self.session.reset)

    @staticmethod
    def _until_back(reach: Callable[[], T]) -> T:
        deadline_s, pause_s = time.monotonic() + BACK_WITHIN_S, BACK_OFF_S
        while time.monotonic() < deadline_s:
            try:
                return reach()
            except (StepError, Problem):
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, BACK_OFF_MOST_S)
        raise Problem(f"the servers were not back within {BACK_WITHIN_S:g} s; see their logs")
