"""The cheapest parcels that cover the basket: a small integer programme (SciPy's `milp`, HiGHS).

    minimise    sum of cost(w) y(w)                     y(w): does warehouse w ship a parcel?
    subject to  sum of free(w, a) y(w)      >= units needed of a, for every article a
                places of a whole line       = 1
                units of whole lines at w   <= free(w, a) y(w)

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
    if len(options) <= 1:
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

    whole = [need for need in needs if not need.may_split]
    count, many = len(options), len(options) * (1 + len(whole))
    cost = np.zeros(many)
    cost[:count] = _costs(options)
    rows = [LinearConstraint(*_enough(needs, options, many))]
    if whole:
        rows.append(LinearConstraint(_once(whole, count, many), 1, 1))
        rows.append(LinearConstraint(_within(whole, options, many), -np.inf, 0))
    found: Any = milp(
        cost,
        integrality=np.ones(many),
        bounds=Bounds(0, 1),
        constraints=rows,
        options={"time_limit": SECONDS_MOST, "mip_rel_gap": 0.0},
    )
    return [False] * count if found.x is None else [bool(x > 0.5) for x in found.x[:count]]


def _enough(
    needs: Sequence[Need], options: Sequence[Option], many: int
) -> tuple[Matrix, list[int]]:
    """Of every article, those who ship have what all its lines need together."""
    wanted: dict[str, int] = {}
    for need in needs:
        wanted[need.sku] = wanted.get(need.sku, 0) + need.quantity
    rows = np.zeros((len(wanted), many))
    for row, (sku, units) in zip(rows, wanted.items(), strict=True):
        row[: len(options)] = [min(units, max(0, one.free.get(sku, 0))) for one in options]
    return rows, list(wanted.values())


def _once(whole: Sequence[Need], count: int, many: int) -> Matrix:
    """Every whole line has one place."""
    rows = np.zeros((len(whole), many))
    for index, row in enumerate(rows, 1):
        row[count * index : count * (index + 1)] = 1
    return rows


def _within(whole: Sequence[Need], options: Sequence[Option], many: int) -> Matrix:
    """The whole lines of an article fit into what a warehouse has, if it ships."""
    count, rows = len(options), []
    for sku in dict.fromkeys(need.sku for need in whole):
        for at, option in enumerate(options):
            row = np.zeros(many)
            row[at] = -max(0, option.free.get(sku, 0))
            for index, need in enumerate(whole, 1):
                if need.sku == sku:
                    row[count * index + at] = need.quantity
            rows.append(row)
    return np.array(rows)


def _costs(options: Sequence[Option]) -> Matrix:
    """Costs of parcels, then the number of them, then their nearness, in one number each."""
    count = len(options)
    ties = np.arange(1, count + 1, dtype=np.float64) + count * count
    cents = np.array([one.parcel_cost_cents for one in options], dtype=np.float64)
    return np.asarray(cents + ties / (float(ties.sum()) + 1.0))
