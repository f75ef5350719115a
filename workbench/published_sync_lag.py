"""The published figures of `sync_lag`: every path measured three times and predicted ten.

python -m workbench.published sync_lag        about twenty-five minutes
"""

from __future__ import annotations

from pathlib import Path

from scenarios.lagging.campaign import MEASURED, PREDICTED, World
from scenarios.lagging.scenario import load_lag
from scenarios.predicting.lagging import simulate
from workbench.lag_live import measure
from workbench.lagging import carried_out, written

REPEAT, REPLICATIONS = 3, 10


def publish_sync_lag(place: Path) -> None:
    """Measure, predict, and write record, table, pictures and page."""
    worlds = [World(MEASURED, measure, REPEAT), World(PREDICTED, simulate, REPLICATIONS)]
    written(carried_out(load_lag(), worlds), place)
