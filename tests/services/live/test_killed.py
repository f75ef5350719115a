"""SIGKILL in the middle of load: others finish what was left, nothing acknowledged is lost."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from inventory_core.stores.service import ServiceStores
from scenarios.conformance.test_abandoned_plans import abandon
from tests.services.live.blind import Careless, Hasty
from tests.services.live.history import Deed, Journal, deeds_in
from tests.services.live.judge import judged
from tests.services.live.market import SKU_UNITS, Market, opened
from tests.services.live.processes import WAIT_S, finished, running, stopped
from tests.services.live.served import Served, furnish, order_of, served
from tests.services.live.worker import Client, Job
from tests.services.mall import request

pytestmark = [pytest.mark.live, pytest.mark.slow]
ENGINES = ["conditional_update", "redis_script", "redis_with_task"]
UNITS, MANY = 400, 300
BUYERS, ACKNOWLEDGED = 8, 40
DYING_PAYMENT_STEPS = 9


def until(what: Callable[[], bool], doing: str) -> None:
    """Wait for something that is on its way."""
    deadline_s = time.monotonic() + WAIT_S
    while not what():
        assert time.monotonic() < deadline_s, f"still {doing}"
        time.sleep(0.005)


def answered(journal: Path) -> int:
    """How many answers its client has written down."""
    return sum(bool(deed.said) for deed in deeds_in([journal])) if journal.exists() else 0


def killed_in_the_middle(market: Market, folder: Path) -> tuple[Deed, ...]:
    """A process of clients and one of two sweepers die; the others go on to the end."""
    short = [(verb, f"s{n}") for n in range(40) for verb in ("place", "pay")]
    long = {
        f"doomed {who}": [(verb, f"d{who}-{n}") for n in range(MANY) for verb in verbs]
        for who, verbs in (("payer", ("place", "pay")), ("undecided", ("place", "pay", "cancel")))
    }
    doomed = folder / "doomed"
    jobs = [
        Job("survivor", market.address, str(folder / "survivor"), {"survivor": short}),
        Job("doomed", market.address, str(doomed), long),
        Job("sweeper", market.address, ""),
        Job("doomed sweeper", market.address, ""),
    ]
    with running(jobs) as crew:
        until(lambda: answered(doomed) >= ACKNOWLEDGED, "working up a load")
        for name in ("doomed sweeper", "doomed"):
            assert crew[name].poll() is None, f"{name} was done before it could be killed"
            os.kill(crew[name].pid, signal.SIGKILL)
            assert crew[name].wait(WAIT_S) == -signal.SIGKILL
        assert finished(crew["survivor"]) == 0
        assert stopped(crew["sweeper"]) == 0
    return deeds_in(folder.iterdir())


@pytest.mark.parametrize("engine", ENGINES)
def test_others_finish_what_killed_clients_and_sweepers_left(
    postgresql_url: str, valkey_url: str, tmp_path: Path, engine: str
) -> None:
    with opened(postgresql_url, valkey_url, engine) as market:
        market.stock_up(UNITS - SKU_UNITS)
        deeds = killed_in_the_middle(market, tmp_path)
        market.come_to_rest()
        ends = market.ends()

        assert judged(deeds, ends, UNITS) == ()
        assert market.breaches() == ()
        assert market.sellable() + sum(end.engine_units for end in ends.values()) == UNITS
        assert not all(deed.said for deed in deeds), "nobody was killed in the middle of a deed"


def test_a_deduction_that_was_acknowledged_and_never_made_is_found_out(
    postgresql_url: str, valkey_url: str, tmp_path: Path
) -> None:
    with opened(postgresql_url, valkey_url, "conditional_update") as market:
        journal = Journal(tmp_path / "buyer")
        hasty = Hasty(market.flow.engines)
        Client("buyer", hasty, market.session, journal).does_all([("place", "1")])
        found = judged(deeds_in([tmp_path / "buyer"]), market.ends(), SKU_UNITS)
        assert found == ("mall/1: was acknowledged and is not there",)


def test_a_payment_that_dies_and_is_not_finished_is_found_out(
    postgresql_url: str, valkey_url: str
) -> None:
    """Wherever it dies: if the engine has it paid by then, the hold may not just expire."""
    with opened(postgresql_url, valkey_url, "conditional_update") as market:
        found: list[str] = []
        for steps in range(DYING_PAYMENT_STEPS, DYING_PAYMENT_STEPS + 8):
            number = f"p{steps}"
            market.do(market.flow.place(request(number, ("tea", 1))))
            dying = ServiceStores(market.address).connect()
            abandon(market.flow.pay(f"mall/{number}"), dying.perform, steps)
            dying.close()
            careless = Careless(market.flow.engines)
            while market.do(careless.finish()) or market.do(careless.sweep()):
                pass
            deed = Deed("payer", "pay", f"mall/{number}", 0)
            placed = Deed("payer", "place", f"mall/{number}", 0, 1, "placed")
            ends = {key: end for key, end in market.ends().items() if key == f"mall/{number}"}
            found += judged([placed, deed], ends, SKU_UNITS)
        assert any("the engine has 1 units of it" in complaint for complaint in found), found


# ------------------------------------------------------------------------------------ over HTTP


def buy(service: Served, buyer: int, stop: threading.Event, placed: list[str]) -> None:
    """Orders one after the other, each asked again under its number until it is answered."""
    client = service.client()
    for turn in range(MANY):
        body = order_of("conditional_update", f"b{buyer}-{turn}", 1)
        for _ in range(MANY):
            try:
                answer = client.post("/v1/orders", json=body)
            except httpx.TransportError:
                client.close()
                client = service.client()
                continue
            if answer.status_code == 201:
                placed.append(str(body["number"]))
                break
            assert answer.json()["outcome"] in ("in_progress", "contended", "unknown"), answer.text
            time.sleep(0.02)
        if stop.is_set():
            break
    client.close()


def audited(client: httpx.Client) -> dict[str, object]:
    """What the audit says once nothing is under way."""
    said: dict[str, object] = {}

    def at_rest() -> bool:
        said.update(client.get("/v1/audit").raise_for_status().json())
        return bool(said["at_rest"])

    until(at_rest, "at work")
    return said


def test_an_api_worker_is_killed_and_the_other_goes_on(
    postgresql_url: str, valkey_url: str
) -> None:
    placed: list[str] = []
    stop = threading.Event()
    with served(postgresql_url, valkey_url, ("conditional_update",)) as service:
        client = service.client()
        furnish(client, "conditional_update", BUYERS * MANY)
        client.close()  # it may be the dying worker's
        crowd = [
            threading.Thread(target=buy, args=(service, buyer, stop, placed))
            for buyer in range(BUYERS)
        ]
        for each in crowd:
            each.start()
        until(lambda: len(placed) >= ACKNOWLEDGED, "working up a load")
        os.kill(service.pids[0], signal.SIGKILL)
        before = len(placed)
        until(lambda: len(placed) >= before + ACKNOWLEDGED, "served by the other worker")
        stop.set()
        for each in crowd:
            each.join(WAIT_S)

        with service.client() as client:
            assert audited(client)["holds"]
            there = service.stock(client, "conditional_update")
        assert len(set(placed)) == len(placed)
        assert there.owners == there.pre_occupied == len(placed)
        assert there.sellable + len(placed) == BUYERS * MANY
