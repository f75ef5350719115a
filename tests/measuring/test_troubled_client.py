"""A client to whom faults happen: where they strike, what is left behind, and how it comes back."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from inventory_core.domain import Cell, Line, Order, Outcome
from inventory_core.drivers import carry_out
from inventory_core.steps import ConnectionLost, Step, clock, sql
from inventory_core.stores.session import ClockPart, Session
from inventory_core.strategy import Needs
from scenarios.aiming import FORMS, Aim
from scenarios.demand import Delivery
from scenarios.faults import LiveFault
from scenarios.measuring.client import UNKNOWN
from scenarios.measuring.job import CLIENT
from scenarios.measuring.troubled_client import (
    Blow,
    ClientDied,
    Ghosts,
    NodeDied,
    Trouble,
    TroubledClient,
)
from strategies.noop import Noop

LINES = (Line(Cell("a"), 1),)


class Asks(Noop):
    """A plan of two steps that wait for a reply, and cleanup that no dead client can do."""

    needs = Needs.SQL

    async def deduct(self, order: Order) -> Outcome:
        async with sql.transaction():
            await sql.ReadCell(Cell("a"))
            await sql.ReadCell(Cell("b"))
        return Outcome.DEDUCTED


class Wire(Session):
    """A session that notes what gets through, and whether it was cut."""

    def __init__(self) -> None:
        super().__init__([ClockPart()])
        self.heard: list[str] = []
        self.cuts = self.resets = 0
        self.arrived = threading.Event()

    def perform(self, step: Step[Any]) -> Any:
        if self.cuts:
            raise ConnectionLost
        self.heard.append(type(step).__name__)
        self.arrived.set()
        return None

    def reset(self) -> None:
        self.resets += 1
        self.cuts = 0

    def cut(self) -> None:
        self.cuts += 1


def a_client(fault: LiveFault, first: Wire, *others: Wire) -> TroubledClient:
    more = iter(others)
    trouble = Trouble((fault,), lambda: next(more), "seed", Ghosts(), node=2)
    return TroubledClient(Asks(), first, trouble, retries=2)


def a_delivery(position: int = 0) -> Delivery:
    return Delivery(position, 0, "o00000001", LINES, 0)


def blow(client: TroubledClient, kind: str, place: int, form: str, late_s: float = 0.0) -> Blow:
    return Blow(Aim(LiveFault(kind=kind, late_s=late_s), place, form), client)


@pytest.mark.parametrize(
    "form, heard", [("before", ["Begin"]), ("after", ["Begin", "ReadCell"]), ("later", ["Begin"])]
)
def test_a_dead_client_says_no_goodbye_and_its_request_may_have_got_through(
    form: str, heard: list[str]
) -> None:
    wire = Wire()
    client = a_client(LiveFault(kind="client_dies"), wire, Wire())
    struck = blow(client, "client_dies", 1, form, late_s=3_600)
    with pytest.raises(ClientDied):
        carry_out(Asks().deduct(Order("o", LINES)), struck.perform)
    assert wire.heard == heard, "nothing after the blow: no rollback, no goodbye"
    assert struck.aim.struck == f"{form} ReadCell"
    assert wire.cuts == (form != "later")


def test_a_lost_reply_reaches_the_plan_and_nothing_gets_through_after_it() -> None:
    wire = Wire()
    client = a_client(LiveFault(kind="reply_lost"), wire)
    struck = blow(client, "reply_lost", 0, "after")
    assert struck.perform(sql.Begin()) is None, "an opening waits for no reply that could be lost"
    with pytest.raises(ConnectionLost):
        struck.perform(sql.ReadCell(Cell("a")))
    with pytest.raises(ConnectionLost):
        struck.perform(sql.Rollback())
    assert wire.heard == ["Begin", "ReadCell"]


def test_a_late_request_arrives_on_the_old_connection_while_its_client_goes_on_over_another() -> (
    None
):
    old, new = Wire(), Wire()
    client = a_client(LiveFault(kind="reply_lost", share=0.0), old, new)
    struck = blow(client, "reply_lost", 0, "later")
    with pytest.raises(ConnectionLost):
        struck.perform(sql.ReadCell(Cell("a")))
    client._come_back(1)
    assert client.session is new
    assert client.serve(a_delivery()) is Outcome.DEDUCTED
    assert old.arrived.wait(5)
    client._trouble.ghosts.lay()
    assert (old.heard, old.cuts) == (["ReadCell"], 1)


def test_every_fault_is_told_and_the_same_order_is_sent_until_there_is_an_answer() -> None:
    wires = [Wire() for _ in range(400)]
    client = a_client(LiveFault(kind="client_dies", share=0.3, late_s=0.0), *wires)
    for position in range(200):
        assert client.serve(a_delivery(position)) is Outcome.DEDUCTED
    client._trouble.ghosts.lay()
    unknown = [row for row in client.attempts if row[4] is UNKNOWN]
    assert len(unknown) == len(client.events) > 20
    assert {event.whom for event in client.events} == {CLIENT}
    assert {event.what.split()[0] for event in client.events} == set(FORMS)
    assert {event.what.split()[1] for event in client.events} >= {"ReadCell", "Commit"}


def test_with_its_process_a_client_dies_for_good() -> None:
    client = a_client(
        LiveFault(kind="client_dies", node=2, late_s=0.0), *[Wire() for _ in range(3)]
    )
    with pytest.raises(NodeDied):
        client.serve(a_delivery())
    client._trouble.ghosts.lay()
    assert [row[4] for row in client.attempts] == [UNKNOWN], "its last attempt is on record"
    assert len(client.events) == 1


def test_the_buyers_of_other_processes_live_on() -> None:
    client = a_client(LiveFault(kind="client_dies", node=1, share=1.0), Wire())
    assert client.serve(a_delivery()) is Outcome.DEDUCTED
    assert client.events == []


def test_a_dead_client_may_stay_away_and_its_connection_serves_another() -> None:
    wires = [Wire() for _ in range(40)]
    fault = LiveFault(kind="client_dies", share=0.9, stay_away=1.0, late_s=0.0)
    client = a_client(fault, *wires)
    answers = [client.serve(a_delivery(position)) for position in range(30)]
    client._trouble.ghosts.lay()
    assert len(client.attempts) == 30, "nobody asked twice"
    assert {UNKNOWN, Outcome.DEDUCTED} == set(answers)


def test_outside_its_time_a_fault_befalls_nobody() -> None:
    client = a_client(LiveFault(kind="client_dies", share=1.0, at_s=100.0), Wire())
    client.start_ns = time.monotonic_ns() - 99_000_000_000
    assert client.serve(a_delivery()) is Outcome.DEDUCTED
    client = a_client(LiveFault(kind="client_dies", share=1.0, for_s=1.0), Wire())
    client.start_ns = time.monotonic_ns() - 99_000_000_000
    assert client.serve(a_delivery()) is Outcome.DEDUCTED
    assert client.events == []


def test_an_assertion_of_a_late_request_ends_the_run() -> None:
    class Broken(Wire):
        def perform(self, step: Step[Any]) -> Any:
            raise AssertionError("planted")

    ghosts = Ghosts()
    ghosts.haunt(Broken(), clock.Now(), 0.0)
    with pytest.raises(AssertionError, match="planted"):
        ghosts.lay()
