"""The figures of a shop's run: what was paid, what was held for nothing, who was turned away.

Goodput is *paid* orders a second, over the run's seconds: an order that is never paid is no sale.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scenarios.serving.checks.case import PLACING, TURNED_AWAY, Effect, ShopCase, serial_of
from scenarios.serving.checks.late_payments import supply_of
from scenarios.serving.checks.limit_per_buyer import most_by_buyer
from scenarios.serving.checks.remainder import came_home
from scenarios.statistics import percentile

Interval = tuple[int, int, int]  # from, until, units

_COUNTED = {"deducted": "deducted", "placed": "deducted", "replayed": "replayed"}
_PLURAL = {"contended": "contended", "error": "errors", "unknown": "unknown"}


def figures_of(case: ShopCase, ends_ns: int) -> dict[str, Any]:
    """Counts, speed and latencies of one run, in the fields of every row, and `shop`."""
    paid = [one for one in _ends(case, "paid", "paid_late") if one.replied_ns <= ends_ns]
    goodput = len(paid) / (ends_ns / 1e9)
    return {
        "goodput_per_s": goodput,
        "goodput_per_s_low": goodput,
        "goodput_per_s_high": goodput,
        "sold_out_after_s": None,
        **_counts(case),
        **_latencies(case),
        "warm_up_s": 0.0,
        "shop": {**_sales(case), **_holds(case), **_window(case)},
    }


def _ends(case: ShopCase, *what: str) -> list[Effect]:
    """The effects of these kinds on all orders."""
    return [one for effects in case.effects.values() for one in effects if one.what in what]


def _counts(case: ShopCase) -> dict[str, Any]:
    """Attempts to place, by outcome; refusals by their reason; what other verbs were answered."""
    names = ("deducted", "replayed", "contended", "errors", "unknown", "dropped", "refused")
    found = dict.fromkeys(names, 0)
    reasons: dict[str, int] = {}
    others: dict[str, int] = {}
    placing = 0
    for one in case.attempts:
        if one.kind not in PLACING:
            others[one.outcome] = others.get(one.outcome, 0) + 1
            continue
        placing += 1
        known = _COUNTED.get(one.outcome) or _PLURAL.get(one.outcome)
        if known is None:
            reason = "sold_out" if one.outcome == "refused" else one.outcome
            reasons[reason] = reasons.get(reason, 0) + 1
        found[known or "refused"] += 1
    others["expired"] = others.get("expired", 0) + len(case.expiries)
    return {
        "attempts": placing,
        **found,
        "refused_by_reason": reasons,
        "other_verbs": others,
    }


def _latencies(case: ShopCase) -> dict[str, float | None]:
    """Milliseconds from the intended time, of accepted and of refused orders apart."""
    waited: dict[str, list[float]] = {"accepted": [], "refused": []}
    for one in case.attempts:
        if one.kind in PLACING:
            answer = "accepted" if one.outcome in ("deducted", "placed") else one.outcome
            if answer in waited:
                waited[answer].append((one.replied_ns - one.intended_ns) / 1e6)
    return {
        f"{answer}_latency_ms_p{which}": percentile(np.asarray(samples), which)
        for answer, samples in waited.items()
        for which in (50, 99)
    }


def _sales(case: ShopCase) -> dict[str, float | None]:
    late = len(_ends(case, "paid_late"))
    turned = [one for one in case.attempts if one.kind == "pay" and one.outcome in TURNED_AWAY]
    units = sum(
        case.orders[serial].quantity
        for serial, effects in case.effects.items()
        if any(one.what in ("paid", "paid_late") for one in effects)
    )
    refunded = len(_ends(case, "refunded"))
    return {
        "placed_orders": len(_ends(case, "held", "placed")),
        "paid_orders": len(_ends(case, "paid", "paid_late")),
        "paid_units": units,
        "paid_late_orders": late,
        "refunded_late_orders": refunded,
        "cancelled_orders": len(_ends(case, "cancelled")),
        "refused_at_till_orders": len({one.serial for one in turned}) + refunded,
    }


def _holds(case: ShopCase) -> dict[str, float | None]:
    """What unpaid holds cost, and how soon their units were for sale, and sold, again."""
    ran_out = [one for some in _ran_out(case, True).values() for one in some]
    by_sku = _ran_out(case, False)
    abandoned = [one for some in by_sku.values() for one in some]
    to_return, to_resale = _delays_ms(case)
    return {
        "abandoned_holds": len(abandoned),
        "returned_units": sum(units for _, _, units in ran_out),
        "blocked_unit_s": sum((end - start) / 1e9 * units for start, end, units in abandoned),
        "turned_away_while_blocked": _turned_away(case, by_sku),
        **_spread("return_ms", to_return),
        **_spread("resale_ms", to_resale),
    }


def _spread(name: str, samples: Sequence[float]) -> dict[str, float | None]:
    """Percentiles, as far as there are samples enough for them, and the worst."""
    column = np.asarray(samples)
    found = {f"{name}_p{which}": percentile(column, which) for which in (50, 90, 99)}
    return {**found, f"{name}_worst": max(samples, default=None)}


def _deadlines_ns(case: ShopCase) -> dict[int, int]:
    """When each hold was over, by what its buyer was told, on the run's clock."""
    told = {serial_of(row.order_id): json.loads(row.answer or "{}") for row in case.books.orders}
    return {
        serial: round((answer["due_ms"] - case.clock.zero_ms) * 1e6)
        for serial, answer in told.items()
        if answer.get("due_ms")
    }


def _ran_out(case: ShopCase, paid_later: bool) -> dict[str, list[Interval]]:
    """By article, holds that ran out, from the answer to placing until the units were back.

    Those that were paid after all are left out unless asked for.
    """
    found: dict[str, list[Interval]] = {}
    for serial in case.effects:
        held, expired = case.when(serial, "held"), case.when(serial, "expired")
        if held is None or expired is None:
            continue
        if paid_later or case.when(serial, "paid_late") is None:
            order = case.orders[serial]
            interval = (held.replied_ns, expired.replied_ns, order.quantity)
            found.setdefault(order.sku, []).append(interval)
    return found


def _turned_away(case: ShopCase, abandoned: Mapping[str, Sequence[Interval]]) -> int:
    """Buyers told "sold out" while holds that were never paid had units enough for them."""
    turned = 0
    for one in case.attempts:
        if one.kind in PLACING and one.outcome == "refused" and one.delivery == 0:
            order = case.orders[one.serial]
            blocked = sum(
                units
                for start, end, units in abandoned.get(order.sku, ())
                if start <= one.sent_ns and end >= one.replied_ns
            )
            turned += int(blocked >= order.quantity)
    return turned


def _delays_ms(case: ShopCase) -> tuple[list[float], list[float]]:
    """From a hold's deadline until its units were back, and until they were sold again.

    Units of an article are alike, so they count as sold in the order in which they came: first
    those that were there from the beginning, then those that came back, oldest first.
    """
    due_ns = _deadlines_ns(case)
    sold: dict[str, list[int]] = {}
    back: dict[str, list[tuple[int, int | None]]] = {}
    for serial, effects in case.effects.items():
        order = case.orders[serial]
        for one in effects:
            if one.what in ("held", "paid_late"):
                sold.setdefault(order.sku, []).extend([one.replied_ns] * order.quantity)
            elif one.what in ("expired", "cancelled"):
                due = due_ns.get(serial) if one.what == "expired" else None
                back.setdefault(order.sku, []).extend([(one.replied_ns, due)] * order.quantity)
    to_return, to_resale = [], []
    for sku, units in back.items():
        later = sorted(sold.get(sku, ()))[supply_of(case) :]
        returned = sorted(units, key=lambda unit: unit[0])
        for place, (at_ns, due) in enumerate(returned):
            if due is None:
                continue
            to_return.append(max(0.0, (at_ns - due) / 1e6))
            if place < len(later):
                to_resale.append(max(0.0, (later[place] - due) / 1e6))
    return to_return, to_resale


def _window(case: ShopCase) -> dict[str, float | None]:
    """What the activity sold, and how its remainder went home."""
    if case.window_ms is None:
        return {}
    opens_ms, closes_ms = case.window_ms
    sales = [case.when(serial, "held", "placed") for serial in case.effects]
    first = min((one.replied_ns for one in sales if one is not None), default=None)
    turned = [one for one in case.attempts if one.outcome == "activity_not_open"]
    before = sum(case.clock.ms(one.sent_ns) < opens_ms for one in turned)
    after = sum(case.clock.ms(one.replied_ns) >= closes_ms for one in turned)
    home = [came_home(case, sku) for sku in case.buyers.skus]
    over = [one for one in case.attempts if one.outcome == "limit_per_buyer"]
    return {
        "opens_s": (opens_ms - case.clock.zero_ms) / 1e3,
        "closes_s": (closes_ms - case.clock.zero_ms) / 1e3,
        "opened_after_ms": None if first is None else case.clock.ms(first) - opens_ms,
        "refused_before": before,
        "refused_after": after,
        "refused_over_limit": len(over),
        "most_of_one_buyer": max((most for most, _ in most_by_buyer(case).values()), default=0),
        "quota_units": case.shop.quota * len(case.buyers.skus),
        "home_at_close_units": sum(at_close for at_close, _ in home),
        "home_later_units": sum(later for _, later in home),
    }
