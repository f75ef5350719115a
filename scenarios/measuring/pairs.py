"""Which strategy runs on which stack (and, in a shop, under which rule), and who cannot and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inventory_core.problems import Problem
from inventory_core.stores.stacks import Stack, find_stack, on_cluster, on_database, stack_for
from inventory_core.strategy import Strategy
from inventory_core.strategy.registry import find_strategy, strategies
from scenarios.measuring.strikes import why_no_strike
from scenarios.scenario import Scenario, Shop
from scenarios.serving.place import stack_of_shop, why_no_shop


@dataclass(frozen=True, slots=True)
class Pair:
    """A strategy on a stack."""

    strategy: str
    stack: Stack
    rule: str = ""  # of a shop: when units are deducted


def pairs_of(
    scenario: Scenario,
    names: Sequence[str] = (),
    stack: str | None = None,
    sql_url: str = "",
    *,
    cluster: bool = False,
) -> tuple[list[Pair], tuple[str, ...]]:
    """Which strategy runs on which stack, and for those that cannot, the sentence why.

    Rows of the scenario's stacks lie where `sql_url` leads, and keys in a cluster if there is one;
    a stack that is named stays as named.
    """
    pairs: list[Pair] = []
    skipped: list[str] = []

    def there(one: Stack) -> Stack:
        placed = on_database(one, sql_url)
        return on_cluster(placed) if cluster else placed

    scenarios_own = [there(find_stack(one)).name for one in scenario.matrix.stacks]
    wanted = [stack] if stack else list(dict.fromkeys(scenarios_own))
    for name in names or scenario.matrix.strategies or tuple(strategies()):
        kind = find_strategy(name)
        here = [find_stack(each) for each in wanted] if wanted else [there(stack_for(kind))]
        if scenario.shop is not None:
            _pair_for_shop(scenario.shop, name, kind, wanted, pairs, skipped)
            continue
        if kind.family == "floor":
            here = [find_stack("null")]  # the harness floor is the same beside every stack
        for each in here:
            reason = each.fits(kind, name) or why_no_strike(scenario, name, each)
            if reason:
                skipped.append(reason)
            else:
                pairs.append(Pair(name, each))
    if not pairs:
        raise Problem(f"nothing can be measured: {'; '.join(skipped) or 'name a strategy'}")
    return pairs, tuple(skipped)


def _pair_for_shop(
    shop: Shop,
    name: str,
    kind: type[Strategy],
    wanted: Sequence[str],
    pairs: list[Pair],
    skipped: list[str],
) -> None:
    """An engine under each rule, on stacks that have rows for the records as well."""
    for stack in [find_stack(each) for each in wanted] or [stack_of_shop(kind)]:
        reason = why_no_shop(stack, kind, name)
        if reason:
            skipped.append(reason)
        else:
            pairs.extend(Pair(name, stack, rule) for rule in dict.fromkeys(shop.deduct_at))
