"""The bounds that a worker obeys."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """How often, how long and how much."""

    tries: int = 20  # of one piece of work, before it is set aside,
    late_for_s: float = 5.0  # and for so long
    remembered: int = 10_000  # pieces of work whose tries are counted
    look_every_s: float = 0.5  # at what waits
    looked_at: int = 100_000  # tasks that wait are counted up to here
    backlog_most: int = 10_000  # then new orders are told to come again
    backlog_low: float = 0.5  # of that: then they are taken again
    held_back_ms: int = 10_000  # a word to buyers that nobody repeats is forgotten
    back_off_s: float = 0.5  # after a turn that failed
    shown: int = 1_000  # pieces of work set aside that `status` names
    open_most_s: float = 30.0  # that a rebuild waits for transactions of others
