"""A shop's comparison: its columns, and its answer in words. Goodput is paid orders a second.

A row of a shop has `shop`, the figures of what became of its orders; medians of the repetitions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from reports.load import Comparison
from reports.standing import Standing
from reports.table import ACCOUNT, COLUMNS, Column
from reports.wording import ABSENT, count, figure, is_figure, number_word


def is_shop(comparison: Comparison) -> bool:
    """Did buyers come to the order flow, and not to a bare strategy?"""
    return bool(comparison.rows["shop"].map(bool).any())


def both_rules(comparison: Comparison) -> bool:
    """Were units deducted at order time in one row, and at payment time in another?"""
    return set(comparison.rows["rule"]) >= {"order", "payment"}


def has_window(comparison: Comparison) -> bool:
    """Was there an activity?"""
    return any("opens_s" in shop for shop in comparison.rows["shop"])


def of(row: pd.Series, name: str) -> Any:
    """A figure of the shop; None if it has none."""
    return row["shop"].get(name)


def columns_of(comparison: Comparison) -> tuple[Column, ...]:
    """The main table's columns."""
    if not is_shop(comparison):
        return COLUMNS
    special: tuple[Column, ...] = _HOLDS
    if has_window(comparison):
        special = _WINDOW
    elif both_rules(comparison):
        special = _TILL
    return (COLUMNS[0], *_SPEED, *special, *_HARM, *_COST)


def account_of(comparison: Comparison) -> tuple[Column, ...]:
    """The columns of the table that accounts for every attempt."""
    if not is_shop(comparison):
        return ACCOUNT
    return tuple(column for column in ACCOUNT if column.head != "units left over")


def headline(comparison: Comparison, standing: Standing) -> str:
    """The answer in one sentence."""
    holding = standing.holding
    if holding.empty:
        return "No shop here can be recommended: none of them holds."
    first = holding.iloc[0]
    if has_window(comparison):
        return f"Nothing was sold outside the window{_home(first)}."
    if both_rules(comparison):
        return f"{till_finding(holding)}."
    return (
        f"Every hold was resolved once; with {first['label']}, units that nobody paid were for sale"
        f" {_ms(first, 'return')} after their deadline and sold {_ms(first, 'resale')} after it."
    )


def sentences(comparison: Comparison, standing: Standing) -> Iterator[str]:
    """What each shop that holds did."""
    for _, row in standing.holding.iterrows():
        if has_window(comparison):
            yield f"{row['label']}: {_window_words(row)}."
        elif both_rules(comparison):
            yield f"{row['label']}: {_till_words(row)}."
        else:
            yield f"{row['label']}: {_hold_words(row)}."


def till_finding(rows: pd.DataFrame) -> str:
    """What the two rules cost, side by side."""
    away = _median(rows[rows["rule"] == "order"], "turned_away_while_blocked")
    till = _median(rows[rows["rule"] == "payment"], "refused_at_till_orders")
    if away is None or till is None:
        return "Only one of the two rules holds here"
    return (
        f"Holding turned {count(away)} buyers away from units that were never paid; deducting at"
        f" payment refused {count(till)} at the till"
    )


def _median(rows: pd.DataFrame, name: str) -> float | None:
    values = [value for shop in rows["shop"] if is_figure(value := shop.get(name))]
    return float(pd.Series(values).median()) if values else None


def _home(row: pd.Series) -> str:
    at_close, later = of(row, "home_at_close_units"), of(row, "home_later_units")
    if not is_figure(at_close) or not is_figure(later):
        return ""
    quota = count(of(row, "quota_units"))
    return f", and what was left of {quota} units came home once: {count(at_close + later)}"


def _window_words(row: pd.Series) -> str:
    return (
        f"{_n(row, 'refused_before')} came too early and {_n(row, 'refused_after')} too late;"
        f" {_n(row, 'paid_units')} of {_n(row, 'quota_units')} units were paid,"
        f" {_n(row, 'home_at_close_units')} came home at the close and"
        f" {_n(row, 'home_later_units')} when their holds ran out later; {_limit(row)}"
    )


def _limit(row: pd.Series) -> str:
    most = of(row, "most_of_one_buyer")
    words = number_word(most) if is_figure(most) else ABSENT
    return f"{_n(row, 'refused_over_limit')} orders were over the limit, nobody had over {words}"


def _till_words(row: pd.Series) -> str:
    if row["rule"] == "payment":
        return (
            f"{_n(row, 'placed_orders')} orders placed, {_n(row, 'paid_orders')} paid,"
            f" {_n(row, 'refused_at_till_orders')} refused at the till, nothing held"
        )
    return (
        f"{_n(row, 'placed_orders')} orders placed, {_n(row, 'paid_orders')} paid;"
        f" {_n(row, 'abandoned_holds')} holds that were never paid blocked"
        f" {figure(of(row, 'blocked_unit_s'))} unit-seconds,"
        f" {_n(row, 'turned_away_while_blocked')} buyers were turned away meanwhile, and"
        f" {_n(row, 'refunded_late_orders')} paid too late for any"
    )


def _hold_words(row: pd.Series) -> str:
    return (
        f"{figure(row['goodput_per_s'])} orders paid a second; {_n(row, 'abandoned_holds')} holds"
        f" never paid; {_n(row, 'returned_units')} units came back {_ms(row, 'return')} after"
        f" their deadline at the median, {_ms(row, 'return', 'worst')} at the worst, and were sold"
        f" again after {_ms(row, 'resale')}; of the payments that came after the end of their hold"
        f" {_n(row, 'paid_late_orders')} got their units and {_n(row, 'refunded_late_orders')}"
        " their money"
    )


def _n(row: pd.Series, name: str) -> str:
    return count(of(row, name))


def _ms(row: pd.Series, name: str, which: str = "p50") -> str:
    return f"{figure(of(row, f'{name}_ms_{which}'))} ms"


def _counted(group: str, head: str, explains: str, name: str) -> Column:
    return Column(group, head, explains, lambda row: count(of(row, name)))


def _delay(head: str, name: str, explains: str) -> Column:
    def below(row: pd.Series) -> str:
        worst = of(row, f"{name}_worst")
        return f"{figure(worst)} at worst" if is_figure(worst) else ""

    return Column("", head, explains, lambda row: figure(of(row, f"{name}_p50")), below=below)


_SPEED = (
    Column(
        "speed",
        "paid/s",
        "orders paid a second over the run; below it the bootstrap interval",
        lambda row: figure(row["goodput_per_s"]),
        below=COLUMNS[1].below,
    ),
    Column(
        "speed",
        "accepted p50, ms",
        "half of the orders accepted waited longer, from when they came",
        lambda row: figure(row["accepted_latency_ms_p50"]),
    ),
    _counted("orders", "placed", "accepted", "placed_orders"),
    _counted("orders", "paid", "in time or late", "paid_orders"),
)
_HOLDS = (
    _counted("orders", "cancelled", "in time, by the buyer", "cancelled_orders"),
    _counted("unpaid holds", "abandoned", "ran out and were never paid", "abandoned_holds"),
    _counted("unpaid holds", "units back", "of holds that ran out", "returned_units"),
    _delay("back after, ms", "return_ms", "from the deadline until they were for sale again"),
    _delay("resold after, ms", "resale_ms", "from the deadline until they were sold again"),
    _counted("late payments", "paid", "there were units left", "paid_late_orders"),
    _counted("late payments", "refunded", "there were none", "refunded_late_orders"),
)
_TILL = (
    _counted("unpaid holds", "abandoned", "ran out and were never paid", "abandoned_holds"),
    Column(
        "unpaid holds",
        "unit-seconds blocked",
        "units times the time for which a hold that was never paid kept them",
        lambda row: figure(of(row, "blocked_unit_s")),
    ),
    _counted(
        "turned away",
        "while units were blocked",
        "told “sold out” while holds that were never paid had the units",
        "turned_away_while_blocked",
    ),
    _counted(
        "turned away",
        "at the till",
        "placed an order, and were refused when they paid",
        "refused_at_till_orders",
    ),
)
_WINDOW = (
    _counted("refused", "too early", "before it opened", "refused_before"),
    _counted("refused", "too late", "after it closed", "refused_after"),
    _counted("refused", "over the limit", "one buyer has no more", "refused_over_limit"),
    _counted("units", "quota", "set aside, all articles", "quota_units"),
    _counted("units", "home at the close", "unsold, back in the channel", "home_at_close_units"),
    _counted("units", "home later", "of holds that ran out after it", "home_later_units"),
    _counted("units", "most of one buyer", "at any moment", "most_of_one_buyer"),
)
_HARM = tuple(
    column
    for column in COLUMNS
    if column.head in ("oversold", "undersold", "duplicated", "lost", "leaked")
)
_COST = tuple(column for column in COLUMNS if column.head in ("round trips", "durability"))
