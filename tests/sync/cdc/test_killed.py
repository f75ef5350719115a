"""Capture, broker and consumer get SIGKILL in the middle of it; the product ends right."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.cdc_soak import Soak, run

pytestmark = [pytest.mark.live, pytest.mark.slow]


def test_whoever_is_killed_nothing_is_lost_repeated_or_turned_back(tmp_path: Path) -> None:
    audit, place = run(Soak(changes=4_000, kills=1, seed=3), tmp_path)
    assert place.killed == {"capture": 1, "consumer": 1, "broker": 1}
    assert audit.holds, audit
    assert audit.applied >= place.writer.changes


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "source, broker",
    [
        ("postgresql", "valkey"),
        ("mariadb", "valkey"),
        ("postgresql", "rabbitmq"),
        ("postgresql", "nats"),
        ("mariadb", "nats"),
    ],
)
def test_every_source_and_broker_is_killed_often(tmp_path: Path, source: str, broker: str) -> None:
    soak = Soak(changes=60_000, kills=5, seed=11, source=source, broker=broker)
    audit, _ = run(soak, tmp_path)
    assert audit.holds, audit
