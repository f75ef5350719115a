"""API keys: only a hash is kept, and only the whole key opens."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from inventory_core.api.keyring import Keyring, WholeKey
from inventory_core.records import ApiKey, Role


def kept(whole: WholeKey) -> ApiKey:
    return ApiKey(whole.key_id, whole.digest, "tester", Role.VIEWER, created_ms=1)


class Shelf:
    """Keys as a store has them; counts how often it is asked."""

    def __init__(self, *keys: ApiKey) -> None:
        self.keys = {key.key_id: key for key in keys}
        self.asked = 0

    async def find(self, key_id: str) -> ApiKey | None:
        self.asked += 1
        return self.keys.get(key_id)


def holder(shelf: Shelf, *texts: str, memory_s: float = 60) -> list[ApiKey | None]:
    ring = Keyring(shelf.find, memory_s, remembered=2)

    async def ask() -> list[ApiKey | None]:
        return [await ring.holder(text) for text in texts]

    return asyncio.run(ask())


def test_the_secret_is_nowhere_in_what_is_kept():
    whole = WholeKey.fresh()

    assert whole.secret not in repr(kept(whole))
    assert whole.digest != whole.digest  # salted


def test_only_the_whole_key_opens():
    whole, other = WholeKey.fresh(), WholeKey.fresh()
    shelf = Shelf(kept(whole))

    found = holder(shelf, str(whole), f"{whole.key_id}.{other.secret}", str(other))

    assert found == [kept_like(shelf, whole), None, None]


def kept_like(shelf: Shelf, whole: WholeKey) -> ApiKey:
    return shelf.keys[whole.key_id]


@pytest.mark.parametrize("text", ["", ".", "a.b", "no dot at all", "abcd.ü" + "x" * 20, "é" * 70])
def test_what_is_no_key_asks_no_store(text):
    shelf = Shelf()

    assert holder(shelf, text) == [None]
    assert shelf.asked == 0


def test_a_revoked_key_opens_nothing():
    whole = WholeKey.fresh()

    assert holder(Shelf(replace(kept(whole), revoked_ms=5)), str(whole)) == [None]


def test_a_key_is_remembered_and_so_is_that_there_is_none():
    whole, other = WholeKey.fresh(), WholeKey.fresh()
    shelf = Shelf(kept(whole))

    holder(shelf, str(whole), str(whole), str(other), str(other))

    assert shelf.asked == 2


def test_what_is_remembered_is_bounded_and_does_not_last():
    keys = [WholeKey.fresh() for _ in range(3)]
    shelf = Shelf(*map(kept, keys))

    holder(shelf, *map(str, [*keys, keys[0]]))
    assert shelf.asked == 4

    holder(shelf, str(keys[0]), str(keys[0]), memory_s=0)
    assert shelf.asked == 6


def test_a_role_includes_the_ones_before_it():
    assert Role.ADMIN.includes(Role.OPERATOR)
    assert not Role.VIEWER.includes(Role.OPERATOR)
