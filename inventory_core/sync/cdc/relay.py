"""The relay: what the source tells is filtered, published, confirmed, and only then acknowledged.

    read --> rules --> pack --> publish --confirmed--> settled --> note it --> acknowledge

Whoever dies between two of these repeats some changes and loses none. The other order, acknowledge
and then publish, loses what lies between; a test plants that.

When the broker is full the relay waits and reads nothing: its own memory stays what it was, the
source's log grows, and that is watched.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from inventory_core.sync.cdc import wire
from inventory_core.sync.cdc.broker import Broker
from inventory_core.sync.cdc.capture import Capture
from inventory_core.sync.cdc.change import Captured, Change, Operation, marker
from inventory_core.sync.cdc.errors import Stopped
from inventory_core.sync.cdc.lag import CaptureFigures
from inventory_core.sync.cdc.limits import PipelineLimits
from inventory_core.sync.cdc.rules import Rules
from inventory_core.sync.cdc.state import CaptureState, Phase, Progress


class Unsettled(NamedTuple):
    """A position that may be acknowledged from that moment on."""

    settled_s: float
    through: str


class Relay:
    """From one source to one broker."""

    def __init__(
        self,
        source: str,
        capture: Capture,
        rules: Rules,
        broker: Broker,
        state: CaptureState,
        limits: PipelineLimits,
        figures: CaptureFigures,
        go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        self._source = source
        self._capture = capture
        self._rules = rules
        self._broker = broker
        self._state = state
        self._limits = limits
        self._figures = figures
        self._go_on = go_on
        self._epoch = 0
        self._unsettled: deque[Unsettled] = deque()
        self._looked_s = 0.0

    def run(self) -> None:
        """Relay until told to stop, or until a new snapshot is asked for."""
        progress = self._state.progress()
        self._epoch = progress.epoch
        if self._may_go_on(progress):
            self._capture.stream(progress.position)
        elif not self._snapshot():
            return
        while self._go_on() and not (self._look() and self._state.snapshot_wanted()):
            self.turn()
        self._settle_all()

    def _may_go_on(self, progress: Progress) -> bool:
        """Is there a whole snapshot, by these very rules, and nobody wants another?

        Under other rules the product would keep rows that are not asked for any more, and never
        hear of those that are asked for now and do not change.
        """
        whole = progress.phase is Phase.STREAM and progress.rules == self._rules.fingerprint
        return whole and not self._state.snapshot_wanted()

    def turn(self) -> int:
        """Relay what is there; how many changes that was."""
        captured = self._capture.read(self._limits.batch_changes, self._limits.idle_s)
        self._publish(captured.changes)
        self._published(captured)
        return len(captured.changes)

    def _published(self, captured: Captured) -> None:
        """Every one of these is with the broker."""
        if captured.through:
            settled_s = time.monotonic() + self._broker.settles_after_s
            self._unsettled.append(Unsettled(settled_s, captured.through))
        self._settle()

    def _settle(self) -> None:
        now_s = time.monotonic()
        through = ""
        while self._unsettled and self._unsettled[0].settled_s <= now_s:
            through = self._unsettled.popleft().through
        if through:
            self._state.moved(through)
            self._capture.acknowledge(through)

    def _settle_all(self) -> None:
        """Before a stop in good order: wait, rather than tell everything again."""
        while self._unsettled:
            time.sleep(max(0.0, self._unsettled[0].settled_s - time.monotonic()))
            self._settle()

    def _snapshot(self) -> bool:
        """A new epoch: every row as of one moment, then the log from there. False: stopped."""
        self._epoch = max(self._epoch + 1, int(time.time()))  # greater, even if the state is lost
        self._state.snapshot_begins(self._epoch, self._rules.fingerprint)
        self._unsettled.clear()
        self._publish([self._marker(Operation.BEGUN)])
        for changes in self._capture.snapshot():
            self._publish(changes)
            self._look()
            if not self._go_on():
                return False
        self._publish([self._marker(Operation.COMPLETE)])
        time.sleep(self._broker.settles_after_s)
        self._state.stream_begins(self._capture.stream(""))
        return True

    def _marker(self, operation: Operation) -> Change:
        return marker(operation, time.time_ns() // 1_000)

    def _publish(self, changes: Sequence[Change]) -> None:
        """Filter, pack, and publish; wait as long as the broker is full."""
        if not changes:
            return
        told = self._rules.applied(changes)
        limits = self._limits
        bodies = list(
            wire.packed(
                self._source, self._epoch, told, limits.message_changes, limits.message_bytes
            )
        )
        begun_s = time.monotonic()
        told_of = len(bodies)
        while bodies := bodies[self._broker.publish(bodies) :]:
            self._figures.waits(limits.full_pause_s)
            self._capture.stay()
            self._look()
            time.sleep(limits.full_pause_s)
            if not self._go_on():
                raise Stopped
        self._figures.waits(0.0)
        self._figures.published(told, told_of, time.monotonic() - begun_s)

    def _look(self) -> bool:
        """Now and then: what does the source keep for us? True if it was time to look."""
        now_s = time.monotonic()
        if now_s - self._looked_s < self._limits.look_every_s:
            return False
        self._looked_s = now_s
        self._figures.retained(self._capture.retained())
        self._figures.backlog(self._broker.backlog())
        self._state.note(self._figures.told())
        return True
