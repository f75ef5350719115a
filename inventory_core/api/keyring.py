"""API keys: `KEYID.SECRET`, of which only a salted hash is kept, and who may do what.

The secret is 32 random bytes, so a slow hash (scrypt) would guard nothing: there is no dictionary
to try, and it would cost every request 50 ms. A salted SHA-256, compared in constant time, does.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from inventory_core.records import ApiKey, Role
from inventory_core.steps import rows, sql

SHAPE = re.compile(r"^([A-Za-z0-9_-]{4,64})\.([A-Za-z0-9_-]{16,128})$")
"""Of a whole key: the part before the dot finds it."""


@dataclass(frozen=True, slots=True)
class WholeKey:
    """A key with its secret: seen once, by whoever makes it."""

    key_id: str
    secret: str

    def __str__(self) -> str:
        return f"{self.key_id}.{self.secret}"

    @classmethod
    def fresh(cls) -> WholeKey:
        """A key that nobody else has."""
        return cls(secrets.token_hex(6), secrets.token_urlsafe(32))

    @classmethod
    def parsed(cls, text: str) -> WholeKey | None:
        """The key that a text is, or None."""
        found = SHAPE.match(text)
        return cls(*found.groups()) if found else None

    @property
    def digest(self) -> str:
        """What is kept of it: `SALT$HASH`."""
        salt = secrets.token_hex(16)
        return f"{salt}${_hashed(salt, self.secret)}"

    def opens(self, key: ApiKey) -> bool:
        """Is this the whole key of which `key` is kept, and does it still hold?"""
        salt, _, kept = key.digest.partition("$")
        same = hmac.compare_digest(_hashed(salt, self.secret), kept)
        return same and not key.revoked_ms


def _hashed(salt: str, secret: str) -> str:
    return hashlib.sha256(f"{salt}{secret}".encode()).hexdigest()


async def add(whole: WholeKey, name: str, role: Role) -> ApiKey | None:
    """Keep a key (a plan); None if its id is taken."""
    key = ApiKey(whole.key_id, whole.digest, name, role, await rows.StoreClock())
    return key if await rows.Insert(key) else None


async def revoke(key_id: str) -> ApiKey | None:
    """Let a key hold no longer (a plan); None if there is none. Once revoked, it stays so."""
    async with sql.transaction():
        key = await rows.Lock(ApiKey, (key_id,))
        if key is None or key.revoked_ms:
            return key
        now_ms = await rows.StoreClock()
        ended = ApiKey(key.key_id, key.digest, key.name, key.role, key.created_ms, now_ms)
        await rows.Put(ended)
    return ended


async def first_admin(whole: WholeKey, given: bool) -> bool:
    """Make sure that somebody may rule (a plan); True if this key was made now.

    A key of the user's own (`given`) is made if its id is new; a fresh one only if there is no
    other admin. Two processes that start together may make one each.
    """
    if given and await rows.Get(ApiKey, (whole.key_id,)) is not None:
        return False
    if not given:
        ruling = (("role", "=", Role.ADMIN), ("revoked_ms", "=", 0))
        if await rows.Select(ApiKey, ruling, limit=1):
            return False
    return await add(whole, "first admin", Role.ADMIN) is not None


async def find(key_id: str) -> ApiKey | None:
    """The key of that id (a plan)."""
    return await rows.Get(ApiKey, (key_id,))


class Keyring:
    """Finds keys, and remembers them for a short while, so that most requests ask no store."""

    def __init__(
        self,
        look_up: Callable[[str], Awaitable[ApiKey | None]],
        memory_s: float,
        remembered: int,
    ) -> None:
        self._look_up = look_up
        self._memory_s = memory_s
        self._remembered = remembered
        self._known: OrderedDict[str, tuple[float, ApiKey | None]] = OrderedDict()

    async def holder(self, text: str) -> ApiKey | None:
        """Whose key that is; None if it is nobody's, or does not hold."""
        whole = WholeKey.parsed(text)
        if whole is None:
            return None
        key = await self._found(whole.key_id)
        return key if key is not None and whole.opens(key) else None

    def forget(self, key_id: str) -> None:
        """It has changed: look it up again."""
        self._known.pop(key_id, None)

    async def _found(self, key_id: str) -> ApiKey | None:
        known = self._known.get(key_id)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        key = await self._look_up(key_id)
        self._known[key_id] = (time.monotonic() + self._memory_s, key)
        self._known.move_to_end(key_id)
        while len(self._known) > self._remembered:
            self._known.popitem(last=False)
        return key
