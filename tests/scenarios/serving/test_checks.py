"""The checks of the shop on made-up runs: true histories pass, and one lie at a time is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inventory_core.records import (
    BuyerCount,
    DeductAt,
    Intent,
    OrderLine,
    OrderState,
    ShopOrder,
)
from inventory_core.stores.audit import Audit
from scenarios.scenario import load_scenario
from scenarios.serving.books import ShopBooks
from scenarios.serving.buyers import Buyers
from scenarios.serving.checks import late_payments, limit_per_buyer, resolved_once, window
from scenarios.serving.checks.case import Clock, ShopCase, ShopCheck
from scenarios.serving.client import Served
from scenarios.serving.figures import figures_of
from scenarios.serving.watching import Expiry

MS = 1_000_000
SETS = ["demand.rate_per_s=20", "demand.quantities=[1]", "demand.duplicates=0"]


def told(serial: int, kind: str, outcome: str, at_ms: int) -> Served:
    return Served(serial, kind, 0, 0, 0, at_ms * MS, at_ms * MS, (at_ms + 1) * MS, outcome)


def expired(serial: int, at_ms: int) -> Expiry:
    return Expiry(f"web/o{serial:08d}", 1, at_ms * MS, (at_ms + 1) * MS)


def stored(serial: int, state: OrderState, placed_ms: int = 10, buyer: str = "") -> ShopOrder:
    number = f"o{serial:08d}"
    return ShopOrder(
        f"web/{number}", "web", number, buyer, "east", "", DeductAt.ORDER, False, state,
        Intent.NONE, 0, 1, placed_ms, 1, 0, "", '{"due_ms": 1010}',
    )  # fmt: skip


def a_case(
    attempts: Sequence[Served],
    states: dict[int, OrderState],
    expiries: Sequence[Expiry] = (),
    name: str = "payment_timeouts",
) -> ShopCase:
    buyers = Buyers(load_scenario(name, SETS), 1, 1.0)
    orders = tuple(stored(serial, state) for serial, state in states.items())
    books = ShopBooks(orders=orders)
    return ShopCase(buyers, attempts, expiries, books, Audit(()), Clock(0.0, 1.0))


def broken(check: ShopCheck, case: ShopCase) -> list[str]:
    found = check.examine(check, case)
    return [] if found.first is None else [found.first.what]


PAID = [told(0, "deduct", "deducted", 10), told(0, "pay", "paid", 200)]
LATE = [told(0, "deduct", "deducted", 10), told(0, "pay", "paid_late", 1500)]


def test_a_hold_that_is_paid_or_expired_or_paid_late_is_resolved_once() -> None:
    check = resolved_once.CHECK
    assert not broken(check, a_case(PAID, {0: OrderState.PAID}))
    alone = [PAID[0]]
    assert not broken(check, a_case(alone, {0: OrderState.EXPIRED}, [expired(0, 1020)]))
    assert not broken(check, a_case(LATE, {0: OrderState.PAID}, [expired(0, 1020)]))


def test_paid_and_expired_or_expired_twice_or_forgotten_is_seen() -> None:
    check = resolved_once.CHECK
    both = a_case(PAID, {0: OrderState.EXPIRED}, [expired(0, 1020)])
    assert "paid and expired" in broken(check, both)[0]
    twice = a_case(PAID[:1], {0: OrderState.EXPIRED}, [expired(0, 1020), expired(0, 1030)])
    assert "expired and expired" in broken(check, twice)[0]
    assert "for ever" in broken(check, a_case(PAID[:1], {0: OrderState.HELD}))[0]
    assert "its book says" in broken(check, a_case(PAID, {0: OrderState.CANCELLED}))[0]
    assert "in no book" in broken(check, a_case(PAID, {}))[0]


def test_a_late_payment_is_judged_by_when_the_hold_ran_out_and_what_was_free() -> None:
    check = late_payments.CHECK
    assert not broken(check, a_case(LATE, {}, [expired(0, 1020)]))
    assert "had not run out" in broken(check, a_case(LATE, {}))[0]
    after = [PAID[0], told(0, "pay", "paid", 1500)]
    assert "had run out before" in broken(check, a_case(after, {}, [expired(0, 1020)]))[0]
    closed = a_case(
        [PAID[0], told(0, "pay", "refunded", 1500)], {}, [expired(0, 1020)], "activity_window"
    )
    assert "were free" in broken(check, replace(closed, window_ms=(0, 4_000)))[0]
    assert not broken(check, replace(closed, window_ms=(0, 1_400))), "its units have gone home"
    refunded = [PAID[0], told(0, "pay", "refunded", 1500)]
    free = a_case(refunded, {}, [expired(0, 1020)])
    assert "were free" in broken(check, free)[0]
    stock = replace(free.buyers.scenario.stock, quantity=0)
    none = replace(free, buyers=replace(free.buyers, scenario=replace(
        free.buyers.scenario, stock=stock)))  # fmt: skip
    assert not broken(check, none)


def test_a_sale_outside_the_window_is_seen_and_one_at_its_edge_is_not() -> None:
    case = a_case(PAID, {}, name="activity_window")
    check = window.CHECK
    assert not broken(check, replace(case, window_ms=(5, 1000)))
    assert not broken(check, replace(case, window_ms=(12, 1000))), "the clocks' error"
    assert "before it opened" in broken(check, replace(case, window_ms=(500, 1000)))[0]
    assert "after it closed" in broken(check, replace(case, window_ms=(0, 5)))[0]
    away = [*PAID, told(1, "deduct", "activity_not_open", 300)]
    inside = replace(case, attempts=away, window_ms=(5, 1000))
    assert "while it was" in broken(check, inside)[0]


def test_three_units_of_one_buyer_are_over_a_limit_of_two_unless_one_came_back() -> None:
    check = limit_per_buyer.CHECK
    held = [told(serial, "deduct", "deducted", 10 * serial) for serial in range(3)]
    assert "had 3 units" in broken(check, of_one_buyer(held))[0]
    back = [*held, told(0, "roll_back", "rolled_back", 15)]
    assert not broken(check, of_one_buyer(back))


def test_a_count_of_a_buyer_that_their_orders_do_not_explain_is_seen() -> None:
    case = a_case([], {}, name="activity_window")
    line = OrderLine("web/o00000000", 1, 1, "e", "activity:drop", "drop", "sku-1", 1, 1)
    order = stored(0, OrderState.PAID, buyer="ann")
    books = ShopBooks(orders=(order,), lines=(line,), counts=(BuyerCount("drop", "ann", 1),))
    assert not broken(limit_per_buyer.CHECK, replace(case, books=books))
    wrong = replace(books, counts=(BuyerCount("drop", "ann", 2),))
    assert "counted with 2" in broken(limit_per_buyer.CHECK, replace(case, books=wrong))[0]


def test_units_of_an_expired_hold_are_resold_to_whom_comes_next() -> None:
    case = a_case([], {})
    same = [s for s, o in sorted(case.orders.items()) if o.sku == case.orders[0].sku][:2]
    first, second = same
    scenario = case.buyers.scenario
    scenario = replace(scenario, stock=replace(scenario.stock, quantity=1))
    attempts = [told(first, "deduct", "deducted", 10), told(second, "deduct", "deducted", 1100)]
    books = ShopBooks(orders=(stored(first, OrderState.EXPIRED),))
    case = replace(
        case,
        buyers=replace(case.buyers, scenario=scenario),
        attempts=attempts,
        expiries=[expired(first, 1049)],
        books=books,
    )
    shop = figures_of(case, 2_000 * MS)["shop"]
    assert shop["returned_units"] == 1
    assert shop["return_ms_worst"] == 40
    assert shop["resale_ms_worst"] == 91


def of_one_buyer(attempts: Sequence[Served]) -> ShopCase:
    """A run of the activity in which all orders are one buyer's."""
    case = a_case(attempts, {}, name="activity_window")
    every = {serial: order._replace(buyer="ann") for serial, order in case.orders.items()}
    object.__setattr__(case, "orders", every)
    return case
