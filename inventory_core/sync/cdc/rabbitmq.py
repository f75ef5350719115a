"""RabbitMQ as the broker: a durable queue for each consumer, publisher confirms, no timer of ours.

    relay --basic.publish, persistent--> queue --confirm--> relay
    queue --single active consumer--> consumer, which commits --ack, multiple--> queue

A queue that is full refuses (`reject-publish`), so the relay waits. One consumer is active at a
time, and what it has not acknowledged goes back to the queue's head when it dies.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker, NackError, UnroutableError

from inventory_core.problems import Problem
from inventory_core.stores.sql.address import masked
from inventory_core.sync.cdc.broker import Delivery
from inventory_core.sync.cdc.errors import BrokerLost
from inventory_core.sync.cdc.limits import PipelineLimits

PERSISTENT = pika.BasicProperties(delivery_mode=2)
HEARTBEAT_S = 60

T = TypeVar("T")


class RabbitmqBroker:
    """One connection to a queue."""

    settles_after_s = 0.0
    """A persistent message in a durable queue is on the disk before it is confirmed."""

    def __init__(self, url: str, channel: str, consumer: str, limits: PipelineLimits) -> None:
        self._where = masked(url)
        logging.getLogger("pika").setLevel(logging.CRITICAL)  # an exception tells it as well
        self._queue = f"stockproof.cdc.{channel}.{consumer}"
        self._limits = limits
        self._consuming = False
        self._come: list[Delivery] = []
        try:
            parameters = pika.URLParameters(url)
        except ValueError as error:
            raise Problem(f"{self._where} is no URL of a RabbitMQ: {error}") from None
        parameters.heartbeat = HEARTBEAT_S
        self._connection: Any = self._asked(lambda: pika.BlockingConnection(parameters))
        self._channel: Any = self._asked(self._connection.channel)
        self._asked(self._declare)

    def publish(self, bodies: Sequence[bytes]) -> int:
        """One by one, each confirmed: a message holds many changes."""
        for number, body in enumerate(bodies):
            if not self._asked(partial(self._published, body)):
                return number
        return len(bodies)

    def receive(self, most: int, within_s: float) -> list[Delivery]:
        """What has come; at least one if it comes in time."""
        if not self._consuming:
            self._asked(self._consume)
            self._consuming = True
        until_s = time.monotonic() + within_s
        while not self._come:
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                break
            self._asked(partial(self._connection.process_data_events, left_s))
        come, self._come = self._come[:most], self._come[most:]
        return come

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """The last one, and with it all before."""
        if deliveries:
            last = deliveries[-1].token
            self._asked(lambda: self._channel.basic_ack(last, multiple=True))

    def backlog(self) -> int:
        """Messages that nobody has been given yet."""
        declared = self._asked(lambda: self._channel.queue_declare(self._queue, passive=True))
        return int(declared.method.message_count)

    def remove(self) -> None:
        """Delete the queue."""
        self._asked(lambda: self._channel.queue_delete(self._queue))

    def close(self) -> None:
        """Hang up."""
        if self._connection.is_open:
            with suppress(AMQPError):  # it may be gone this moment
                self._connection.close()

    def _declare(self) -> None:
        bounded = {"x-max-length": self._limits.backlog_messages, "x-overflow": "reject-publish"}
        arguments = {**bounded, "x-single-active-consumer": True}
        self._channel.queue_declare(self._queue, durable=True, arguments=arguments)
        self._channel.confirm_delivery()
        self._channel.basic_qos(prefetch_count=4 * self._limits.receive_messages)

    def _published(self, body: bytes) -> bool:
        try:
            self._channel.basic_publish("", self._queue, body, PERSISTENT, mandatory=True)
        except NackError:
            return False  # it is full
        return True

    def _consume(self) -> None:
        self._channel.basic_consume(self._queue, self._arrived)

    def _arrived(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        self._come.append(Delivery(method.delivery_tag, body))

    def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except UnroutableError as error:
            raise BrokerLost("the queue is gone") from error
        except ChannelClosedByBroker as error:
            if error.reply_code in (403, 406):
                raise Problem(
                    f"{self._where} refuses queue {self._queue} ({error.reply_text}): delete it"
                    " there, or name the pipeline anew"
                ) from None
            raise BrokerLost(str(error)) from error
        except pika.exceptions.ProbableAuthenticationError as error:
            raise Problem(f"{self._where} does not let us in: check user and password") from error
        except (AMQPError, OSError) as error:
            raise BrokerLost(repr(error)) from error
