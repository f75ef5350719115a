"""The life of a hold, verb by verb, is the same whatever strategy and stack stand behind it."""

from inventory_core.domain import Cell, Outcome
from scenarios.conformance.shop import Shop, order


def test_an_order_is_deducted_paid_and_shipped(shop: Shop) -> None:
    shop.open(a=5)
    verbs = shop.strategy
    assert shop.do(verbs.deduct(order("1", ("a", 2)))) is Outcome.DEDUCTED
    assert shop.left("a") == (3,)
    assert shop.do(verbs.pay("1")) is Outcome.PAID
    assert shop.do(verbs.pay("1")) is Outcome.ALREADY_PAID
    assert shop.do(verbs.ship("1")) is Outcome.SHIPPED
    assert shop.do(verbs.ship("1")) is Outcome.ALREADY_SHIPPED
    assert shop.do(verbs.roll_back("1")) is Outcome.ALREADY_SHIPPED
    shop.settle()
    assert shop.left("a") == (3,)
    shop.assert_law()


def test_the_same_order_again_is_replayed_and_another_body_is_mismatched(shop: Shop) -> None:
    shop.open(a=5)
    deduct = shop.strategy.deduct
    assert shop.do(deduct(order("1", ("a", 2)))) is Outcome.DEDUCTED
    assert shop.do(deduct(order("1", ("a", 2)))) is Outcome.REPLAYED
    assert shop.do(deduct(order("1", ("a", 3)))) is Outcome.MISMATCHED
    assert shop.left("a") == (3,)
    shop.settle()
    shop.assert_law()


def test_a_refusal_takes_nothing_of_any_line(shop: Shop) -> None:
    shop.open(a=5, b=1, c=5)
    basket = order("1", ("c", 1), ("b", 2), ("a", 3))
    assert shop.do(shop.strategy.deduct(basket)) is Outcome.REFUSED
    assert shop.left("a", "b", "c") == (5, 1, 5)
    shop.settle()
    shop.assert_law()


def test_the_same_sku_twice_counts_twice(shop: Shop) -> None:
    shop.open(a=3)
    assert shop.do(shop.strategy.deduct(order("1", ("a", 2), ("a", 2)))) is Outcome.REFUSED
    assert shop.do(shop.strategy.deduct(order("2", ("a", 2), ("a", 1)))) is Outcome.DEDUCTED
    assert shop.left("a") == (0,)
    shop.settle()
    shop.assert_law()


def test_a_rollback_gives_back_once(shop: Shop) -> None:
    shop.open(a=5)
    verbs = shop.strategy
    shop.do(verbs.deduct(order("1", ("a", 2))))
    assert shop.do(verbs.roll_back("1")) is Outcome.ROLLED_BACK
    assert shop.do(verbs.roll_back("1")) is Outcome.ALREADY_ROLLED_BACK
    assert shop.do(verbs.deduct(order("1", ("a", 2)))) is Outcome.ALREADY_ROLLED_BACK
    assert shop.do(verbs.pay("1")) is Outcome.ALREADY_ROLLED_BACK
    assert shop.left("a") == (5,)
    shop.settle()
    shop.assert_law()


def test_a_refund_before_shipment_gives_back(shop: Shop) -> None:
    shop.open(a=5)
    verbs = shop.strategy
    shop.do(verbs.deduct(order("1", ("a", 2))))
    shop.do(verbs.pay("1"))
    assert shop.do(verbs.roll_back("1")) is Outcome.REFUNDED
    assert shop.left("a") == (5,)
    shop.settle()
    shop.assert_law()


def test_a_rollback_before_its_deduction_leaves_a_tombstone(shop: Shop) -> None:
    shop.open(a=5)
    verbs = shop.strategy
    assert shop.do(verbs.roll_back("1")) is Outcome.TOMBSTONED
    assert shop.do(verbs.deduct(order("1", ("a", 2)))) is Outcome.ALREADY_ROLLED_BACK
    assert shop.left("a") == (5,)
    shop.settle()
    shop.assert_law()


def test_an_unpaid_hold_expires_only_when_it_is_due(shop: Shop) -> None:
    shop.open(a=5)
    verbs = shop.strategy
    shop.do(verbs.deduct(order("due", ("a", 2), hold_s=0.0)))
    shop.do(verbs.deduct(order("later", ("a", 1))))
    assert shop.do(verbs.expire("later")) is Outcome.NOT_DUE
    assert shop.do(verbs.expire("due")) is Outcome.EXPIRED
    assert shop.do(verbs.expire("due")) is Outcome.ALREADY_EXPIRED
    assert shop.do(verbs.deduct(order("due", ("a", 2)))) is Outcome.ALREADY_EXPIRED
    assert shop.left("a") == (4,)
    shop.settle()
    shop.assert_law()


def test_the_sweeper_expires_what_is_due_and_then_rests(shop: Shop) -> None:
    shop.open(a=5)
    verbs = shop.strategy
    shop.do(verbs.deduct(order("due", ("a", 2), hold_s=0.0)))
    shop.do(verbs.deduct(order("later", ("a", 1))))
    assert shop.do(verbs.sweep()) is True
    assert shop.do(verbs.sweep()) is False
    assert shop.left("a") == (4,)
    shop.settle()
    shop.assert_law()


def test_a_late_payment_deducts_again_while_there_is_stock(shop: Shop) -> None:
    shop.open(a=2)
    verbs = shop.strategy
    shop.do(verbs.deduct(order("1", ("a", 2), hold_s=0.0)))
    shop.do(verbs.expire("1"))
    assert shop.do(verbs.pay("1")) is Outcome.PAID_LATE
    assert shop.do(verbs.pay("1")) is Outcome.ALREADY_PAID
    assert shop.left("a") == (0,)
    shop.settle()
    assert shop.left("a") == (0,)
    shop.assert_law()


def test_a_late_payment_without_stock_is_refunded(shop: Shop) -> None:
    shop.open(a=2)
    verbs = shop.strategy
    shop.do(verbs.deduct(order("1", ("a", 2), hold_s=0.0)))
    shop.do(verbs.expire("1"))
    assert shop.do(verbs.deduct(order("2", ("a", 1)))) is Outcome.DEDUCTED
    assert shop.do(verbs.pay("1")) is Outcome.REFUNDED
    assert shop.do(verbs.pay("1")) is Outcome.REFUNDED
    assert shop.left("a") == (1,)
    shop.settle()
    shop.assert_law()


def test_unknown_and_unpaid_orders_get_their_own_answers(shop: Shop) -> None:
    shop.open(a=1)
    verbs = shop.strategy
    assert shop.do(verbs.pay("nobody")) is Outcome.NOT_FOUND
    assert shop.do(verbs.ship("nobody")) is Outcome.NOT_FOUND
    assert shop.do(verbs.expire("nobody")) is Outcome.NOT_FOUND
    shop.do(verbs.deduct(order("1", ("a", 1))))
    assert shop.do(verbs.ship("1")) is Outcome.NOT_PAID
    shop.settle()
    shop.assert_law()


def test_stock_is_adjusted_once_a_key_and_never_below_zero(shop: Shop) -> None:
    shop.open(a=5)
    adjust = shop.strategy.adjust
    assert shop.do(adjust("delivery", Cell("a"), 3, "restock")) is Outcome.ADJUSTED
    assert shop.do(adjust("delivery", Cell("a"), 3, "restock")) is Outcome.ALREADY_ADJUSTED
    assert shop.do(adjust("theft", Cell("a"), -9, "count")) is Outcome.REFUSED
    assert shop.do(adjust("theft", Cell("a"), -8, "count")) is Outcome.ADJUSTED
    assert shop.left("a") == (0,)
    shop.settle()
    shop.assert_law()


def test_draining_hands_back_the_exact_remainder_once(shop: Shop) -> None:
    shop.open(a=5)
    verbs = shop.strategy
    shop.do(verbs.deduct(order("1", ("a", 2))))
    assert shop.do(verbs.drain("close", Cell("a"))) == 3
    assert shop.do(verbs.drain("close", Cell("a"))) == 3
    assert shop.left("a") == (0,)
    shop.settle()
    shop.assert_law()


def test_an_order_of_two_hundred_lines_is_one_order(shop: Shop) -> None:
    skus = [f"sku {i:03}" for i in range(200)]
    shop.open(**dict.fromkeys(skus, 2))
    basket = order("1", *((sku, 1) for sku in reversed(skus)))
    assert shop.do(shop.strategy.deduct(basket)) is Outcome.DEDUCTED
    assert shop.left(*skus) == (1,) * 200
    assert shop.do(shop.strategy.roll_back("1")) is Outcome.ROLLED_BACK
    assert shop.left(*skus) == (2,) * 200
    shop.settle()
    shop.assert_law()
