"""From what a run beside a product window brought back to its records, its findings and its row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from inventory_core.domain import Cell
from inventory_core.stores.audit import Audit
from inventory_core.strategy import Strategy
from scenarios import verdict
from scenarios.checks import Case, Finding, conservation, exactly_once, judge, lost, oversold
from scenarios.checks import phantom as phantoms
from scenarios.history import RunFolder
from scenarios.lagging.demand import sku_of
from scenarios.lagging.judging import judge as judge_looks
from scenarios.lagging.paths import Kind, SyncPath
from scenarios.lagging.scenario import Sale
from scenarios.loading.desk import Survey
from scenarios.loading.fleet import Takings
from scenarios.loading.front_checks import judge_front
from scenarios.loading.outcome import answered_in_shop, as_the_engine_saw, served_of
from scenarios.loading.window.checks import Sold, judge_window
from scenarios.loading.window.history import change_columns, history_of, look_columns
from scenarios.loading.window.keeper import Refilled
from scenarios.loading.window.looks import LOOK, TURNED_AWAY
from scenarios.loading.window.shoppers import for_sale, orders_of
from scenarios.loading.window.witness import Change
from scenarios.measuring.records import audit_columns
from scenarios.operations import History
from scenarios.serving.buyers import PLACE, Order
from scenarios.serving.client import Served
from scenarios.serving.records import attempts_table

CHECKS = (
    oversold.CHECK,
    conservation.CHECK,
    lost.CHECK,
    phantoms.CHECK,
    exactly_once.CHECK,
)
"""Those of the live world that units coming in do not mislead: against all that ever came in."""

SHOWN = (
    "looks",
    "changes",
    "stale_share",
    "behind_ms_mean",
    "behind_ms_p99",
    "false_in_stock",
    "false_sold_out",
    "lost_sales",
)
"""The figures of `stockproof lag` that a run with users of Locust can tell, too."""

_WORDS = {"deducted", "replayed", "contended", "error", "unknown", "dropped", *verdict.REASONS}


@dataclass(frozen=True)
class Brought:
    """What a run brought back, before anything is judged. Times are those of the run."""

    sale: Sale
    path: SyncPath
    takings: Takings
    refilled: Sequence[Refilled]
    changes: Sequence[Change]
    zero_us: int  # when it began, by the clock on the wall
    survey: Survey
    wrong: Sequence[str]  # what the window shows wrong at rest
    audit: Audit
    timeline: Mapping[str, Any]
    ended_ns: int
    hold_s: float

    @cached_property
    def orders(self) -> Mapping[int, Order]:
        """Every shopper's order, by its serial number."""
        return {order.serial: order for order in orders_of(self.sale)}

    @property
    def supply(self) -> Mapping[Cell, int]:
        """All that was ever for sale, and came from outside."""
        units = Counter(for_sale(self.sale))
        for refill in self.refilled:
            units[sku_of(refill.article)] += refill.units
        return {Cell(sku, PLACE): count for sku, count in units.items()}


def judged(
    brought: Brought, strategy: Strategy, folder: RunFolder
) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Write down what was brought back, and judge it: the row, and what each check has found."""
    replies, orders = brought.takings.replies, brought.orders
    ordering = [one for one in replies if one.kind != LOOK]
    table = attempts_table([_known(one) for one in served_of(ordering)], orders)
    folder.write_table("attempts", {name: table[name] for name in table.column_names})
    folder.write_table("timeline", brought.timeline)
    folder.write_table("audit", audit_columns(brought.audit))
    folder.write_table("looks", look_columns(replies, orders, brought.zero_us))
    folder.write_table("changes", change_columns(brought.changes, brought.zero_us))
    case = Case(
        history=History.of(as_the_engine_saw(table, brought.takings.clock_error_ns)),
        audit=brought.audit,
        supply=brought.supply,
        hold_s=brought.hold_s,
        ended_ns=brought.ended_ns,
    )
    sale = brought.sale
    findings = (
        *judge(case, CHECKS),
        *judge_front(answered_in_shop(ordering, orders), brought.survey, due=False),
        *judge_window(Sold(sale.quantity, orders, replies, brought.refilled), brought.wrong),
    )
    row = {
        **verdict.figures(table, case, round(sale.seconds * 1e9), "none"),
        **verdict.worst_damage(findings),
        "window": _window(brought),
        **verdict.verdict(findings, strategy.promises.kept),
    }
    return row, findings


def _known(one: Served) -> Served:
    """A refusal for a reason that no strategy has is a refusal all the same."""
    strange = one.kind == "deduct" and one.outcome not in _WORDS
    return one._replace(outcome="refused") if strange else one


def _window(brought: Brought) -> dict[str, Any]:
    """What shoppers saw, and where it misled them."""
    replies = brought.takings.replies
    changes, path = brought.changes, brought.path
    history = history_of(brought.sale, brought.orders, replies, changes, brought.zero_us)
    found = judge_looks(history, path)
    words = Counter(one.outcome for one in replies if one.kind == LOOK)
    return {
        "path": path.kind.value,
        "poll_ms": path.own_s * 1e3 if path.kind is Kind.POLLING else None,
        **{name: getattr(found, name) for name in SHOWN},
        "refused_though_shown": found.refused,
        "turned_away": words[TURNED_AWAY],
        "unanswered": words.total() - found.looks,
        "refilled_units": sum(refill.units for refill in brought.refilled),
        "wrong_at_rest": len(brought.wrong),
    }
