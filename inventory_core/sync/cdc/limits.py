"""What bounds the pipeline: how much is in hand, how much waits in the broker, how long we try."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class PipelineLimits:
    """Nothing in the pipeline grows without a bound but the source's own log, which is watched."""

    batch_changes: int = 2_000  # read from the source before they are published
    message_changes: int = 500  # in one message of the broker
    message_bytes: int = 256_000  # about; one change is never parted
    backlog_messages: int = 1_000  # in the broker before the capture waits
    receive_messages: int = 8  # applied in one transaction of the product's
    idle_s: float = 0.5  # how long to wait for a change before looking around
    full_pause_s: float = 0.05  # between two looks at a broker that is full
    retry_s: float = 0.1  # after a lost connection, doubled up to retry_most_s
    retry_most_s: float = 2.0
    patience_s: float = 300.0  # without a server, before we give up
    tries: int = 3  # to apply a change, before it is a dead letter
    retained_warning_bytes: int = 1_000 * MEGABYTE  # of log that the source keeps for us
    look_every_s: float = 1.0  # at what the source keeps, and at what was asked of us
