"""A worker as a service: an engine's helpers in loops, what waits watched, poison set aside.

    queue      turn after turn; what is late again and again is set aside
    others     the strategy's other helpers, as they are
    watch      what waits, and since when; holds buyers back while it is too much

Each loop is a thread with a session of its own. Any number of workers may run beside each other and
beside `stockproof serve`: every turn locks what it takes. A turn that fails is tried again later.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from typing import Any

from inventory_core.drivers.blocking import carry_out
from inventory_core.problems import Problem
from inventory_core.services import pressure
from inventory_core.steps.engine import on
from inventory_core.steps.errors import StepError
from inventory_core.steps.step import Plan
from inventory_core.stores.service import ServiceAddress, connect_service
from inventory_core.stores.session import Session
from inventory_core.strategy import Daemon, Strategy, registry
from inventory_core.sync.workers import aside, figures
from inventory_core.sync.workers.figures import Figures
from inventory_core.sync.workers.limits import WorkerLimits
from inventory_core.sync.workers.queues import Queue, Tasks, queue_of
from inventory_core.sync.workers.tries import Tries
from inventory_core.sync.workers.watching import WATCH_LOST, Watch, watch_of

_log = logging.getLogger("stockproof.worker")


@dataclass
class Worker:
    """The worker of one engine, until `stop` is set."""

    address: ServiceAddress
    engine: str
    figures: Figures
    limits: WorkerLimits = field(default_factory=WorkerLimits)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._strategy: Strategy = registry.make(self.engine)
        self._queue: Queue = queue_of(self.engine, self._strategy)
        self._bugs: list[BaseException] = []

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Mend what dead processes left, then loop until told to stop.

        A `Problem` if there is no server to connect to; one that goes away later is waited for.
        Copies mend themselves turn by turn: there, to recover is to catch up, poison included.
        """
        if isinstance(self._queue, Tasks):
            with closing(self._session("recover")) as session:
                self._tried(session, self._strategy.recover())
        loops: list[Callable[[Session], None]] = [self._work, self._look]
        others = [one for one in self._strategy.daemons() if one.name != self._queue.daemon]
        loops += [self._helping(daemon) for daemon in others]
        with ExitStack() as sessions:
            threads = []
            for number, loop in enumerate(loops):
                session = sessions.enter_context(closing(self._session(f"{number}")))
                threads.append(threading.Thread(target=self._owned, args=(loop, session)))
            for thread in threads:
                thread.start()
            ready()
            try:
                for thread in threads:
                    thread.join()
            finally:  # also if a signal has interrupted the wait
                self.stop.set()
                for thread in threads:
                    thread.join()
        for bug in self._bugs:
            raise bug

    def _session(self, who: str) -> Session:
        return connect_service(self.address, seed=f"worker {who}")

    def _do(self, session: Session, plan: Plan[Any]) -> Any:
        return carry_out(on(self.engine, plan), session.perform)

    def _owned(self, loop: Callable[[Session], None], session: Session) -> None:
        """A loop's life: whatever ends it ends the worker."""
        try:
            loop(session)
        except BaseException as bug:  # noqa: BLE001 - raised again by whoever runs the worker
            self._bugs.append(bug)
        finally:
            self.stop.set()

    # ------------------------------------------------------------------------------------- loops

    def _work(self, session: Session) -> None:
        tries = Tries(self.limits.tries, self.limits.late_for_s, self.limits.remembered)
        while not self.stop.is_set():
            turn = self._tried(session, self._queue.turn())
            if turn is None:
                continue
            self.figures.applied(turn.done)
            for piece in turn.late:
                if tries.are_over(piece.key):
                    self._set_aside(session, piece)
            if not turn.done:
                self.stop.wait(self._pause_s)

    def _set_aside(self, session: Session, piece: Any) -> None:
        if self._tried(session, aside.set_aside(self._queue, self.engine, piece)):
            self.figures.aside()
            _log.warning("%s: %s is set aside: %s", self.engine, piece.about, piece.why)

    def _helping(self, daemon: Daemon) -> Callable[[Session], None]:
        def helping(session: Session) -> None:
            while not self.stop.is_set():
                if not self._tried(session, daemon.turn()):
                    self.stop.wait(daemon.pause_s)

        return helping

    def _look(self, session: Session) -> None:
        """Watch what waits; tell buyers and `status`. A watch that is cut off is made anew."""
        held = False
        while not self.stop.is_set():
            try:
                with closing(self._watch()) as watch:
                    while not self.stop.wait(self.limits.look_every_s):
                        held = self._looked(session, watch, held)
            except (OSError, Problem, WATCH_LOST) as lost:
                _log.warning("the watch of %s was cut off: %s", self.engine, lost)
                self.stop.wait(self.limits.back_off_s)

    def _watch(self) -> Watch:
        return watch_of(self.address, self.engine, self._queue, self.limits.looked_at)

    def _looked(self, session: Session, watch: Watch, held: bool) -> bool:
        """One look; whether buyers are held back."""
        limits, waiting = self.limits, watch.look()
        most = limits.backlog_most * (limits.backlog_low if held else 1.0)
        held_now = waiting.pieces > most
        if held_now:
            why = f"{waiting.pieces} pieces of work wait for their rows"
            self._tried(session, pressure.hold_back(self.engine, why, limits.held_back_ms))
        elif held:
            self._tried(session, pressure.let_go(self.engine))
        self._tried(session, figures.leave(self.engine, self.figures.looked(waiting, held_now)))
        return held_now

    def _tried(self, session: Session, plan: Plan[Any]) -> Any:
        """What a plan answers; None if a store did not: it is counted, and rested from."""
        try:
            answer = self._do(session, plan)
        except StepError as error:
            self.figures.failed()
            _log.warning("a turn of %s failed: %s", self.engine, type(error).__name__)
            with suppress(StepError):  # the server may not be back yet
                session.reset()
            self.stop.wait(self.limits.back_off_s)
            return None
        return answer

    @property
    def _pause_s(self) -> float:
        named = {daemon.name: daemon.pause_s for daemon in self._strategy.daemons()}
        return named[self._queue.daemon]
