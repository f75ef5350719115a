"""Capture, broker and consumer get SIGKILL in the middle of it; the product ends right."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.cdc_soak import Soak, run

pytestmark = [pytest.mark.live, pytest.mark.slow]


def test_whoever_is_killed_nothing_is_lost_repeated_or_turned_back(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    audit, place = run(Soak(changes=4_000, kills=1, seed=3), tmp_path)
    assert place.killed == {"capture": 1, "consumer": 1, "broker": 1}
    assert audit.holds, audit
    assert audit.applied >= place.writer.changes


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_killed_often(tmp_path: Path, seed: int) -> None:
    tmp_path.chmod(0o755)
    audit, _ = run(Soak(changes=60_000, kills=5, seed=seed), tmp_path)
    assert audit.holds, audit
