"""What Redis says when it will not, as step errors: one table."""

from __future__ import annotations

import redis

from inventory_core.steps.errors import ConnectionLost, StepError, StoreFull

_MEANING: dict[str, type[StepError]] = {
    "OOM": StoreFull,
    "MISCONF": StoreFull,  # it cannot write its log any more
    "LOADING": ConnectionLost,  # started again after a crash
    "READONLY": ConnectionLost,  # this server has become a replica
    "MASTERDOWN": ConnectionLost,
    "NOREPLICAS": ConnectionLost,  # too few of them to write safely
    "MOVED": ConnectionLost,  # of a cluster: another node has these keys now
    "CLUSTERDOWN": ConnectionLost,
    "TRYAGAIN": ConnectionLost,  # of a cluster: they are just being moved
    "ASK": ConnectionLost,
    "BUSY": ConnectionLost,  # a script of somebody else does not end
    "NOAUTH": ConnectionLost,  # it wants a password now
    "WRONGPASS": ConnectionLost,
}

_CODES: dict[type[redis.RedisError], str] = {
    redis.OutOfMemoryError: "OOM",
    redis.ReadOnlyError: "READONLY",
    redis.exceptions.MasterDownError: "MASTERDOWN",
    redis.exceptions.MovedError: "MOVED",
    redis.exceptions.AskError: "ASK",
    redis.exceptions.TryAgainError: "TRYAGAIN",
    redis.exceptions.ClusterDownError: "CLUSTERDOWN",
}
"""For these redis-py cuts the code off the text, and tells by the class."""

LOST = (redis.ConnectionError, redis.TimeoutError, redis.InvalidResponse, OSError)
"""Raised when the reply will not come, or cannot be read."""


def meaning_of(error: redis.ResponseError) -> StepError | AssertionError:
    """The step error that an error reply means; a reply that means none is a bug."""
    text = str(error)
    code = _CODES.get(type(error), text.partition(" ")[0])
    if code in _MEANING:
        return _MEANING[code](text)
    for word, kind in _MEANING.items():
        if f"-{word} " in text:  # servers before Redis 7 wrap what a script ran into
            return kind(text)
    return AssertionError(f"Redis refused: {text}")
