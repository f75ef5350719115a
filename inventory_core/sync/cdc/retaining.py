"""What a source keeps for a pipeline, asked from outside, whether its capture runs or not."""

from __future__ import annotations

from contextlib import closing

from inventory_core.stores.mariadb.address import is_mariadb
from inventory_core.sync.cdc import postgresql_setup
from inventory_core.sync.cdc.capture import Retained
from inventory_core.sync.cdc.pipeline import Pipeline
from inventory_core.sync.cdc.postgresql_capture import judged, lost


def retained_by(pipeline: Pipeline) -> Retained | None:
    """None if it keeps nothing: a binlog is kept for nobody, a slot may not be there yet."""
    if is_mariadb(pipeline.source):
        return None
    names = postgresql_setup.Names.of(pipeline.name)
    with lost(), closing(postgresql_setup.opened(pipeline.source)) as connection:
        slot = postgresql_setup.slot_of(connection, names)
    if slot is None:
        return None
    return judged(slot, names.slot, pipeline.limits.retained_warning_bytes)
