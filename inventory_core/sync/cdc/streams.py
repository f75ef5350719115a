"""Valkey and Redis Streams as the broker: one stream a source, one group a consumer.

    relay --XADD--> stream --XREADGROUP--> consumer, which commits --XACK--> and what every group
    has acknowledged is trimmed

The reply to XADD is the confirmation. It is worth what the append-only file is worth: with
`appendfsync always` a confirmed message survives a power cut; with `everysec` one may be lost for
about two seconds, so the source's log is acknowledged only after three. Without the file we refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from inventory_core.problems import Problem
from inventory_core.stores.sql.address import masked
from inventory_core.sync.cdc.broker import Delivery
from inventory_core.sync.cdc.errors import BrokerLost
from inventory_core.sync.cdc.limits import PipelineLimits

ANSWER_WITHIN_S = 10.0
UNFLUSHED_S = 3.0
"""After that long, `appendfsync everysec` has flushed: it lets no writer run two seconds ahead."""

TRIM_EVERY = 16
BODY = b"m"
CONSUMER = "only"  # one reader a group keeps the order; whoever comes after it takes its name
PASSING = ("LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "UNBLOCKED")

T = TypeVar("T")


class StreamBroker:
    """One connection to a stream."""

    def __init__(self, url: str, channel: str, consumer: str, limits: PipelineLimits) -> None:
        self._where = masked(url)
        self._stream = f"stockproof:cdc:{channel}"
        self._group = consumer
        self._limits = limits
        self._pending = True  # what was delivered before we came is asked for first
        self._acknowledged = 0
        try:
            self._redis: Any = redis.Redis.from_url(
                url, socket_timeout=ANSWER_WITHIN_S, socket_connect_timeout=ANSWER_WITHIN_S
            )
        except ValueError as error:
            raise Problem(f"{self._where} is no URL of a Valkey: {error}") from None
        self.settles_after_s = self._asked(self._durability)
        self._asked(self._make_group)

    def publish(self, bodies: Sequence[bytes]) -> int:
        """Append them in one round trip, as many as there is room for."""
        bodies = bodies[: max(0, self._limits.backlog_messages - self.backlog())]
        if not bodies:
            return 0
        pipeline = self._redis.pipeline(transaction=False)
        for body in bodies:
            pipeline.xadd(self._stream, {BODY: body})
        self._asked(pipeline.execute)
        return len(bodies)

    def receive(self, most: int, within_s: float) -> list[Delivery]:
        """What was not acknowledged, oldest first; then what is new."""
        if self._pending:
            again = self._read("0", most, None)
            if again:
                return again
            self._pending = False
        return self._read(">", most, max(1, round(within_s * 1_000)))

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """In one command; now and then what nobody needs any more is trimmed."""
        if not deliveries:
            return
        tokens = [each.token for each in deliveries]
        self._asked(lambda: self._redis.xack(self._stream, self._group, *tokens))
        self._acknowledged += 1
        if self._acknowledged % TRIM_EVERY == 0 or self.backlog() >= self._limits.backlog_messages:
            self._asked(self._trim)

    def backlog(self) -> int:
        """The length of the stream, but for what lies there until the next trim."""
        return int(self._asked(lambda: self._redis.xlen(self._stream)))

    def remove(self) -> None:
        """Delete the stream, and every group of it."""
        self._asked(lambda: self._redis.delete(self._stream))

    def close(self) -> None:
        """Hang up."""
        self._redis.close()

    def _read(self, after: str, most: int, block_ms: int | None) -> list[Delivery]:
        streams = {self._stream: after}
        found = self._asked(
            lambda: self._redis.xreadgroup(
                self._group, CONSUMER, streams, count=most, block=block_ms
            )
        )
        entries = next(iter(found.values()), [[]])[0] if isinstance(found, dict) else _first(found)
        return [Delivery(token, fields[BODY]) for token, fields in entries if fields]

    def _durability(self) -> float:
        info = self._redis.info("persistence")
        if int(info.get("loading", 0)):  # and says of its append-only file that it has none
            raise BrokerLost(f"{self._where} is loading what it keeps")
        if not int(info.get("aof_enabled", 0)):
            raise Problem(
                f"{self._where} keeps no append-only file, so a restart would lose changes:"
                " set appendonly yes there"
            )
        try:
            fsync = self._redis.config_get("appendfsync").get("appendfsync", "")
        except ResponseError:
            fsync = ""  # not ours to ask: then the weaker promise
        return 0.0 if fsync == "always" else UNFLUSHED_S

    def _make_group(self) -> None:
        try:
            self._redis.xgroup_create(self._stream, self._group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def _trim(self) -> None:
        """Drop what every group has acknowledged; the last of it may stay."""
        oldest = []
        for group in self._redis.xinfo_groups(self._stream):
            waiting = self._redis.xpending(self._stream, group["name"])
            oldest.append(waiting["min"] if waiting["pending"] else group["last-delivered-id"])
        if oldest:
            self._redis.xtrim(self._stream, minid=min(oldest, key=_order), approximate=False)

    def _asked(self, ask: Callable[[], T]) -> T:
        """Ask; what is the network's or a restart's is `BrokerLost`."""
        try:
            return ask()
        except (RedisConnectionError, RedisTimeoutError) as error:
            raise BrokerLost(str(error)) from error
        except ResponseError as error:
            if "NOGROUP" in str(error):  # somebody emptied the server: begin again
                self._asked(self._make_group)
                raise BrokerLost(str(error)) from error
            if str(error).startswith(PASSING):
                raise BrokerLost(str(error)) from error
            raise Problem(f"{self._where} refuses: {error}") from error
        except RedisError as error:
            raise Problem(f"{self._where} cannot be used: {error}") from error


def _first(found: Any) -> Any:
    return found[0][1] if found else []


def _order(token: Any) -> tuple[int, ...]:
    text = token.decode() if isinstance(token, bytes) else str(token)
    return tuple(int(part) for part in text.split("-"))
