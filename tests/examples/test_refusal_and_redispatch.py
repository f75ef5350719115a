"""A third-party warehouse refuses, and another takes over.

An order of 2 tea for the west goes to south, a third party. Paid and dispatched, south says that it
has no van. Its promise ends, north promises the same 2 units, and the buyer's hold was never
broken: sellable does not move.

    tea                south (physical, pre-occupied)   north       sellable
    at first                (4, 0)                      (6, 0)         12
    placed, paid            (4, 2)                      (6, 0)         10
    south refuses           (4, 0)                      (6, 2)         10
    north ships             (4, 0)                      (4, 0)         10
"""

from __future__ import annotations

from inventory_core.records import AllocationState, OrderState
from inventory_core.services.contract import Said
from tests.services.mall import Mall


def numbers(mall: Mall) -> tuple[tuple[int, int], tuple[int, int], int]:
    """South, north, and what the mall may still sell."""
    return mall.at("south", "tea"), mall.at("north", "tea"), mall.sellable("tea")


def test_another_warehouse_takes_over(mall: Mall) -> None:
    assert numbers(mall) == ((4, 0), (6, 0), 12)
    mall.place("1", ("tea", 2), address="west/bay")
    mall.do(mall.flow.pay("mall/1"))
    mall.do(mall.flow.dispatch("mall/1"))
    assert numbers(mall) == ((4, 2), (6, 0), 10)

    answer = mall.do(mall.flow.refuse_dispatch("mall/1", "south", "no van"))

    assert answer.said is Said.REDISPATCHED
    assert [(one.warehouse, one.quantity, one.state) for one in answer.order.allocations] == [
        ("south", 2, AllocationState.REFUSED),
        ("north", 2, AllocationState.RESERVED),
    ]
    assert numbers(mall) == ((4, 0), (6, 2), 10)
    mall.do(mall.flow.dispatch("mall/1"))
    assert mall.do(mall.flow.ship("mall/1", "north")).said is Said.SHIPPED
    assert numbers(mall) == ((4, 0), (4, 0), 10)


def test_what_nobody_else_has_stays_promised(mall: Mall) -> None:
    """Only south has pots: its refusal is reported, and the hold is not silently broken."""
    mall.place("1", ("pot", 1), address="west/bay")
    mall.do(mall.flow.pay("mall/1"))
    answer = mall.do(mall.flow.refuse_dispatch("mall/1", "south", "no van"))
    assert answer.said is Said.UNDISPATCHABLE
    assert mall.at("south", "pot") == (2, 1)
    assert mall.order("mall/1").state is OrderState.PAID
