"""NATS JetStream as the broker: a stream in files, a pull consumer that acknowledges all before.

    relay --publish--> stream --PubAck--> relay
    stream --fetch--> consumer, which commits --ack, all before--> what everybody has is purged

A consumer is made anew after what it has acknowledged: so what was delivered and not acknowledged
comes first, in its order, and at once. A stream that is full refuses (`discard new`).

JetStream confirms before it flushes (`sync_interval`, two minutes unless the server says other): it
survives kill -9, and a power cut only with `sync_interval: always` (2.10), which we cannot see.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import nats
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, DiscardPolicy, StreamConfig
from nats.js.errors import APIError, NotFoundError, ServiceUnavailableError

from inventory_core.problems import Problem
from inventory_core.stores.sql.address import masked
from inventory_core.sync.cdc.broker import Delivery
from inventory_core.sync.cdc.errors import BrokerLost
from inventory_core.sync.cdc.limits import PipelineLimits

ANSWER_WITHIN_S = 10.0
UNACKNOWLEDGED_S = 86_400.0  # nothing is delivered twice to one and the same connection
PURGE_EVERY = 16
FULL = 10_077

T = TypeVar("T")


class NatsBroker:
    """One connection to a stream, with an event loop that runs only while we ask."""

    settles_after_s = 0.0

    def __init__(self, url: str, channel: str, consumer: str, limits: PipelineLimits) -> None:
        self._where = masked(url)
        self._stream = f"stockproof-cdc-{channel}"
        self._subject = f"stockproof.cdc.{channel}"
        self._consumer = consumer
        self._limits = limits
        self._pulling: Any = None
        self._acknowledged = 0
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_unheard)
        self._connection: Any = None
        try:
            self._connection = self._asked(
                nats.connect(url, allow_reconnect=False, error_cb=_heard)
            )
            self._jet: Any = self._connection.jetstream(timeout=ANSWER_WITHIN_S)
            self._asked(self._make())
        except BaseException:
            self.close()
            raise

    def publish(self, bodies: Sequence[bytes]) -> int:
        """One by one, each confirmed: a message holds many changes."""
        return self._asked(self._publish(bodies))

    def receive(self, most: int, within_s: float) -> list[Delivery]:
        """What was not acknowledged, oldest first; then what is new."""
        return self._asked(self._receive(most, within_s))

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """The last one, and with it all before; now and then what nobody needs is purged."""
        if not deliveries:
            return
        self._asked(deliveries[-1].token.ack_sync(timeout=ANSWER_WITHIN_S))
        self._acknowledged += 1
        if self._acknowledged % PURGE_EVERY == 0 or self.backlog() >= self._limits.backlog_messages:
            self._asked(self._purge())

    def backlog(self) -> int:
        """Messages in the stream, but for what lies there until the next purge."""
        return int(self._asked(self._jet.stream_info(self._stream)).state.messages)

    def remove(self) -> None:
        """Delete the stream, and every consumer of it."""
        self._asked(self._jet.delete_stream(self._stream))

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            with suppress(BrokerLost):
                self._asked(self._connection.close())
        self._loop.run_until_complete(_end_the_rest())
        self._loop.close()

    async def _make(self) -> None:
        """Stream and consumer; the consumer stays where another left it."""
        bounds = {"max_msgs": self._limits.backlog_messages, "discard": DiscardPolicy.NEW}
        config = StreamConfig(name=self._stream, subjects=[self._subject], **bounds)  # type: ignore[arg-type]
        await self._jet.add_stream(config)
        with suppress(NotFoundError):
            await self._jet.consumer_info(self._stream, self._consumer)
            return
        await self._consume_after(0)

    async def _consume_after(self, sequence: int) -> None:
        config = ConsumerConfig(
            durable_name=self._consumer,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=sequence + 1,
            ack_policy=AckPolicy.ALL,
            ack_wait=UNACKNOWLEDGED_S,
        )
        await self._jet.add_consumer(self._stream, config)

    async def _publish(self, bodies: Sequence[bytes]) -> int:
        for number, body in enumerate(bodies):
            try:
                await self._jet.publish(self._subject, body)
            except APIError as error:
                if error.err_code == FULL:
                    return number
                raise
        return len(bodies)

    async def _receive(self, most: int, within_s: float) -> list[Delivery]:
        if self._pulling is None:
            floor = (await self._jet.consumer_info(self._stream, self._consumer)).ack_floor
            await self._jet.delete_consumer(self._stream, self._consumer)
            await self._consume_after(floor.stream_seq if floor else 0)
            self._pulling = await self._jet.pull_subscribe_bind(self._consumer, self._stream)
        try:
            found = await self._pulling.fetch(most, timeout=within_s)
        except NatsTimeout:
            return []
        return [Delivery(message, message.data) for message in found]

    async def _purge(self) -> None:
        floors = [
            each.ack_floor.stream_seq if each.ack_floor else 0
            for each in await self._jet.consumers_info(self._stream)
        ]
        if floors:
            await self._jet.purge_stream(self._stream, seq=min(floors) + 1)

    def _asked(self, question: Coroutine[Any, Any, T]) -> T:
        try:
            return self._loop.run_until_complete(question)
        except ServiceUnavailableError as error:
            raise Problem(f"{self._where} has no JetStream: start it with --jetstream") from error
        except (TimeoutError, APIError, NatsError, OSError) as error:
            raise BrokerLost(f"{type(error).__name__} {error}") from error


def _unheard(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """As below, for what breaks while nobody asks."""


async def _heard(error: Exception) -> None:
    """Whoever asks next is told by an exception; it need not stand in a log as well."""


async def _end_the_rest() -> None:
    """A connection that broke leaves tasks behind."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
