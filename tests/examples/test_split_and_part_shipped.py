"""A line split over two warehouses, and shipped in part.

One line of 9 tea for the east: north has 6, so south gives 3.

    tea                 north (physical, pre-occupied)   south       order
    at first                 (6, 0)                      (4, 0)
    placed and paid          (6, 6)                      (4, 3)      paid
    north ships 6            (0, 0)                      (4, 3)      part shipped
    south ships 3            (0, 0)                      (1, 0)      shipped

Sellable goes from 12 to 3 at once, and stays there: shipping sells nothing twice.
"""

from __future__ import annotations

from inventory_core.records import OrderState
from inventory_core.services.contract import Said
from tests.services.mall import Mall


def shelves(mall: Mall) -> tuple[tuple[int, int], tuple[int, int]]:
    """North and south."""
    return mall.at("north", "tea"), mall.at("south", "tea")


def test_each_warehouse_ships_its_part(mall: Mall) -> None:
    answer = mall.place("1", ("tea", 9))
    assert [(one.line, one.warehouse, one.quantity) for one in answer.order.allocations] == [
        (1, "north", 6),
        (1, "south", 3),
    ]
    mall.do(mall.flow.pay("mall/1"))
    assert (shelves(mall), mall.sellable("tea")) == (((6, 6), (4, 3)), 3)

    assert mall.do(mall.flow.ship("mall/1", "north")).said is Said.PART_SHIPPED
    assert shelves(mall) == ((0, 0), (4, 3))
    assert mall.order("mall/1").state is OrderState.PART_SHIPPED

    assert mall.do(mall.flow.ship("mall/1", "north")).said is Said.ALREADY_SHIPPED
    assert mall.do(mall.flow.ship("mall/1", "south")).said is Said.SHIPPED
    assert shelves(mall) == ((0, 0), (1, 0))
    assert mall.order("mall/1").state is OrderState.SHIPPED
    assert mall.sellable("tea") == 3
