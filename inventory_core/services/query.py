"""What a channel could promise to an address: sellable, deliverable, and by when. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory_core.domain import Cell
from inventory_core.services.allocating import read_options
from inventory_core.services.contract import LINES_MOST, Availability
from inventory_core.services.parts import Engines
from inventory_core.services.shop_window import look_up
from inventory_core.sourcing import Option
from inventory_core.steps import rows
from inventory_core.strategy import Strategy


@dataclass(frozen=True)
class Query:
    """The read side, over the engines that channels name."""

    engines: Mapping[str, Strategy]

    async def availability(
        self, channel: str, address: str, skus: Sequence[str]
    ) -> tuple[Availability, ...]:
        """What the channel may promise of each article, in the order asked.

        A `ValueError` if there is no such channel, or more articles than `LINES_MOST` are asked.
        """
        if len(skus) > LINES_MOST:
            raise ValueError(f"{len(skus)} articles are asked; ask for {LINES_MOST} at most")
        window = await look_up(channel, ())
        if isinstance(window, str):
            raise ValueError(f"there is no open channel {channel}")
        now_ms = await rows.StoreClock()
        cells = [Cell(sku, window.channel.place) for sku in skus]
        engines = Engines(self.engines)
        sellable = await engines.read(window.channel.engine, cells)
        options = await read_options(address, skus, now_ms)
        return tuple(
            _availability(sku, units, options, now_ms)
            for sku, units in zip(skus, sellable, strict=True)
        )


def _availability(sku: str, sellable: int, options: Sequence[Option], now_ms: int) -> Availability:
    """One article: from the nearest warehouse that has it free, a backup last."""
    able = [option for option in options if sku in option.promised_ms]
    having = [option for option in able if option.free.get(sku, 0) > 0]
    if not able:
        reason = "no warehouse may ship it there"
    elif not having:
        reason = "no warehouse that serves the address has it free"
    else:
        best = min(having, key=lambda option: (option.backup, option.rank, option.warehouse))
        promised = best.promised_ms[sku]
        return Availability(sku, sellable, True, promised, best.warehouse, "", now_ms)
    return Availability(sku, sellable, False, 0, "", reason, now_ms)
