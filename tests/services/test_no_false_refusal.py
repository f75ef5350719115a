"""Units that come back reach their engine before their warehouse: nobody is refused in between."""

from __future__ import annotations

import random

import pytest

from inventory_core.services.contract import Said
from scenarios.model.crowd import together
from tests.engines import ENGINES
from tests.services.mall import request
from tests.services.test_law import model_mall

SEEDS = range(40)


@pytest.mark.parametrize("engine", ENGINES)
def test_nobody_is_refused_while_units_are_on_their_way_back(engine: str) -> None:
    """Both pots are held; one buyer cancels, another comes: refused for want of stock, or served.

    The pot lies in one warehouse only, so a buyer who is served by the engine too early finds none
    free there.
    """
    outcomes = set()
    for seed in SEEDS:
        place, mall = model_mall(engine)
        mall.place("1", ("pot", 2))
        plans = [mall.flow.cancel("mall/1"), mall.flow.place(request("2", ("pot", 1)))]
        _, placed = together(place, plans, random.Random(seed))
        outcomes.add((placed.said, placed.reason.split(":")[0]))
        assert mall.do(mall.stock.audit()) == ()
    assert outcomes <= {(Said.PLACED, ""), (Said.REFUSED, "out_of_stock")}
    assert len(outcomes) == 2, "the schedules show only one of the two"
