"""The service ends in every way, under load, and nothing that it has acknowledged is lost."""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.api.serving import Serving, serving

pytestmark = [pytest.mark.live, pytest.mark.slow]
CLIENTS = 16


@pytest.fixture
def data() -> Iterator[Path]:
    """A directory that the servers' own account may reach."""
    made = Path(tempfile.mkdtemp(prefix="stockproof-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def buy(serving: Serving, client_number: int, stop: threading.Event) -> None:
    """Place and pay orders, one after the other, until the service is gone."""
    with serving.client() as client:
        for number in range(100_000):
            if stop.is_set():
                return
            name = f"c{client_number}-{number}"
            body = {
                "channel": "mall",
                "number": name,
                "buyer": f"b{client_number}",
                "address": "Guangdong/Shenzhen/Nanshan",
                "lines": [{"sku": "case-12", "quantity": 1}],
            }
            try:
                answer = client.post("/v1/orders", json=body)
            except httpx.TransportError:
                return
            if answer.status_code == 201:
                serving.acknowledged.append(name)


@contextmanager
def crowd(serving: Serving) -> Iterator[None]:
    """Buyers, while the block runs and until the service is gone."""
    stop = threading.Event()
    buyers = [
        threading.Thread(target=buy, args=(serving, number, stop)) for number in range(CLIENTS)
    ]
    for each in buyers:
        each.start()
    try:
        yield
    finally:
        stop.set()
        for each in buyers:
            each.join(60)


def loaded(serving: Serving, orders: int = 100) -> None:
    """Wait until so many orders are acknowledged: the service is in the middle of its load."""
    deadline_s = time.monotonic() + 30
    while len(serving.acknowledged) < orders:
        assert time.monotonic() < deadline_s, f"only {len(serving.acknowledged)} orders came"
        time.sleep(0.01)


def lost(serving: Serving, acknowledged: list[str]) -> list[str]:
    """Acknowledged orders that are not there any more."""
    with serving.client() as client:
        there = {
            name: client.get(f"/v1/orders/mall/{name}").status_code == 200 for name in acknowledged
        }
    return [name for name, found in there.items() if not found]


def at_rest(serving: Serving) -> dict[str, Any]:
    """What the audit says once nothing is under way any more."""
    said: dict[str, Any] = {}
    with serving.client() as client:
        deadline_s = time.monotonic() + 30
        while time.monotonic() < deadline_s:
            said = client.get("/v1/audit").json()
            if said["at_rest"]:
                return said
            time.sleep(0.25)
    raise AssertionError(f"it does not come to rest: {said}")


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL], ids=lambda x: x.name)
def test_what_was_acknowledged_is_there_after_any_ending(data: Path, ending: signal.Signals):
    with serving("--data", str(data)) as first, crowd(first):
        time.sleep(1.5)  # of load; how much is not what is tested
        ended(first, ending)

    with serving("--data", str(data)) as second:
        assert lost(second, first.acknowledged) == []
        assert lost(second, ["never-placed"]) == ["never-placed"]  # the check sees a loss
        assert at_rest(second)["holds"]


def ended(serving: Serving, ending: signal.Signals) -> None:
    """End the service; whatever it started goes with it."""
    children = psutil.Process(serving.process.pid).children(recursive=True)
    serving.process.send_signal(ending)
    status = serving.process.wait(30)
    assert status == (0 if ending is signal.SIGTERM else -signal.SIGKILL)
    psutil.wait_procs(children, 30)
    assert not [child for child in children if child.is_running()]


def paid_and_held(client: httpx.Client) -> None:
    """One order that is paid, and one that is only held."""
    for number, units in (("paid", 2), ("held", 3)):
        body = {
            "channel": "mall",
            "number": number,
            "buyer": "b",
            "address": "Guangdong/Shenzhen/Nanshan",
            "lines": [{"sku": "case-12", "quantity": units}],
        }
        client.post("/v1/orders", json=body).raise_for_status()
    client.post("/v1/orders/mall/paid/pay").raise_for_status()


def kept(client: httpx.Client) -> dict[str, Any]:
    """What a shopkeeper would look at: the orders, the figures of stock, the list of keys."""
    paths = ("/v1/orders/mall/paid", "/v1/orders/mall/held", "/v1/stock/case-12", "/v1/keys")
    return {path: client.get(path).raise_for_status().json() for path in paths}


ENDINGS = [
    ("redis_script", signal.SIGTERM),
    ("redis_script", signal.SIGKILL),
    ("conditional_update", signal.SIGKILL),
]


@pytest.mark.parametrize("engine, ending", ENDINGS, ids=str)
def test_a_directory_is_served_again_as_it_was_left(
    data: Path, engine: str, ending: signal.Signals
):
    arguments = ("--data", str(data), "--engine", engine)
    with serving(*arguments) as first:
        with first.client() as client:
            paid_and_held(client)
            till = client.post("/v1/keys", json={"name": "a till", "role": "operator"}).json()
            gone = client.post("/v1/keys", json={"name": "gone", "role": "operator"}).json()
            client.delete(f"/v1/keys/{gone['key_id']}").raise_for_status()
            before = kept(client)
        ended(first, ending)
    assert before["/v1/orders/mall/paid"]["state"] == "paid"

    with serving(*arguments) as second:
        with second.client() as client:
            assert kept(client) == before
            assert client.get("/v1/stock/case-12").json()["pre_occupied"] >= 5
            assert at_rest(second)["holds"]
        with second.client(till["key"]) as client:
            again = client.post("/v1/orders/mall/paid/pay").raise_for_status().json()
            assert again["outcome"] == "already_paid"
            assert client.post("/v1/orders/mall/held/pay").json()["outcome"] == "paid"
        with second.client(gone["key"]) as client:
            assert client.get("/v1/channels").status_code == 401


def test_a_directory_is_served_again_at_once_when_its_service_was_killed(data: Path):
    """As a supervisor does it, which waits for nobody: not even for the servers of before."""
    with serving("--data", str(data)) as first:
        with first.client() as client:
            paid_and_held(client)
        children = psutil.Process(first.process.pid).children(recursive=True)
        first.process.kill()
        first.process.wait(30)
        with serving("--data", str(data)) as second:
            assert lost(second, ["paid", "held"]) == []
            assert at_rest(second)["holds"]
            assert not [child for child in children if child.is_running()]


def test_two_processes_share_the_stores_and_end_together(data: Path):
    with serving("--workers", "2") as both:
        pids = both.said["workers"]
        assert len(set(pids)) == 2
        with crowd(both):
            loaded(both)
        assert lost(both, both.acknowledged) == []
        assert at_rest(both)["holds"]
        both.process.send_signal(signal.SIGTERM)
        assert both.process.wait(30) == 0
        assert not any(psutil.pid_exists(pid) for pid in pids)


def test_workers_end_when_their_parent_is_killed():
    with serving("--workers", "2") as both:
        children = psutil.Process(both.process.pid).children(recursive=True)
        both.process.kill()
        psutil.wait_procs(children, 30)
        assert not [child for child in children if child.is_running()]


def test_it_says_how_long_it_took_until_it_was_ready():
    begun_s = time.monotonic()
    with serving() as service:
        whole_ms = (time.monotonic() - begun_s) * 1_000
        assert service.said["admin_key"] == ""  # it is ours, and not shown
        assert 0 < service.said["ready_ms"] < whole_ms
