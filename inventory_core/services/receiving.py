"""Units that come in and corrections: a shelf changes because people say so, once for every key."""

from __future__ import annotations

from inventory_core.problems import Problem
from inventory_core.records import Entry, Kind
from inventory_core.services import journal
from inventory_core.services.shelves import Shift, lock_shelf, must_be_there, shift
from inventory_core.services.stock_answers import StockAnswer, StockSaid
from inventory_core.steps import rows, sql


async def change_shelf(
    cause: str, sku: str, warehouse: str, delta: int, reason: str
) -> StockAnswer:
    """Add units to a shelf, or take missing ones off, once for every cause.

    What turns up makes a shortfall good first; what is missing is taken from unassigned first.
    """
    if not delta:
        raise Problem(f"a change of {sku} in {warehouse} by 0 units is none; say how many")
    await must_be_there(warehouse)
    at_ms = await rows.StoreClock()
    async with sql.transaction() as here:
        stock = await lock_shelf(sku, warehouse)
        done = await rows.Get(Entry, (cause, sku, Kind.PHYSICAL.value, warehouse))
        if done is not None:
            await here.give_up()
            return _known(done, delta)
        if stock.physical + delta < 0:
            await here.give_up()
            said = f"{warehouse} has {stock.physical} of {sku}, fewer than {-delta}"
            return StockAnswer(StockSaid.NOT_ENOUGH, said)
        await shift(cause, stock, Shift(sku, warehouse, delta, delta), reason, at_ms)
    return StockAnswer(StockSaid.DONE, quantity=delta)


async def set_shelf(
    cause: str, sku: str, warehouse: str, quantity: int, reason: str
) -> StockAnswer:
    """Make a shelf hold so many units, once for every cause; answers the difference it made.

    The difference is taken under the lock of the shelf, so a shipment comes before it or after it,
    never in between. The number is the shelf's at that moment: who counted earlier, while
    shipments left, says so with a count, which names the movement up to which it holds.
    """
    await must_be_there(warehouse)
    at_ms = await rows.StoreClock()
    async with sql.transaction() as here:
        stock = await lock_shelf(sku, warehouse)
        done = await rows.Get(Entry, (cause, sku, Kind.PHYSICAL.value, warehouse))
        if done is not None:
            await here.give_up()
            return StockAnswer(StockSaid.ALREADY_DONE, quantity=done.delta)
        delta = quantity - stock.physical
        if delta:
            await shift(cause, stock, Shift(sku, warehouse, delta, delta), reason, at_ms)
        else:  # the entry says that this cause was here, should it come again
            await journal.post(cause, sku, Kind.PHYSICAL, warehouse, 0, reason, at_ms)
    return StockAnswer(StockSaid.DONE, quantity=delta)


def _known(done: Entry, delta: int) -> StockAnswer:
    if done.delta == delta:
        return StockAnswer(StockSaid.ALREADY_DONE, quantity=delta)
    said = f"this key has changed {done.place} by {done.delta} before; use a new key"
    return StockAnswer(StockSaid.MISMATCHED, said)
