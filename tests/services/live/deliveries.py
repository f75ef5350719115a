"""One request delivered several times, in series, in parallel or late; and the judge of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from tests.services.live.served import Stock

ATTEMPTS_MOST = 500
PAUSE_S = 0.02
AGAIN = {(409, "in_progress"), (503, "contended"), (503, "unknown"), (503, "too_busy")}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one delivery was answered in the end."""

    status: int
    body: bytes
    outcome: str
    replayed: bool
    asked_again: int
    told_when: bool  # each time that it was sent away it was told when to come again


@dataclass(frozen=True, slots=True)
class Request:
    """A POST that can be delivered again and again."""

    path: str
    body: object
    first: str = ""  # the outcome of the first delivery; empty: all get the same bytes
    again: str = ""  # and of those that follow

    def deliver(self, client: httpx.Client) -> Delivery:
        """Ask until it is answered for good."""
        told_when = True
        for asked in range(ATTEMPTS_MOST):
            answer = client.post(self.path, json=self.body)
            outcome = str(answer.json().get("outcome", ""))
            if (answer.status_code, outcome) not in AGAIN:
                replayed = answer.headers.get("Idempotent-Replayed") == "true"
                return Delivery(
                    answer.status_code, answer.content, outcome, replayed, asked, told_when
                )
            told_when &= "Retry-After" in answer.headers
            time.sleep(PAUSE_S)
        raise AssertionError(f"{self.path} is never answered: {answer.text}")


def in_series(clients: Sequence[httpx.Client], request: Request) -> list[Delivery]:
    """One after the other."""
    return [request.deliver(client) for client in clients]


def in_parallel(clients: Sequence[httpx.Client], request: Request) -> list[Delivery]:
    """All at one moment, each on a connection of its own."""
    barrier = threading.Barrier(len(clients))

    def delivered(client: httpx.Client) -> Delivery:
        barrier.wait()
        return request.deliver(client)

    with ThreadPoolExecutor(len(clients)) as threads:
        return list(threads.map(delivered, clients))


def late(clients: Sequence[httpx.Client], request: Request) -> list[Delivery]:
    """The first is answered; the others come afterwards, all at one moment."""
    first, *others = clients
    return [request.deliver(first), *in_parallel(others, request)]


MODES: dict[str, Callable[[Sequence[httpx.Client], Request], list[Delivery]]] = {
    "series": in_series,
    "parallel": in_parallel,
    "late": late,
}


def judged(
    request: Request, deliveries: Sequence[Delivery], effect: Stock, wanted: Stock
) -> tuple[str, ...]:
    """Every complaint: one effect, and the same answer for all."""
    return tuple(_complaints(request, deliveries, effect, wanted))


def _complaints(
    request: Request, deliveries: Sequence[Delivery], effect: Stock, wanted: Stock
) -> Iterator[str]:
    if effect != wanted:
        yield f"the effect of {len(deliveries)} deliveries is {effect}, of one it is {wanted}"
    if bad := [one for one in deliveries if one.status not in (200, 201)]:
        yield f"answered with {bad[0].status}: {bad[0].body!r}"
    if not all(one.told_when for one in deliveries):
        yield "sent away, and not told when to come again"
    firsts = [one for one in deliveries if not one.replayed]
    if len(firsts) > 1:
        yield f"{len(firsts)} deliveries were answered as the first"
    if not firsts and not any(one.asked_again for one in deliveries):
        yield "no delivery was answered as the first"
    if not request.first:
        if len({(one.status, one.body) for one in deliveries}) > 1:
            yield f"answers differ: {sorted({one.body for one in deliveries})}"
        return
    for one in deliveries:
        expected = request.again if one.replayed else request.first
        if one.outcome != expected:
            yield f"answered {one.outcome}, not {expected}"
