"""What campaigns need to run anything: worker processes, servers, and open places on them.

    with Hands(settings) as hands:
        measure(one, hands=hands, ...)
        measure(other, hands=hands, ...)

Each is started when the first run wants it, and kept until the end: the second campaign waits for
nobody.
"""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from inventory_core.stores.servers import Place, Servers, Settings
from inventory_core.stores.stacks import Stack
from scenarios.measuring.crew import Crew
from scenarios.serving.place import ShopPlace, shop_on


class Hands:
    """A crew for each number of processes, one open place a stack, one shop an engine."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._life = ExitStack()
        self._servers = self._life.enter_context(Servers(settings))
        self._crews: dict[int, Crew] = {}
        self._open: dict[str, Place] = {}
        self._shops: dict[str, ShopPlace] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._life.close()

    def crew(self, processes: int) -> Crew:
        """So many workers."""
        if processes not in self._crews:
            self._crews[processes] = self._life.enter_context(Crew(processes))
        return self._crews[processes]

    def opened(self, name: str) -> Place | None:
        """The place of a stack, if a run wanted it."""
        return self._open.get(name)

    def place(self, stack: Stack) -> Place:
        """The place of a stack."""
        if stack.name not in self._open:
            self._open[stack.name] = self._life.enter_context(self._servers.open(stack))
        return self._open[stack.name]

    def shop(self, stack: Stack, engine: str) -> ShopPlace:
        """The place of a shop with this engine."""
        name = f"{stack.name}/{engine}"
        if name not in self._shops:
            place = self._servers.open(stack)  # another schema for each engine
            self._shops[name] = self._life.enter_context(shop_on(place, engine))
        return self._shops[name]
