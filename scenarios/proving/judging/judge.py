"""One checker a promise. None of them knows a strategy, and all of them see the same account."""

from __future__ import annotations

from functools import lru_cache

from inventory_core.strategy import Promise
from scenarios.proving.judging.account import Account, Remains
from scenarios.proving.judging.left_behind import unaccounted
from scenarios.proving.judging.linear import unexplained
from scenarios.proving.judging.once import resolved_twice, told_twice
from scenarios.proving.judging.oversold import oversold_in_the_books, oversold_now
from scenarios.proving.judging.sold_out import falsely_sold_out
from scenarios.proving.judging.whole import torn

Findings = dict[Promise, str]
"""The broken promises, each with a sentence that says how."""


def judge_now(account: Account) -> Findings:
    """What can be said at any moment of a schedule."""
    return _broken((Promise.NEVER_OVERSELLS, _oversold(account)))


def judge_end(account: Account, remains: Remains) -> Findings:
    """What can be said when everything has come to rest."""
    if remains.broke:
        return dict.fromkeys(Promise, remains.trouble)
    twice, sold_out, unclear = _told(account)
    return _broken(
        (Promise.NEVER_OVERSELLS, _oversold(account) or oversold_in_the_books(remains)),
        (Promise.EXACTLY_ONCE, twice or resolved_twice(account, remains)),
        (Promise.ALL_OR_NOTHING, torn(account, remains)),
        (Promise.NO_FALSE_SOLD_OUT, sold_out),
        (Promise.LEAVES_NOTHING_BEHIND, unaccounted(remains)),
        (Promise.LINEARIZABLE, unclear),
    )


@lru_cache(maxsize=1 << 15)
def _oversold(account: Account) -> str:
    return oversold_now(account)


@lru_cache(maxsize=1 << 15)
def _told(account: Account) -> tuple[str, str, str]:
    """What an account alone proves at the end, whatever the books say."""
    return told_twice(account), falsely_sold_out(account), unexplained(account)


def _broken(*findings: tuple[Promise, str]) -> Findings:
    return {promise: sentence for promise, sentence in findings if sentence}
