"""One process of a live test: several clients with a list of deeds each, or a sweeper.

    python -m tests.services.live.worker     its job comes on stdin, as one line of JSON

It says `ready`, and begins when a second line comes. Clients (a thread each) end when their lists
are done, a sweeper when its stdin closes.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from inventory_core.api.engines import engines_of
from inventory_core.drivers import carry_out
from inventory_core.records import Intent, OrderState
from inventory_core.services.contract import Answer, Said, ServiceLimits
from inventory_core.services.order_flow import OrderFlow
from inventory_core.steps.errors import StepError
from inventory_core.stores.service import ServiceAddress, connect_service
from inventory_core.stores.session import Session
from tests.services.live.history import UNDECIDED, Deed, Journal
from tests.services.mall import request

STALE_MS = 1_000
ATTEMPTS_MOST = 2_000
PAUSE_S = 0.002


@dataclass(frozen=True, slots=True)
class Job:
    """What a process is to do. `deeds`: (verb, order number) by client; none: it sweeps."""

    name: str
    address: ServiceAddress
    journal: str
    deeds: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)

    def told(self) -> str:
        """As the line that the process reads."""
        return json.dumps(asdict(self)) + "\n"


def heard(line: str) -> Job:
    """The same, on the other side."""
    said = json.loads(line)
    said["address"]["engines"] = tuple(said["address"]["engines"])
    address = ServiceAddress(**said.pop("address"))
    return Job(**said, address=address)


@dataclass(frozen=True)
class Client:
    """Does its deeds one after the other, each until it is answered for good."""

    name: str
    flow: OrderFlow
    session: Session
    journal: Journal

    def does_all(self, deeds: Sequence[Sequence[str]]) -> None:
        """One after the other."""
        for verb, number in deeds:
            self.does(verb, number)

    def does(self, verb: str, number: str) -> None:
        """One deed; `pay_late` first waits until the order is no longer held."""
        order_id = f"mall/{number}"
        saw_expired = verb == "pay_late" and self._over(order_id)
        verb = verb.removesuffix("_late")
        deed = Deed(self.name, verb, order_id, time.monotonic_ns(), saw_expired=saw_expired)
        self.journal.write(deed)
        for attempt in range(1, ATTEMPTS_MOST):
            said = self._asked(verb, number)
            if said not in UNDECIDED:
                self.journal.write(deed.answered(said, attempt, time.monotonic_ns()))
                return
            time.sleep(PAUSE_S)

    def _asked(self, verb: str, number: str) -> Said:
        if verb == "place":
            plan = self.flow.place(request(number, ("tea", 1), buyer=number))
        else:
            plan = getattr(self.flow, verb)(f"mall/{number}")
        try:
            answer: Answer = carry_out(plan, self.session.perform)
        except StepError:  # a deadlock, a lost connection: it may have happened
            self.session.reset()
            return Said.CONTENDED
        return answer.said

    def _over(self, order_id: str) -> bool:
        """Wait until an order is not held any more; whether it has expired."""
        for _ in range(ATTEMPTS_MOST):
            view = carry_out(self.flow.find(order_id), self.session.perform)
            free = view is not None and view.order.intent is Intent.NONE
            if view is not None and free and view.state is not OrderState.HELD:
                return view.state is OrderState.EXPIRED
            time.sleep(PAUSE_S)
        return False


def sweep(flow: OrderFlow, session: Session) -> None:
    """Expire what is due and finish what was left, until stdin closes."""
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    while not ended.is_set():
        try:
            worked = [carry_out(turn(), session.perform) for turn in (flow.sweep, flow.finish)]
        except StepError:
            session.reset()
            continue
        if not any(worked):
            ended.wait(PAUSE_S)


def main() -> None:
    """Do the job that stdin says."""
    job = heard(sys.stdin.readline())
    flow = OrderFlow(engines_of(job.address.engines), ServiceLimits(intent_stale_ms=STALE_MS))
    sessions = {name: connect_service(job.address, seed=name) for name in job.deeds or [job.name]}
    for session in sessions.values():
        carry_out(flow.find("mall/nothing"), session.perform)
    print("ready", flush=True)
    sys.stdin.readline()
    if not job.deeds:
        sweep(flow, sessions[job.name])
        return
    journal = Journal(Path(job.journal))
    clients = [Client(name, flow, session, journal) for name, session in sessions.items()]
    with ThreadPoolExecutor(len(clients)) as threads:
        list(threads.map(lambda client: client.does_all(job.deeds[client.name]), clients))


if __name__ == "__main__":
    main()
