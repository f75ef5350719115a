"""Who looks at which article and when: a function of the sale and the seed, the same everywhere."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from scenarios.lagging.scenario import Sale


class Visit(NamedTuple):
    """A shopper, who may want one; whoever gets it keeps it, or cancels so long after."""

    at_s: float
    article: int
    wants: bool
    cancels_after_s: float | None


class Refill(NamedTuple):
    """Units that come in."""

    at_s: float
    article: int
    units: int


def sku_of(article: int) -> str:
    """The name of an article."""
    return f"sku-{article:04}"


def article_of(sku: str) -> int:
    """The article of a name."""
    return int(sku.removeprefix("sku-"))


def visits_of(sale: Sale, seed: int) -> Iterator[Visit]:
    """Poisson arrivals, in order."""
    dice = random.Random(f"{seed}/visits")
    at_s = dice.expovariate(sale.shoppers_per_s)
    while at_s < sale.seconds:
        wants = dice.random() < sale.orders
        cancels = dice.random() < sale.come_back
        after_s = dice.expovariate(1 / sale.come_back_after_s)
        article = dice.randrange(sale.articles)
        yield Visit(at_s, article, wants, after_s if cancels else None)
        at_s += dice.expovariate(sale.shoppers_per_s)


def refills_of(sale: Sale) -> Iterator[Refill]:
    """Article by article, evenly over the time between two refills of one, in order."""
    apart_s = sale.refill_every_s / sale.articles
    count = 1
    while sale.refill and (at_s := count * apart_s) < sale.seconds:
        yield Refill(at_s, count % sale.articles, sale.refill)
        count += 1
