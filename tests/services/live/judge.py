"""Judges a history against where its orders ended: each hold is resolved exactly once.

    answers of all clients  --+
    rows of the orders      --+--> complaints, one sentence each; none if it holds
    the engine's own books  --+

It shares no code with the services but their vocabulary.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from inventory_core.records import OrderState
from inventory_core.services.contract import Said
from tests.services.live.history import Deed

Effects = Counter[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class End:
    """Where an order stands at rest. `engine_units`: what the engine says that it owns."""

    state: OrderState
    generation: int
    under_way: bool
    units: int  # that the buyer asked for
    engine_units: int
    allocated: int


PLACED = ("place", Said.PLACED.value)
PAID = ("pay", Said.PAID.value)
PAID_LATE = ("pay", Said.PAID_LATE.value)
CANCELLED = ("cancel", Said.CANCELLED.value)
_EFFECTS = frozenset(
    {
        PLACED,
        PAID,
        PAID_LATE,
        CANCELLED,
        ("place", Said.REFUSED.value),
        ("pay", Said.REFUNDED.value),
        ("cancel", Said.REFUNDED.value),
    }
)
_LATER: Mapping[str, frozenset[OrderState]] = {
    Said.ALREADY_PAID.value: frozenset({OrderState.PAID, OrderState.REFUNDED}),
    Said.ALREADY_CANCELLED.value: frozenset({OrderState.CANCELLED}),
    Said.ALREADY_REFUNDED.value: frozenset({OrderState.REFUNDED}),
    Said.ALREADY_REFUSED.value: frozenset({OrderState.REFUSED}),
    Said.ALREADY_EXPIRED.value: frozenset(
        {OrderState.EXPIRED, OrderState.PAID, OrderState.REFUNDED}
    ),
}
"""Who was told that an order is settled was told the truth: where it may end after that."""


def stories_of(end: End) -> tuple[Effects, ...]:
    """The sets of effects, one for each way, in which an order can have ended so."""
    late = end.generation > 1
    match end.state:
        case OrderState.PAID:
            return (Counter({PLACED, PAID_LATE if late else PAID}),)
        case OrderState.EXPIRED:
            return (Counter({PLACED}),)
        case OrderState.CANCELLED:
            return (Counter({PLACED, CANCELLED}),)
        case OrderState.REFUSED:
            return (Counter({("place", Said.REFUSED.value)}),)
        case OrderState.REFUNDED:
            back = ("cancel", Said.REFUNDED.value)
            if late:
                return (Counter({PLACED, PAID_LATE, back}),)
            return (
                Counter({PLACED, ("pay", Said.REFUNDED.value)}),
                Counter({PLACED, PAID, back}),
            )
    return ()


def judged(deeds: Sequence[Deed], ends: Mapping[str, End], units: int) -> tuple[str, ...]:
    """Every complaint about a history that has come to rest. `units`: what there was to sell."""
    by_order: dict[str, list[Deed]] = defaultdict(list)
    for deed in deeds:
        by_order[deed.order_id].append(deed)
    found = [
        f"{order_id}: {complaint}"
        for order_id, history in by_order.items()
        for complaint in _complaints(history, ends.get(order_id))
    ]
    found += [f"{order_id}: nobody asked for it" for order_id in ends if order_id not in by_order]
    sold = sum(end.engine_units for end in ends.values())
    if sold > units:
        found.append(f"oversold: {sold} units are owned, and there were {units}")
    return tuple(found)


def _complaints(history: Sequence[Deed], end: End | None) -> Iterator[str]:
    if end is None:
        if any((deed.verb, deed.said) == PLACED for deed in history):
            yield "was acknowledged and is not there"
        return
    if end.under_way or end.state is OrderState.HELD:
        yield f"is not resolved at rest: {end.state.value}"
    owned = end.units if end.state in (OrderState.PAID, OrderState.HELD) else 0
    if end.engine_units != owned:
        yield f"{end.state.value}, and the engine has {end.engine_units} units of it"
    if end.allocated != owned:
        yield f"{end.state.value}, and warehouses have promised {end.allocated} units"
    yield from _untold(history, end)
    yield from _untrue(history, end)


def _untold(history: Sequence[Deed], end: End) -> Iterator[str]:
    """Do the answers tell a story that ends here? What nobody was told, somebody unsure did."""
    told = Counter(effect for deed in history if (effect := (deed.verb, deed.said)) in _EFFECTS)
    expired = any(_knew_of_expiry(deed) for deed in history)
    for story in stories_of(end):
        if expired and story[PAID]:  # what has expired is paid late, whoever asked first
            continue
        missing = Counter(verb for verb, _ in (story - told).elements())
        unsure = Counter(deed.verb for deed in history if deed.unsure)
        if not told - story and not missing - unsure:
            return
    answers = sorted(f"{verb}: {said}" for verb, said in told.elements())
    though = ", though it had expired" if expired else ""
    yield f"ends as {end.state.value} (generation {end.generation}){though}, and was told {answers}"


def _knew_of_expiry(deed: Deed) -> bool:
    """Did its client read, or was it told, that the order has expired?"""
    return deed.saw_expired or deed.said == Said.ALREADY_EXPIRED.value


def _untrue(history: Sequence[Deed], end: End) -> Iterator[str]:
    """Was anybody told what is not so?"""
    for deed in history:
        allowed = _LATER.get(deed.said)
        if allowed is not None and end.state not in allowed:
            yield f"{deed.client} was told {deed.said}, and it ends as {end.state.value}"
