"""What a dead node strands, and when it comes back."""

from dataclasses import dataclass

from inventory_core.domain import Cell, Limits, Line, Opening, Order, Outcome
from inventory_core.drivers import carry_out
from scenarios.model import model_place
from strategies.leased_quota import LeasedQuota

A = Cell("a")
LIMITS = Limits(quota=50, nodes=2, lease_ms=2_000)


@dataclass(frozen=True)
class OnNode(LeasedQuota):
    """The same, for buyers who all land on one node."""

    at: int = 0

    async def node(self) -> int:
        return self.at


def test_what_a_dead_node_has_leased_comes_back_when_its_lease_ends() -> None:
    place = model_place()
    perform = place.connect().perform
    doomed, other = OnNode(LIMITS, 0), OnNode(LIMITS, 1)
    carry_out(doomed.load([Opening(A, 100)]), perform)
    for number in range(3):  # then it dies, with 47 of its 50 units unsold
        assert carry_out(doomed.deduct(order(f"doomed {number}")), perform) is Outcome.DEDUCTED

    answers = [carry_out(other.deduct(order(f"other {n}")), perform) for n in range(97)]
    assert answers.count(Outcome.DEDUCTED) == 50
    assert answers[50:] == [Outcome.REFUSED] * 47, "refused, with 47 units stranded"
    assert carry_out(other.read([A]), perform) == (47,)

    assert carry_out(other.reclaim(), perform) is False, "the lease has not ended yet"
    place.sleep(LIMITS.lease_ms / 1000 - 0.001)
    assert carry_out(other.reclaim(), perform) is False
    place.sleep(0.001)
    assert carry_out(other.reclaim(), perform) is True
    again = [carry_out(other.deduct(order(f"again {n}")), perform) for n in range(48)]
    assert again == [Outcome.DEDUCTED] * 47 + [Outcome.REFUSED]


def test_a_node_that_comes_back_after_its_lease_finds_its_quota_gone() -> None:
    place = model_place()
    perform = place.connect().perform
    paused, other = OnNode(LIMITS, 0), OnNode(LIMITS, 1)
    carry_out(paused.load([Opening(A, 50)]), perform)
    assert carry_out(paused.deduct(order("1")), perform) is Outcome.DEDUCTED
    place.sleep(LIMITS.lease_ms / 1000)
    assert carry_out(other.reclaim(), perform) is True
    sold = [carry_out(other.deduct(order(f"other {n}")), perform) for n in range(49)]
    assert sold == [Outcome.DEDUCTED] * 49
    assert carry_out(paused.deduct(order("2")), perform) is Outcome.REFUSED


def order(number: str) -> Order:
    """An order of one unit."""
    return Order(number, (Line(A, 1),))
