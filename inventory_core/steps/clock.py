"""Steps for time, dice and ids, so that a plan is a function of the answers it was given."""

from __future__ import annotations

from dataclasses import dataclass

from inventory_core.steps.step import Step


@dataclass(frozen=True, slots=True)
class Now(Step[float]):
    """Seconds on the driver's clock. Deadlines are judged by the store's clock, not by this."""


@dataclass(frozen=True, slots=True)
class Sleep(Step[None]):
    """Let so many seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class BackOff(Step[None]):
    """Pause before try number `attempt` + 1 (from 0): doubling, bounded, with full jitter.

    The driver draws the jitter from the run's seed. Source: M. Brooker, "Exponential Backoff And
    Jitter", AWS Architecture Blog, 2015.
    """

    attempt: int
    first_s: float
    most_s: float


@dataclass(frozen=True, slots=True)
class Draw(Step[int]):
    """A number from 0 to `below` - 1, each as likely."""

    below: int


@dataclass(frozen=True, slots=True)
class Node(Draw):
    """On which of `below` nodes the plan runs: from 0 to `below` - 1.

    A node is a process of the shop. Where nobody has said which, dice decide, as a load balancer.
    """


@dataclass(frozen=True, slots=True)
class NewId(Step[str]):
    """A text that nobody else has."""
