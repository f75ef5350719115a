"""A stream keeps its messages in order until they are acknowledged."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import replace

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from inventory_core.problems import Problem
from inventory_core.stores.embedded import EmbeddedValkey
from inventory_core.sync.cdc.broker import Broker, open_broker
from inventory_core.sync.cdc.errors import BrokerLost
from inventory_core.sync.cdc.limits import PipelineLimits

pytestmark = [pytest.mark.live, pytest.mark.slow]
LIMITS = PipelineLimits(backlog_messages=10)


@pytest.fixture
def channel() -> str:
    return secrets.token_hex(4)


def opened(url: str, channel: str, limits: PipelineLimits = LIMITS) -> Broker:
    return open_broker(url, channel, "product", limits)


def bodies(broker: Broker, most: int = 10) -> list[bytes]:
    return [each.body for each in broker.receive(most, 0.01)]


def test_what_was_not_acknowledged_comes_first_to_whoever_is_next(
    broker_url: str, channel: str
) -> None:
    broker = opened(broker_url, channel)
    broker.publish([b"1", b"2", b"3"])
    first = broker.receive(2, 0.01)
    broker.acknowledge(first[:1])
    broker.publish([b"4"])
    broker.close()
    following = opened(broker_url, channel)
    again = following.receive(10, 0.01)
    assert [each.body for each in again] == [b"2"]
    following.acknowledge(again)
    assert bodies(following) == [b"3", b"4"]


def test_a_full_stream_takes_no_more_until_it_is_consumed(broker_url: str, channel: str) -> None:
    broker = opened(broker_url, channel, replace(LIMITS, backlog_messages=3))
    assert broker.publish([b"1", b"2", b"3", b"4"]) == 3
    assert broker.publish([b"4"]) == 0
    broker.acknowledge(broker.receive(10, 0.01))
    assert broker.publish([b"4"]) == 1
    assert bodies(broker) == [b"4"]


def test_what_everybody_has_acknowledged_is_not_kept(broker_url: str, channel: str) -> None:
    broker = opened(broker_url, channel)
    slow = open_broker(broker_url, channel, "other", LIMITS)
    for _ in range(40):
        broker.publish([b"m"])
        broker.acknowledge(broker.receive(1, 0.01))
        if broker.backlog() >= LIMITS.backlog_messages:
            slow.acknowledge(slow.receive(20, 0.01))
    assert broker.backlog() <= LIMITS.backlog_messages + 2
    slow.acknowledge(slow.receive(100, 0.01))
    assert bodies(slow) == []


def test_a_server_that_restarts_has_what_it_confirmed(channel: str) -> None:
    with EmbeddedValkey(append_fsync="always") as server:
        broker = opened(server.url, channel)
        broker.publish([b"1", b"2"])
        server.kill()
        with pytest.raises(BrokerLost):
            broker.publish([b"3"])
        server.restart()
        assert bodies(opened(server.url, channel)) == [b"1", b"2"]


def test_a_weaker_promise_is_waited_for(channel: str) -> None:
    with EmbeddedValkey(append_fsync="everysec") as server:
        assert opened(server.url, channel).settles_after_s > 2.0


def test_a_server_that_keeps_nothing_is_refused(channel: str) -> None:
    with (
        EmbeddedValkey(settings={"appendonly": "no"}) as server,
        pytest.raises(Problem, match="set appendonly yes"),
    ):
        opened(server.url, channel)


def test_a_broker_that_nobody_knows_is_refused(channel: str) -> None:
    with pytest.raises(Problem, match="names no broker"):
        opened("carrier-pigeon://loft", channel)


def test_a_server_that_is_loading_is_waited_for(
    channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers meanwhile, and says that it keeps no append-only file."""
    slowly = {"key-load-delay": "500"}  # µs a command of the file; it answers every 1,024 of them
    with EmbeddedValkey(append_fsync="always", settings=slowly) as server:
        broker = opened(server.url, channel, replace(LIMITS, backlog_messages=10_000))
        broker.publish([b"one"] * 8_000)
        broker.close()
        server.kill()
        restarting = threading.Thread(target=server.restart)
        restarting.start()
        said = info_of_one_that_is_loading(server.url)
        restarting.join()
        assert said["aof_enabled"] == 0
        with monkeypatch.context() as patched:  # or the client asks until it has loaded
            patched.setattr(redis.Redis, "info", lambda *_: said)
            with pytest.raises(BrokerLost, match="is loading"):
                opened(server.url, channel)
        assert len(bodies(opened(server.url, channel), 10_000)) == 8_000


def info_of_one_that_is_loading(url: str) -> dict[str, object]:
    with redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=10.0) as asking:
        until_s = time.monotonic() + 30
        while time.monotonic() < until_s:
            try:
                said: dict[str, object] = asking.info("persistence")
            except redis.ConnectionError:
                time.sleep(0.01)
            else:
                assert said["loading"] == 1, "it has loaded already"
                return said
    raise AssertionError("it never answered")
