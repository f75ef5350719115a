"""The cheapest parcels that cover the basket: a small integer programme (SciPy's `milp`, HiGHS).

    minimise    sum of cost(w) y(w)                     y(w): does warehouse w ship a parcel?
    subject to  units of the article from all w  = units of it that may be split
                places of a whole line           = 1
                units from w                    <= free(w) y(w), for every article

Equal costs are parted by nearness, so equal questions have equal answers. After `SECONDS_MOST` the
best answer found so far is taken; if none was found, every warehouse that the basket can do without
is dropped, dearest first: a cover always, not certainly the cheapest then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from inventory_core.sourcing.contract import Need, Option, Piece, Question, Sourcing
from inventory_core.sourcing.covering import able, cover, turns
from inventory_core.sourcing.fewest_parcels import without_superfluous

SECONDS_MOST = 0.5
"""How long one programme may take; a basket of nine lines takes a few milliseconds."""

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LowestCost(Sourcing):
    """The set of warehouses whose parcels cost least."""

    def choose(self, question: Question) -> tuple[Piece, ...] | None:
        """Backups are asked when the others cannot cover it, not because they are cheaper."""
        for options in turns(question):
            useful = able(question.needs, options)
            if cover(question.needs, useful) is not None:
                chosen = cheapest(question.needs, useful)
                return cover(question.needs, chosen, together=True)
        return None


def cheapest(needs: Sequence[Need], options: Sequence[Option]) -> tuple[Option, ...]:
    """The options whose parcels cover the needs at the lowest cost; together they can."""
    if len(options) == 1:
        return tuple(options)
    ship = _solve(needs, options)
    chosen = tuple(one for one, ships in zip(options, ship, strict=True) if ships)
    if cover(needs, chosen) is not None:
        return chosen
    dearest_last = sorted(options, key=lambda one: one.parcel_cost_cents)
    return without_superfluous(needs, dearest_last)


def _solve(needs: Sequence[Need], options: Sequence[Option]) -> list[bool]:
    """Which options ship; none of them if the time was too short."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    streams = _streams(needs)
    count, many = len(options), len(options) * (1 + len(streams))
    within, full = _constraints(streams, options)
    cost = np.zeros(many)
    cost[:count] = _costs(options)
    rows = [LinearConstraint(within, -np.inf, 0), LinearConstraint(full, 1, 1)]
    integral = np.ones(many)
    for index, (_, _, may_split) in enumerate(streams):
        if may_split:  # units follow in whole numbers once the warehouses are chosen
            integral[count * (1 + index) : count * (2 + index)] = 0
    found: Any = milp(
        cost,
        integrality=integral,
        bounds=Bounds(0, 1),
        constraints=rows,
        options={"time_limit": SECONDS_MOST, "mip_rel_gap": 0.0},
    )
    return [False] * count if found.x is None else [bool(x > 0.5) for x in found.x[:count]]


def _streams(needs: Sequence[Need]) -> list[tuple[str, int, bool]]:
    """What flows as one: the splittable units of an article, and each whole line."""
    splittable: dict[str, int] = {}
    for need in needs:
        if need.may_split:
            splittable[need.sku] = splittable.get(need.sku, 0) + need.quantity
    shared = [(sku, units, True) for sku, units in splittable.items()]
    return shared + [(one.sku, one.quantity, False) for one in needs if not one.may_split]


def _constraints(
    streams: Sequence[tuple[str, int, bool]], options: Sequence[Option]
) -> tuple[Matrix, Matrix]:
    """Units within what is free, and every stream in full.

    The variable of a stream at a warehouse is its share, from 0 to 1.
    """
    count, many = len(options), len(options) * (1 + len(streams))
    skus = list(dict.fromkeys(sku for sku, _, _ in streams))
    within = np.zeros((len(skus) * count, many))
    full = np.zeros((len(streams), many))
    for row, sku in enumerate(skus):
        for at, option in enumerate(options):
            within[row * count + at, at] = -max(0, option.free.get(sku, 0))
    for index, (sku, units, _) in enumerate(streams):
        first = count * (1 + index)
        full[index, first : first + count] = 1
        for at in range(count):
            within[skus.index(sku) * count + at, first + at] = units
    return within, full


def _costs(options: Sequence[Option]) -> Matrix:
    """Costs of parcels, then the number of them, then their nearness, in one number each."""
    count = len(options)
    ties = np.arange(1, count + 1, dtype=np.float64) + count * count
    cents = np.array([one.parcel_cost_cents for one in options], dtype=np.float64)
    return np.asarray(cents + ties / (float(ties.sum()) + 1.0))
