"""A third-party warehouse refuses, and another takes over.

Two tea go west, so south (a third party's) is told to ship them: 4 physical, 2 pre-occupied. It has
no van. North takes over: south 4 and 0, north 6 and 2; what may be promised stays the same.
"""

from inventory_core.records import AllocationState
from inventory_core.services.contract import Said
from tests.services.mall import Mall


def test_another_warehouse_takes_over(mall: Mall) -> None:
    mall.place("1", ("tea", 2), address="west/bay/pier")
    mall.do(mall.flow.pay("mall/1"))
    mall.do(mall.flow.dispatch("mall/1"))
    assert mall.at("south", "tea") == (4, 2)
    answer = mall.do(mall.flow.refuse_dispatch("mall/1", "south", "no van"))
    assert answer.said is Said.REDISPATCHED
    assert (mall.at("south", "tea"), mall.at("north", "tea")) == ((4, 0), (6, 2))
    assert [(one.warehouse, one.state) for one in answer.order.allocations] == [
        ("south", AllocationState.REFUSED),
        ("north", AllocationState.RESERVED),
    ]
    assert mall.sellable("tea") == 10
    assert mall.do(mall.stock.audit()) == ()
