"""Check 11: two sweeper processes, payers, cancellers and late payments; each hold ends once."""

from __future__ import annotations

import pickle
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from inventory_core.drivers import carry_out
from inventory_core.records import DeductAt, OrderState
from inventory_core.services.contract import Said
from inventory_core.stores.service import ServiceAddress, ServiceStores
from inventory_core.strategy import registry
from tests.services.mall import Mall, furnish

pytestmark = [pytest.mark.live, pytest.mark.slow]
ROOT = Path(__file__).parents[3]
ENGINES = ("conditional_update", "redis_script", "redis_with_task")
ORDERS, SECONDS = 12, 6.0

SETTLING = {
    Said.PAID: OrderState.PAID,
    Said.PAID_LATE: OrderState.PAID,
    Said.CANCELLED: OrderState.CANCELLED,
    Said.REFUNDED: OrderState.REFUNDED,
}
"""The answers that settle an order, and where it must stand then."""


def judge(answers: dict[str, list[Said]], states: dict[str, OrderState]) -> list[str]:
    """What is wrong with how orders were settled."""
    wrong = []
    for order_id, said in answers.items():
        settled = [one for one in said if one in SETTLING]
        final = states[order_id]
        if len(settled) > 1 and settled[:1] != [Said.PAID]:
            wrong.append(f"{order_id} was settled {len(settled)} times: {settled}")
        if len(settled) == 1 and SETTLING[settled[0]] is not final:
            wrong.append(f"{order_id} was answered {settled[0].value} and is {final.value}")
        if not settled and final is not OrderState.EXPIRED:
            wrong.append(f"{order_id} is {final.value}, which nobody was told")
        if Counter(said)[Said.PAID] > 1:
            wrong.append(f"{order_id} was paid twice")
    return wrong


def test_the_judge_objects_to_what_was_settled_twice_or_otherwise() -> None:
    paid, cancelled = [Said.PAID], [Said.CANCELLED]
    assert judge({"a": paid}, {"a": OrderState.PAID}) == []
    assert judge({"a": paid}, {"a": OrderState.EXPIRED})
    assert judge({"a": cancelled + paid}, {"a": OrderState.PAID})
    assert judge({"a": paid + paid}, {"a": OrderState.PAID})
    assert judge({"a": []}, {"a": OrderState.PAID})


@pytest.fixture(params=ENGINES)
def live(request: pytest.FixtureRequest, postgresql_url: str, valkey_url: str) -> Iterator[Any]:
    """The mall on real servers, its holds due after a second."""
    name = f"once_{secrets.token_hex(4)}"
    address = ServiceAddress(postgresql_url, name, valkey_url, f"{name}:", (request.param,))
    stores = ServiceStores(address)
    stores.create()
    session = stores.connect()
    mall = Mall({request.param: registry.make(request.param)}, stores.connect, time.sleep, session)
    mall.do(furnish(mall.engines, DeductAt.ORDER, 1))
    yield mall, address
    session.close()
    stores.remove()


def sweepers(address: ServiceAddress, count: int) -> list[subprocess.Popen[str]]:
    """Processes that sweep; each has said that it is ready."""
    command = [sys.executable, "-m", "tests.services.live.sweeper"]
    arguments = [pickle.dumps(address).hex(), str(SECONDS)]
    started = [
        subprocess.Popen([*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    return started


def test_every_hold_is_resolved_once(live: Any) -> None:
    """One sweeper is killed in the middle; what it left is finished by the other."""
    mall, address = live
    orders = [f"mall/{number}" for number in range(ORDERS)]
    for number in range(ORDERS):
        assert mall.place(str(number), ("tea", 1)).said is Said.PLACED
    running = sweepers(address, 2)
    answers: dict[str, list[Said]] = {order_id: [] for order_id in orders}

    def client(number: int) -> None:
        """Pay in time, pay late, cancel, or pay twice: each from a session of its own."""
        session, order_id = mall.connect(), orders[number]
        verbs = [[mall.flow.pay], [mall.flow.cancel], [], [mall.flow.pay, mall.flow.pay]]
        for verb in verbs[number % 4] + ([mall.flow.pay] if number % 3 == 0 else []):
            time.sleep(0.9 if number % 2 else 1.3)  # about when the hold is due
            for _ in range(100):
                said = carry_out(verb(order_id), session.perform).said
                if said is not Said.IN_PROGRESS:
                    break
            answers[order_id].append(said)
        session.close()

    with ThreadPoolExecutor(ORDERS) as crowd:
        list(crowd.map(client, range(ORDERS)))
    running[0].kill()
    running[1].wait(30)
    for one in running:
        one.communicate()
    mall.settle()
    while mall.do(mall.flow.sweep()):
        pass
    states = {order_id: mall.order(order_id).state for order_id in orders}
    assert judge(answers, states) == []
    assert mall.do(mall.stock.audit()) == ()
    kept = sum(state is OrderState.PAID for state in states.values())
    assert mall.sellable("tea") == 12 - kept
    assert len(set(states.values())) > 1, "everything ended alike: nothing was contended for"
