"""A bound for everything that could go on for ever: retries, leases, batches, plan lengths."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds that strategies, drivers and stores obey. Times are seconds unless named _ms."""

    tries: int = 10  # of an optimistic write or a transaction, before `contended`
    lock_tries: int = 200  # of a spinning lock, before `contended`
    lease_ms: int = 2_000  # how long a Redis lock outlives a silent holder
    back_off_s: float = 0.000_5  # first pause between tries; doubles, with full jitter
    back_off_most_s: float = 0.05
    lock_wait_s: float = 10.0  # how long a statement waits for a row lock
    tokens_per_s: int = 5_000  # orders that a gate lets in
    bucket: int = 200  # of them at once
    few: int = 10  # units: when fewer are left, buyers collide for certain
    quota: int = 50  # units that a node leases at a time
    nodes: int = 4  # that lease
    parts: int = 8  # counters that a split cell is kept in
    units: int = 10_000  # rows of a cell whose units are rows
    group: int = 128  # orders that are settled together
    lanes: int = 1  # groups of one process that are under way at once
    batch: int = 100  # rows a daemon handles in one turn
    recovery_batch: int = 1_000  # holds that a recovery reads at a time
    recovery_batches: int = 10_000  # of one recovery
    steps: int = 10_000  # of one plan: more is a bug, not a slow plan
