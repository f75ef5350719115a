"""What a dead client left in the keys is found, however much there is and wherever it lies."""

from inventory_core.domain import Cell, Limits, Opening, Outcome
from inventory_core.drivers import carry_out
from inventory_core.steps import kv
from inventory_core.strategy import registry
from scenarios.conformance.shop import breaches, order
from scenarios.model import model_place

LIMITS = Limits(recovery_batch=3)


def test_recovery_reads_every_batch_and_leaves_live_holds_alone() -> None:
    place = model_place()
    session = place.connect(LIMITS)
    strategy = registry.make("redis_with_task", LIMITS)
    carry_out(strategy.load([Opening(Cell("a"), 50)]), session.perform)
    for n in range(20):
        basket = order(f"{n:02}", ("a", 1))
        if n % 3:
            assert carry_out(strategy.deduct(basket), session.perform) is Outcome.DEDUCTED
        else:  # counted, and then its client died before the rows knew of it
            assert session.perform(kv.Deduct(basket)) is Outcome.DEDUCTED
    carry_out(strategy.recover(), session.perform)
    assert carry_out(strategy.read([Cell("a")]), session.perform) == (50 - 13,)
    for book in place.audit().books:
        assert breaches(book) == []
    session.close()
