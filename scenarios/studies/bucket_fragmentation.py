"""A counter in parts: what is left in each is too little for one more order, and together enough.

Theory: orders of q units leave the remainder of each part by q; with remainders that are as likely
as any other, parts × (q - 1) / 2 units are unsold on average. Counted are those that would make
whole orders, were they in one place.
"""

from __future__ import annotations

from scenarios.predicting.profile import Profile
from scenarios.predicting.run import Asked
from scenarios.scenario import load_scenario
from scenarios.studies.study import Row, Study, run_of

UNITS, QUANTITY = 1_000, 3


def asked(series: str, parts: float, profile: Profile) -> Asked:
    """A thousand units in so many parts, sold by threes to whoever comes."""
    settings = (f"stock.quantity={UNITS}", f"demand.quantities=[{QUANTITY}]", "demand.duplicates=0")
    return run_of(load_scenario("flash_sale", settings), series, profile, 1.0, round(parts))


def left(_: str, __: float, row: Row) -> float:
    """Units that nobody could have."""
    return float(row["units_left_over"])


def theory(_: str, parts: float, __: Profile, ___: Row) -> float | None:
    """The remainders of all parts, as far as they would make whole orders."""
    count = round(parts)
    sizes = [UNITS // count + (place < UNITS % count) for place in range(count)]
    remains = sum(size % QUANTITY for size in sizes)
    return float(remains // QUANTITY * QUANTITY)


STUDY = Study(
    name="bucket_fragmentation",
    title="Parts that are each too small for one more order",
    turns="parts of the counter",
    reads="units left over",
    series=("split_rows",),
    points=(1, 2, 4, 8, 16, 32, 64),
    asked=asked,
    read=left,
    theory=theory,
    explains=f"the remainder of every part by {QUANTITY}, about parts × (q - 1) / 2",
)
