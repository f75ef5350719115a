"""The last parcel is there as early as possible; of equally early answers, the fewest parcels.

A buyer waits for the whole basket, so its latest promised date counts. Dates are tried from the
earliest on; at the first by which the basket can be covered, `fewest_parcels` chooses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inventory_core.sourcing.contract import Need, Option, Piece, Question, Sourcing
from inventory_core.sourcing.covering import turns
from inventory_core.sourcing.fewest_parcels import fewest


@dataclass(frozen=True)
class EarliestDelivery(Sourcing):
    """The earliest date on which everything is there."""

    def choose(self, question: Question) -> tuple[Piece, ...] | None:
        """Backups are asked when the others cannot cover it, not because they are faster."""
        for options in turns(question):
            for by_ms in _dates(question.needs, options) or (0,):
                in_time = tuple(_until(one, by_ms) for one in options)
                pieces = fewest(question.needs, in_time)
                if pieces is not None:
                    return pieces
        return None


def _dates(needs: Sequence[Need], options: Sequence[Option]) -> list[int]:
    wanted = {need.sku for need in needs}
    return sorted(
        {at_ms for one in options for sku, at_ms in one.promised_ms.items() if sku in wanted}
    )


def _until(option: Option, by_ms: int) -> Option:
    """What a warehouse has that would be there by a date."""
    promised = option.promised_ms
    in_time = {
        sku: units for sku, units in option.free.items() if promised.get(sku, by_ms + 1) <= by_ms
    }
    return replace(option, free=in_time)
