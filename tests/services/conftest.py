"""The mall on the model, with each of the engines that stand for all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inventory_core.records import DeductAt
from inventory_core.strategy import registry
from scenarios.model import model_place
from tests.engines import ENGINES
from tests.services.mall import Mall, furnish

Open = Callable[..., Mall]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The name of the strategy that everybody's units lie with."""
    name: str = request.param
    return name


@pytest.fixture
def open_mall(engine: str) -> Open:
    """Opens a mall: `open_mall(deduct_at=..., hold_s=...)`."""

    def opened(deduct_at: DeductAt = DeductAt.ORDER, hold_s: int = 900) -> Mall:
        place = model_place()
        engines = {engine: registry.make(engine)}
        mall = Mall(engines, place.connect, place.sleep, place.connect())
        mall.do(furnish(engines, deduct_at, hold_s))
        return mall

    return opened


@pytest.fixture
def mall(open_mall: Open) -> Mall:
    """A mall that deducts at order time."""
    return open_mall()
