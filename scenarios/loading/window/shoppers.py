"""The sale of `sync_lag` as a loaded shop knows it: its shoppers as buyers, its keys as a scenario.

Everybody looks. An order of no unit stands for who looks and wants nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from scenarios.lagging.demand import Visit, refills_of, sku_of, visits_of
from scenarios.lagging.scenario import Sale, SyncLag
from scenarios.scenario import Demand, Run, Scenario, Shop, Stock
from scenarios.serving.buyers import PLACE, Life, Order

PROCESSES, USERS = 2, 8
"""As many users as any scenario has that says nothing of it: so many in each process."""

RATE_LEAST = 0.1
"""No scenario has fewer orders a second, and a sale may have none."""


def orders_of(sale: Sale) -> Iterator[Order]:
    """Every shopper of the sale, by their arrival; the same as in `stockproof lag`."""
    for serial, visit in enumerate(visits_of(sale, sale.seed)):
        yield _order(serial, visit, sale.seconds)


def _order(serial: int, visit: Visit, seconds: float) -> Order:
    """What would be cancelled only after the sale is kept."""
    after_s = visit.cancels_after_s
    cancels = after_s is not None and visit.at_s + after_s < seconds
    return Order(
        serial=serial,
        arrives_ns=round(visit.at_s * 1e9),
        buyer=f"buyer-{serial:06d}",
        sku=sku_of(visit.article),
        place=PLACE,
        quantity=int(visit.wants),
        life=Life.CANCEL if cancels else Life.ABANDON,
        waits_s=after_s or 0.0,
        again_ns=0,
    )


def for_sale(sale: Sale) -> dict[str, int]:
    """Units of each article in the channel at the opening."""
    return {sku_of(article): sale.quantity for article in range(sale.articles)}


def shop_of(sale: Sale) -> Shop:
    """A shop whose spare units are what comes in during the sale."""
    times = Counter(refill.article for refill in refills_of(sale))
    return Shop(spare=sale.refill * max(times.values(), default=0))


def scenario_of(name: str, lag: SyncLag) -> Scenario:
    """The scenario as the records keep it, in the words of all the others."""
    sale = lag.sale
    return Scenario(
        name,
        lag.title,
        stock=Stock(cells=sale.articles, quantity=sale.quantity),
        demand=Demand(
            kind="open",
            processes=PROCESSES,
            connections=USERS,
            rate_per_s=max(RATE_LEAST, sale.shoppers_per_s * sale.orders),
            roll_back=sale.come_back,
        ),
        run=Run(seconds=sale.seconds, repetitions=1, seed=sale.seed),
    )
