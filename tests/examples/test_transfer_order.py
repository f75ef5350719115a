"""A transfer order: units that are on no shelf and not lost.

The depot sends 4 tea north: 6 are left there, 4 are in transit. They arrive: north has 10. Of a
second transfer of 3, only 2 arrive: the one that is missing is taken from what no channel was given
(3 unassigned become 2).
"""

from inventory_core.services.contract import Said
from inventory_core.services.stock_answers import StockSaid
from tests.services.mall import Mall


def test_units_in_transit_are_counted(mall: Mall) -> None:
    mall.do(mall.stock.plan_transfer("t1", "depot", "north", [("tea", 4)]))
    assert mall.at("depot", "tea") == (10, 0)
    assert mall.do(mall.stock.send_transfer("t1")).said is StockSaid.DONE
    survey = mall.do(mall.stock.stock_of("tea"))
    assert (mall.at("depot", "tea"), survey.in_transit, survey.breaches) == ((6, 0), 4, ())
    assert mall.do(mall.stock.receive_transfer("t1")).said is StockSaid.DONE
    survey = mall.do(mall.stock.stock_of("tea"))
    assert (mall.at("north", "tea"), survey.in_transit) == ((10, 0), 0)


def test_what_is_lost_on_the_way_is_taken_from_the_unassigned(mall: Mall) -> None:
    mall.do(mall.stock.plan_transfer("t2", "depot", "north", [("tea", 3)]))
    mall.do(mall.stock.send_transfer("t2"))
    mall.do(mall.stock.receive_transfer("t2", {"tea": 2}))
    survey = mall.do(mall.stock.stock_of("tea"))
    assert (mall.at("north", "tea"), survey.stored.unassigned) == ((8, 0), 2)
    assert mall.do(mall.stock.audit()) == ()


def test_what_was_promised_is_not_sent_away(mall: Mall) -> None:
    assert mall.place("1", ("tea", 6)).said is Said.PLACED  # all that north has
    mall.do(mall.stock.plan_transfer("t3", "north", "south", [("tea", 1)]))
    assert mall.do(mall.stock.send_transfer("t3")).said is StockSaid.NOT_ENOUGH
