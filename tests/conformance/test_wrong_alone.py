"""Controls that the suite leaves out, because one buyer alone is enough to see them fail."""

import pytest

from inventory_core.domain import Outcome
from inventory_core.strategy import registry
from scenarios.conformance.judged import LIMITS, WRONG_ALONE
from scenarios.conformance.shop import Shop, breaches, order
from scenarios.model import model_place


@pytest.mark.parametrize("name", sorted(WRONG_ALONE))
def test_one_order_breaks_the_law(name: str) -> None:
    place = model_place()
    strategy = registry.make(name, LIMITS)
    shop = Shop(strategy, place.connect, place.audit, place.connect())
    shop.open(a=5, b=5)
    assert shop.do(strategy.deduct(order("1", ("a", 1)))) is Outcome.DEDUCTED
    (book,) = shop.audit().books
    assert breaches(book) == ["b@online: 4 instead of 5"]
    assert strategy.control
