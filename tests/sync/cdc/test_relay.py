"""From the source to the product: nothing is lost and nothing counts twice, whoever dies where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from inventory_core.problems import Problem
from inventory_core.sync.cdc.broker import Broker
from inventory_core.sync.cdc.errors import BrokerLost, Stopped
from inventory_core.sync.cdc.relay import Relay
from tests.sync.cdc.shop import LIMITS, Shop, totals
from workbench.cdc_audit import Audit, audited

pytestmark = [pytest.mark.live, pytest.mark.slow]


def outcome(shop: Shop) -> Audit:
    """What the product holds in the end, after a relay that nobody disturbs."""
    shop.relay().run()
    shelf = shop.shelf()
    shop.consume(shelf)
    return audited(shop.folder / "product.db", shop.rows())


def test_the_product_holds_what_the_source_holds(shop: Shop) -> None:
    shop.relay(turns=3).run()
    shop.hang_up()
    shop.sell("tea", 3)
    shop.run(f"DELETE FROM {shop.table} WHERE sku = 'cup'")
    found = outcome(shop)
    assert found.holds
    assert totals(shop.shelf(), "tea", "cup") == {"tea": 7, "cup": 0}


def test_a_row_that_leaves_the_condition_is_gone_from_the_product(shop: Shop) -> None:
    rules = shop.rules(where=[{"column": "sellable", "at_least": 5}])
    shop.run(f"UPDATE {shop.table} SET sellable = 6")
    shop.relay(rules=rules, turns=3).run()
    shop.hang_up()
    shop.sell("tea", 3)
    shop.relay(rules=rules).run()
    shelf = shop.shelf()
    shop.consume(shelf)
    assert totals(shelf, "tea", "cup") == {"tea": 0, "cup": 6}


def test_other_rules_begin_a_new_snapshot(shop: Shop) -> None:
    shop.relay(turns=3).run()
    shop.hang_up()
    few = shop.rules(where=[{"column": "sellable", "at_least": 5}])
    shop.relay(rules=few, turns=3).run()
    shop.hang_up()
    shelf = shop.shelf()
    shop.consume(shelf)
    assert totals(shelf, "tea", "cup") == {"tea": 10, "cup": 0}
    shop.hang_up()
    assert outcome(shop).holds


class Failing:
    """A broker whose connection breaks at the n-th publication: before it, or after it."""

    def __init__(self, broker: Broker, at: int, *, taken: bool) -> None:
        self._broker = broker
        self._left = at
        self._taken = taken
        self.settles_after_s = broker.settles_after_s

    def publish(self, bodies: Sequence[bytes]) -> int:
        self._left -= 1
        if self._left or self._taken:
            self._broker.publish(bodies)
        if not self._left:
            raise BrokerLost("on purpose")
        return len(bodies)

    def backlog(self) -> int:
        return self._broker.backlog()

    def close(self) -> None:
        self._broker.close()


class Hasty(Relay):
    """A planted bug: acknowledges what it has not published yet."""

    def turn(self) -> int:
        captured = self._capture.read(self._limits.batch_changes, self._limits.idle_s)
        self._published(captured)
        self._publish(captured.changes)
        return len(captured.changes)


def died_at_the_first_change(shop: Shop, kind: type[Relay], *, taken: bool) -> Audit:
    """A relay dies as it publishes a change; the next one goes on."""
    shop.relay(kind, turns=3).run()
    shop.hang_up()
    shop.sell("tea", 3)
    failing = Failing(shop.broker(), 1, taken=taken)
    with pytest.raises(BrokerLost):
        shop.relay(kind, broker=failing).run()  # type: ignore[arg-type]
    shop.hang_up()
    shop.sell("cup")
    return outcome(shop)


@pytest.mark.parametrize("taken", [False, True])
def test_a_relay_that_dies_as_it_publishes_loses_nothing_and_repeats_nothing(
    shop: Shop, taken: bool
) -> None:
    assert died_at_the_first_change(shop, Relay, taken=taken).holds


def test_a_relay_that_acknowledges_before_it_publishes_is_caught(shop: Shop) -> None:
    found = died_at_the_first_change(shop, Hasty, taken=False)
    assert found.differing_rows == 2  # the source's row, and what the product holds instead
    assert not found.holds


def test_a_relay_that_dies_in_its_snapshot_takes_another(shop: Shop) -> None:
    failing = Failing(shop.broker(), 2, taken=True)
    with pytest.raises(BrokerLost):
        shop.relay(broker=failing).run()  # type: ignore[arg-type]
    shop.hang_up()
    shop.sell("tea")
    assert outcome(shop).holds


def test_a_product_that_comes_later_gets_a_snapshot_and_then_the_log(shop: Shop) -> None:
    shop.relay(turns=3).run()
    shelf = shop.shelf()
    shop.consume(shelf)
    shop.hang_up()
    shop.sell("tea", 3)
    shop.relay().run()
    late = shop.shelf(name="late.db")
    shop.consume(late, ask=shop.state().want_snapshot)
    assert totals(late, "tea") == {"tea": 0}
    shop.hang_up()
    shop.sell("cup")
    shop.relay().run()
    late = shop.shelf(name="late.db")
    shop.consume(late)
    assert totals(late, "tea", "cup") == shop.cells()


def test_a_slot_that_somebody_dropped_is_explained(shop: Shop) -> None:
    shop.relay(turns=3).run()
    shop.hang_up()
    shop.drop_slot()
    with pytest.raises(Problem, match="take a new snapshot with stockproof cdc replay"):
        shop.relay().run()


def test_a_full_broker_makes_the_relay_wait_and_read_nothing(shop: Shop) -> None:
    narrow = replace(LIMITS, backlog_messages=2, message_changes=1)
    shop.relay(turns=3).run()
    shop.hang_up()
    for _ in range(6):
        shop.sell()
    with pytest.raises(Stopped):
        shop.relay(broker=shop.broker(narrow), limits=narrow).run()
    assert shop.state().noted()["broker_full_waits"] > 0
    shop.hang_up()
    assert outcome(shop).holds  # it goes on where it waited
