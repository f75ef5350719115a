"""What the pipeline wants of a broker: messages kept in their order until they are acknowledged.

At least once: a message whose publication was not confirmed is published again, and one that was
not acknowledged is delivered again. Whoever applies them makes that once.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from inventory_core.problems import Problem
from inventory_core.stores.sql.address import masked
from inventory_core.sync.cdc.limits import PipelineLimits

KINDS = {
    "redis": "streams:StreamBroker",
    "rediss": "streams:StreamBroker",
    "unix": "streams:StreamBroker",
    "amqp": "rabbitmq:RabbitmqBroker",
    "amqps": "rabbitmq:RabbitmqBroker",
    "nats": "nats_stream:NatsBroker",
}
"""Which module serves which scheme of URL."""


class Delivery(NamedTuple):
    """A message, and by what the broker knows it."""

    token: Any
    body: bytes


class Broker(Protocol):
    """A connection to a broker, for one channel of messages; `BrokerLost` from any of its verbs."""

    settles_after_s: float
    """How long what was confirmed may still be lost in a power cut of the broker's."""

    def publish(self, bodies: Sequence[bytes]) -> int:
        """How many of them it has now, from the first on; fewer than all: it is full."""

    def receive(self, most: int, within_s: float) -> list[Delivery]:
        """Messages in their order: first those that were delivered to us and not acknowledged."""

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """They are done with, and need not be kept."""

    def backlog(self) -> int:
        """Messages that are not acknowledged."""

    def remove(self) -> None:
        """Remove what was made for this channel and consumer."""

    def close(self) -> None:
        """Hang up."""


def open_broker(url: str, channel: str, consumer: str, limits: PipelineLimits) -> Broker:
    """A connection; `consumer` is who reads, and each has all messages. `BrokerLost`: none now."""
    kind = KINDS.get(urlsplit(url).scheme)
    if kind is None:
        raise Problem(
            f"{masked(url)} names no broker that is known: its URL begins with one of"
            f" {', '.join(f'{scheme}://' for scheme in KINDS)}"
        )
    module, _, name = kind.partition(":")
    found = getattr(import_module(f"inventory_core.sync.cdc.{module}"), name)
    broker: Broker = found(url, channel, consumer, limits)
    return broker
