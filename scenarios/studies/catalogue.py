"""Every study by its name."""

from __future__ import annotations

from collections.abc import Mapping

from inventory_core.problems import Problem
from scenarios.studies import (
    bucket_fragmentation,
    cache_lag,
    group_commit_window,
    hot_row_convoy,
    lease_shorter_than_pause,
    pool_hold_time,
    retry_storm,
)
from scenarios.studies.study import Study

STUDIES: Mapping[str, Study] = {
    module.STUDY.name: module.STUDY
    for module in (
        hot_row_convoy,
        retry_storm,
        pool_hold_time,
        lease_shorter_than_pause,
        cache_lag,
        bucket_fragmentation,
        group_commit_window,
    )
}


def find_study(name: str) -> Study:
    """The study of that name."""
    if name not in STUDIES:
        raise Problem(f"there is no study {name!r}; choose among {', '.join(STUDIES)}")
    return STUDIES[name]
