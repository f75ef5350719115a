"""A fleet whose users remember more than they were told: what checkers have to catch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from scenarios.loading.answers import Reply
from scenarios.loading.fleet import Fleet, Takings


@dataclass
class Lying(Fleet):
    """One order is acknowledged that was not; its buyer was told `outcome`."""

    outcome: str = "refused"

    def play(self, *asked: Any, **more: Any) -> Takings:
        """As ever, and one answer more, with other bytes."""
        takings = super().play(*asked, **more)
        told = next(one for one in takings.replies if one.outcome == self.outcome)
        return replace(takings, replies=[*takings.replies, _accepted(told)])


def _accepted(told: Reply) -> Reply:
    later = told.replied_ns + 1
    return told._replace(
        kind="deduct", outcome="deducted", digest=99, sent_ns=later, replied_ns=later + 1
    )
