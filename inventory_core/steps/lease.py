"""Leases in a key-value store: a lock that frees itself when its holder falls silent."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from inventory_core.domain.limits import Limits
from inventory_core.steps import clock, kv
from inventory_core.steps.errors import ConnectionLost


class lease:  # noqa: N801 - reads as a statement: `async with lease(keys, limits) as held:`
    """Take every key in turn, spinning with jitter; free them on the way out.

    Gives False if the tries ran out (nothing is kept then). A dead client does not say goodbye, nor
    does one whose connection is gone: the keys free themselves when the lease ends.
    """

    __slots__ = ("_keys", "_limits", "_locked", "_me")

    def __init__(self, keys: Sequence[str], limits: Limits) -> None:
        self._keys = tuple(keys)
        self._limits = limits
        self._locked: list[str] = []
        self._me = ""

    async def __aenter__(self) -> bool:
        self._me = await clock.NewId()
        for key in self._keys:
            if not await self._lock(key):
                await self._free()
                return False
            self._locked.append(key)
        return True

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not (kind and issubclass(kind, (GeneratorExit, ConnectionLost))):
            await self._free()

    async def _lock(self, key: str) -> bool:
        limits = self._limits
        for attempt in range(limits.lock_tries):
            if await kv.SetIfAbsent(key, self._me, limits.lease_ms):
                return True
            await clock.BackOff(attempt, limits.back_off_s, limits.back_off_most_s)
        return False

    async def _free(self) -> None:
        for key in self._locked:
            await kv.DeleteIfEqual(key, self._me)
        self._locked.clear()
