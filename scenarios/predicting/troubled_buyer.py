"""A buyer to whom faults happen in virtual time: as `scenarios.measuring.troubled_client` live.

It dies in the middle of a plan, or its replies get lost; it comes back and sends the same order
number again. It waits for as long as a server takes to start again, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inventory_core.steps import ConnectionLost, StepError
from scenarios.aiming import aim_at
from scenarios.demand import KINDS, Delivery
from scenarios.faults import SHARED, LiveFault
from scenarios.measuring.client import AGAIN, ERROR, UNKNOWN, Answer
from scenarios.measuring.job import CLIENT, FaultEvent
from scenarios.measuring.troubled_client import BACK_OFF_MOST_S, BACK_OFF_S, UNKNOWN_TRIES
from scenarios.predicting.buyers import NS, Buyer
from scenarios.predicting.carrier import ClientDied
from scenarios.predicting.loop import Goes


class TroubledBuyer(Buyer):
    """One client of a run with faults."""

    def __init__(self, faults: Sequence[LiveFault], *of_any: Any) -> None:
        super().__init__(*of_any)
        self.events: list[FaultEvent] = []
        self._faults = tuple(fault for fault in faults if fault.fault in SHARED)
        self._length = [2] * len(KINDS)  # of the plans of each verb, as far as was seen
        self._gone = False  # it gives this order up

    def serve(self, delivery: Delivery) -> Goes:
        """Send a delivery until there is an answer; one without a reply costs no try."""
        env = self.carrier.world.env
        attempt = lost = 0
        while not self.dead and attempt - lost < self._tries and lost <= UNKNOWN_TRIES:
            sent_s = env.now
            answer = yield from self._attempt(delivery)
            self.note(delivery, attempt, sent_s, answer)
            attempt += 1
            lost += answer is UNKNOWN
            if answer is ERROR or answer is UNKNOWN:
                yield from self._come_back(lost)
            if self._gone or answer not in AGAIN:
                self._gone = False
                return

    def _attempt(self, delivery: Delivery) -> Goes:
        carrier, node = self.carrier, self.carrier.shop.node + 1
        now_s, longest = carrier.world.env.now, self._length[delivery.kind]
        aim = aim_at(self._faults, node, now_s, longest, carrier.dice)
        answer: Answer
        try:
            answer = yield from carrier.carry_out(self.plan(delivery), aim)
        except ConnectionLost:
            answer = UNKNOWN
        except StepError:
            answer = ERROR
        except ClientDied:
            answer = UNKNOWN
            assert aim is not None, "a client dies of a fault"
            self._gone = carrier.dice.random() < aim.fault.stay_away
            self.dead = bool(aim.fault.node)
        if aim is None:
            self._length[delivery.kind] = max(longest, carrier.steps)
        elif aim.struck:
            at_ns = round(carrier.world.env.now * NS)
            self.events.append(FaultEvent(aim.fault.kind, at_ns, at_ns, CLIENT, aim.struck))
        return answer

    def _come_back(self, lost: int) -> Goes:
        """Wait until there is a server."""
        world = self.carrier.world
        pause_s = min(BACK_OFF_S * 2**lost, BACK_OFF_MOST_S) if lost > 1 else 0.0
        while pause_s or world.is_down:
            yield pause_s or BACK_OFF_S
            pause_s = min(2 * pause_s, BACK_OFF_MOST_S) if world.is_down else 0.0
