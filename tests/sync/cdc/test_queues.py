"""RabbitMQ and NATS keep their messages in order until they are acknowledged."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import closing

import pytest

from inventory_core.stores.embedded import EmbeddedNats, EmbeddedRabbitmq
from inventory_core.sync.cdc.broker import Broker, open_broker
from inventory_core.sync.cdc.limits import PipelineLimits
from tests.servers import listens, started

pytestmark = [pytest.mark.live, pytest.mark.slow]
LIMITS = PipelineLimits(backlog_messages=3)


@pytest.fixture(scope="module")
def rabbitmq_url() -> Iterator[str]:
    """The one named in `STOCKPROOF_RABBITMQ_URL`, or on its usual port, or a private one."""
    named = os.environ.get("STOCKPROOF_RABBITMQ_URL", "")
    if named or listens(5672):
        yield named or "amqp://guest:guest@127.0.0.1:5672/%2F"
        return
    for server in started(EmbeddedRabbitmq):
        yield server.url


@pytest.fixture(scope="module")
def nats_url() -> Iterator[str]:
    """The one named in `STOCKPROOF_NATS_URL`, or on its usual port, or a private one."""
    named = os.environ.get("STOCKPROOF_NATS_URL", "")
    if named or listens(4222):
        yield named or "nats://127.0.0.1:4222"
        return
    for server in started(EmbeddedNats):
        yield server.url


@pytest.fixture(params=["rabbitmq", "nats"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def broker(url: str) -> Iterator[Broker]:
    with closing(open_broker(url, secrets.token_hex(4), "p", LIMITS)) as there:
        yield there
        there.remove()


def test_messages_come_in_order_and_a_full_queue_takes_no_more(broker: Broker) -> None:
    assert broker.publish([b"1", b"2", b"3", b"4"]) == 3
    come = broker.receive(2, 2.0)
    broker.acknowledge(come)
    rest = broker.receive(2, 2.0)
    assert [each.body for each in come + rest] == [b"1", b"2", b"3"]


def test_what_was_not_acknowledged_comes_first_to_whoever_is_next(url: str) -> None:
    channel = secrets.token_hex(4)
    with closing(open_broker(url, channel, "p", LIMITS)) as first:
        first.publish([b"1", b"2"])
        come = first.receive(1, 2.0)
        while len(come) < 2:
            come += first.receive(1, 2.0)
        first.acknowledge(come[:1])
        first.publish([b"3"])
    with closing(open_broker(url, channel, "p", LIMITS)) as following:
        again: list[bytes] = []
        while len(again) < 2:
            again += [each.body for each in following.receive(1, 2.0)]
        following.remove()
    assert again == [b"2", b"3"]
