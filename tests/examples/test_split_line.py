"""A line is split over two warehouses and shipped in part.

Nine tea: north gives 6, south 3. North ships: its shelf is empty, the order is shipped in part.
South ships: 1 is left there, and the order is shipped.
"""

from inventory_core.services.contract import Said
from tests.services.mall import Mall


def test_a_line_is_split_and_shipped_in_part(mall: Mall) -> None:
    answer = mall.place("1", ("tea", 9))
    assert [(one.warehouse, one.quantity) for one in answer.order.allocations] == [
        ("north", 6),
        ("south", 3),
    ]
    mall.do(mall.flow.pay("mall/1"))
    assert mall.do(mall.flow.ship("mall/1", "north")).said is Said.PART_SHIPPED
    assert (mall.at("north", "tea"), mall.at("south", "tea")) == ((0, 0), (4, 3))
    assert mall.do(mall.flow.ship("mall/1", "south")).said is Said.SHIPPED
    assert mall.at("south", "tea") == (1, 0)
    assert mall.do(mall.stock.audit()) == ()
