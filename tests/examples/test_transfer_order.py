"""A transfer order: units that are on no shelf, and not lost.

    tea                           depot   in transit   north   unassigned
    at first                         10            0       6            3
    t1 sends 4                        6            4       6            3
    t1 arrives                        6            0      10            3
    t2 sends 3                        3            3      10            3
    2 of the 3 arrive                 3            0      12            2     one is lost

The unit that is lost is taken from those that no channel was given, so nobody's promise is broken.
What is promised is not sent away at all.
"""

from __future__ import annotations

from inventory_core.services.stock_answers import StockSaid
from tests.services.mall import Mall


def numbers(mall: Mall) -> tuple[int, int, int, int]:
    """Tea in the depot, in transit, in the north, and unassigned."""
    survey = mall.do(mall.stock.stock_of("tea"))
    assert survey.breaches == ()
    depot, north = mall.at("depot", "tea")[0], mall.at("north", "tea")[0]
    return depot, survey.in_transit, north, survey.stored.unassigned


def test_units_in_transit_are_counted_and_a_lost_one_is_too(mall: Mall) -> None:
    assert numbers(mall) == (10, 0, 6, 3)
    mall.do(mall.stock.plan_transfer("t1", "depot", "north", [("tea", 4)]))
    assert numbers(mall) == (10, 0, 6, 3)
    assert mall.do(mall.stock.send_transfer("t1")).said is StockSaid.DONE
    assert numbers(mall) == (6, 4, 6, 3)
    assert mall.do(mall.stock.receive_transfer("t1")).said is StockSaid.DONE
    assert numbers(mall) == (6, 0, 10, 3)

    mall.do(mall.stock.plan_transfer("t2", "depot", "north", [("tea", 3)]))
    mall.do(mall.stock.send_transfer("t2"))
    assert numbers(mall) == (3, 3, 10, 3)
    assert mall.do(mall.stock.receive_transfer("t2", {"tea": 2})).quantity == 1
    assert numbers(mall) == (3, 0, 12, 2)
    assert mall.sellable("tea") == 12


def test_what_was_promised_is_not_sent_away(mall: Mall) -> None:
    """North has 6, all of them ordered: not one may leave for south."""
    mall.place("1", ("tea", 6))
    mall.do(mall.stock.plan_transfer("t3", "north", "south", [("tea", 1)]))
    assert mall.do(mall.stock.send_transfer("t3")).said is StockSaid.NOT_ENOUGH
    assert mall.at("north", "tea") == (6, 6)
