"""The judge itself: true histories pass, and every lie about one is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inventory_core.records import OrderState
from tests.services.live.history import Deed
from tests.services.live.judge import End, judged


def told(*deeds: tuple[str, str]) -> list[Deed]:
    """A history of one order, one deed after the other; an empty answer never came."""
    return [
        Deed("c", verb, "mall/1", 10 * n, 10 * n + 5 if said else 0, said)
        for n, (verb, said) in enumerate(deeds)
    ]


def end(state: OrderState, generation: int = 1, units: int = 0) -> dict[str, End]:
    """Where it ended; one unit was asked for."""
    return {"mall/1": End(state, generation, False, 1, units, units)}


PLACED, PAID = ("place", "placed"), ("pay", "paid")
TRUE = {
    "paid": (told(PLACED, PAID, ("pay", "already_paid")), end(OrderState.PAID, 1, 1)),
    "paid late": (told(PLACED, ("pay", "paid_late")), end(OrderState.PAID, 2, 1)),
    "expired": (told(PLACED, ("cancel", "already_expired")), end(OrderState.EXPIRED)),
    "cancelled": (told(PLACED, ("cancel", "cancelled")), end(OrderState.CANCELLED)),
    "refunded late": (told(PLACED, ("pay", "refunded")), end(OrderState.REFUNDED)),
    "paid and refunded": (told(PLACED, PAID, ("cancel", "refunded")), end(OrderState.REFUNDED)),
    "paid, reply lost": (told(PLACED, ("pay", "")), end(OrderState.PAID, 1, 1)),
    "known to be expired, paid late": (
        told(PLACED, ("cancel", "already_expired"), ("pay", "paid_late")),
        end(OrderState.PAID, 2, 1),
    ),
    "known to be expired, and no units for who paid late": (
        told(PLACED, ("cancel", "already_expired"), ("pay", "refunded")),
        end(OrderState.REFUNDED),
    ),
    "paid late and refunded": (
        told(PLACED, ("cancel", "already_expired"), ("pay", "paid_late"), ("cancel", "refunded")),
        end(OrderState.REFUNDED, 2),
    ),
    "not paid, request lost": (told(PLACED, ("pay", "")), end(OrderState.EXPIRED)),
}
FALSE = {
    "lost": (told(PLACED), {}),
    "paid, yet expired": (told(PLACED, PAID), end(OrderState.EXPIRED)),
    "paid twice": (told(PLACED, PAID, PAID), end(OrderState.PAID, 1, 1)),
    "paid and cancelled": (told(PLACED, PAID, ("cancel", "cancelled")), end(OrderState.CANCELLED)),
    "paid by nobody": (told(PLACED), end(OrderState.PAID, 1, 1)),
    "late, told paid": (told(PLACED, PAID), end(OrderState.PAID, 2, 1)),
    "never resolved": (told(PLACED), end(OrderState.HELD, 1, 1)),
    "leaked": (told(PLACED), end(OrderState.EXPIRED, 1, 1)),
    "given away": (told(PLACED, PAID), end(OrderState.PAID)),
    "told a lie": (
        told(PLACED, PAID, ("cancel", "already_expired")),
        end(OrderState.PAID, 1, 1),
    ),
    "told a lie, and a reply was lost": (
        told(PLACED, ("pay", ""), ("cancel", "already_expired")),
        end(OrderState.PAID, 1, 1),
    ),
    "told a lie, and refunded": (
        told(PLACED, ("pay", ""), ("pay", "already_expired"), ("cancel", "refunded")),
        end(OrderState.REFUNDED),
    ),
    "paid after it was known to be expired": (
        told(PLACED, ("cancel", "already_expired"), PAID),
        end(OrderState.PAID, 1, 1),
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_true_history_is_not_accused(name: str) -> None:
    deeds, ends = TRUE[name]
    assert judged(deeds, ends, 1) == ()


@pytest.mark.parametrize("name", FALSE)
def test_a_false_history_is_accused(name: str) -> None:
    deeds, ends = FALSE[name]
    assert judged(deeds, ends, 1)


def test_who_owns_more_than_there_was_has_oversold() -> None:
    deeds, ends = TRUE["paid"]
    assert judged(deeds, ends, 0) == ("oversold: 1 units are owned, and there were 0",)


def test_what_nobody_asked_for_is_accused() -> None:
    _, ends = TRUE["paid"]
    assert judged([], {"mall/2": replace(ends["mall/1"])}, 1)


def test_a_payment_in_time_is_accused_if_its_client_had_read_that_it_was_too_late() -> None:
    placed, paid = told(PLACED, PAID)
    deeds = [placed, replace(paid, saw_expired=True)]
    assert judged([placed, paid], end(OrderState.PAID, 1, 1), 1) == ()
    (found,) = judged(deeds, end(OrderState.PAID, 1, 1), 1)
    assert "though it had expired" in found
