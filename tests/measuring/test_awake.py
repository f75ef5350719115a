"""A worker stays awake only where nobody else wants its processor."""

import pytest

from inventory_core.strategy.registry import make
from scenarios.measuring import awake


@pytest.mark.parametrize(
    "strategy,clients,processes,expected",
    [
        ("conditional_update", 1, 1, True),
        ("conditional_update", 2, 1, False),  # two statements, two cores
        ("conditional_update", 2, 2, False),
        ("redis_script", 8, 1, True),  # Redis does one thing at a time
        ("redis_script", 8, 2, False),
        ("redis_with_task", 1, 1, False),  # its worker needs the core
    ],
)
def test_on_two_cores(
    strategy: str, clients: int, processes: int, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(awake, "available_cores", lambda: 2)
    assert awake.stays_awake(make(strategy), clients, processes) is expected
