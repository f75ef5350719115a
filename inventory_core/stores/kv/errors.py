"""What Redis says when it will not, as step errors: one table."""

from __future__ import annotations

from typing import NoReturn

import redis

from inventory_core.steps.errors import ConnectionLost, StepError, StoreFull

_BY_WORD: dict[str, type[StepError]] = {
    "OOM": StoreFull,
    "MISCONF": StoreFull,  # it cannot write its log any more
    "LOADING": ConnectionLost,  # started again after a crash
    "READONLY": ConnectionLost,  # this server has become a replica
    "MASTERDOWN": ConnectionLost,
    "BUSY": ConnectionLost,  # a script of somebody else does not end
}

LOST = (redis.ConnectionError, redis.TimeoutError, OSError)
"""Raised when the reply will not come."""


def raise_for(error: redis.ResponseError) -> NoReturn:
    """Raise the step error that an error reply means; a reply that means none is a bug."""
    text = str(error)
    for word, kind in _BY_WORD.items():
        if text.startswith(word) or f"-{word} " in text:
            raise kind(text) from error
    raise AssertionError(f"Redis refused: {text}") from error
