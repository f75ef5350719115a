"""The read path's memory: one look for many, and never an answer that is too old."""

from __future__ import annotations

import asyncio

import pytest

from inventory_core.api.read_cache import ReadCache
from inventory_core.services.contract import Availability


class Store:
    """Counts what it is asked; answers when `go` is set."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.go = asyncio.Event()
        self.go.set()
        self.broken = False

    async def read(
        self, channel: str, address: str, skus: tuple[str, ...]
    ) -> tuple[Availability, ...]:
        self.asked.append(skus)
        await self.go.wait()
        if self.broken:
            raise ConnectionError
        number = len(self.asked)
        return tuple(Availability(sku, number, True, 0, "w", "", number) for sku in skus)


def test_what_is_fresh_is_not_asked_again_and_what_is_missing_is_asked_together():
    async def story() -> None:
        store = Store()
        cache = ReadCache(store.read, staleness_ms=60_000, most=100)

        await cache.find("mall", "x", ["a"], fresh=False)
        answers, _ = await cache.find("mall", "x", ["a", "b", "c", "b"], fresh=False)

        assert store.asked == [("a",), ("b", "c")]
        assert [(one.sku, one.sellable) for one in answers] == [
            ("a", 1),
            ("b", 2),
            ("c", 2),
            ("b", 2),
        ]

    asyncio.run(story())


def test_another_address_is_another_question():
    async def story() -> None:
        store = Store()
        cache = ReadCache(store.read, staleness_ms=60_000, most=100)
        await cache.find("mall", "x", ["a"], fresh=False)
        await cache.find("mall", "y", ["a"], fresh=False)
        assert len(store.asked) == 2

    asyncio.run(story())


def test_a_crowd_shares_one_look():
    async def story() -> None:
        store = Store()
        cache = ReadCache(store.read, staleness_ms=0, most=100)
        store.go.clear()
        crowd = [asyncio.create_task(cache.find("mall", "x", ["a"], False)) for _ in range(50)]
        await asyncio.sleep(0)
        store.go.set()
        await asyncio.gather(*crowd)
        assert store.asked == [("a",)]

    asyncio.run(story())


def test_who_asks_for_a_fresh_answer_shares_nothing():
    async def story() -> None:
        store = Store()
        cache = ReadCache(store.read, staleness_ms=60_000, most=100)
        await cache.find("mall", "x", ["a"], fresh=False)
        answers, _ = await cache.find("mall", "x", ["a"], fresh=True)
        assert answers[0].sellable == 2

    asyncio.run(story())


def test_an_answer_that_is_too_old_is_not_given():
    async def story() -> None:
        store = Store()
        cache = ReadCache(store.read, staleness_ms=0, most=100)
        await cache.find("mall", "x", ["a"], fresh=False)
        await cache.find("mall", "x", ["a"], fresh=False)
        assert len(store.asked) == 2

    asyncio.run(story())


def test_a_failed_look_fails_all_who_shared_it_and_is_not_kept():
    async def story() -> None:
        store = Store()
        store.broken = True
        cache = ReadCache(store.read, staleness_ms=60_000, most=100)
        store.go.clear()
        crowd = [asyncio.create_task(cache.find("mall", "x", ["a"], False)) for _ in range(3)]
        await asyncio.sleep(0)
        store.go.set()
        for each in crowd:
            with pytest.raises(ConnectionError):
                await each
        store.broken = False
        answers, _ = await cache.find("mall", "x", ["a"], fresh=False)
        assert answers[0].sellable == 2

    asyncio.run(story())


def test_the_memory_is_bounded():
    async def story() -> None:
        store = Store()
        cache = ReadCache(store.read, staleness_ms=60_000, most=2)
        await cache.find("mall", "x", ["a", "b", "c"], fresh=False)
        await cache.find("mall", "x", ["a"], fresh=False)
        assert store.asked == [("a", "b", "c"), ("a",)]

    asyncio.run(story())
