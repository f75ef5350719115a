"""One simulated run of a shop: its records, its verdict, its row, as of a live one."""

from __future__ import annotations

from typing import Any

from inventory_core.problems import Problem
from inventory_core.strategy.registry import find_strategy
from scenarios.history import RunFolder
from scenarios.measuring.records import timeline_columns
from scenarios.predicting.run import Asked, about, world_of
from scenarios.predicting.shop_play import ShopPlay
from scenarios.serving.desk import PlanOf, plan_of
from scenarios.serving.judging import judged
from scenarios.serving.place import stack_of_shop, why_no_shop
from scenarios.serving.records import step_columns, write_case


def predict_shop(
    asked: Asked, folder: RunFolder | None = None, services: PlanOf = plan_of
) -> dict[str, Any]:
    """Simulate a shop under its one rule and answer its row; with a folder, write its records."""
    shop = asked.scenario.shop
    assert shop is not None, f"{asked.scenario.name} has no table [shop]"
    profile = asked.profile.of_strategy(asked.strategy)
    play = ShopPlay(asked.scenario, asked.strategy, profile, asked.seed, asked.seconds, services)
    case = play.run()
    found, findings = judged(case, play.engine, asked.seconds, play.ended_ns)
    row = {
        **world_of(asked, stack_of_shop(find_strategy(asked.strategy)), folder),
        "rule": shop.deduct_at[0],
        "family": play.engine.family,
        "control": play.engine.control,
        "round_trips": None,  # placing, paying and cancelling have different ones
        "connections": asked.scenario.demand.clients,
        **found,
        "driver_bound": False,
        "operations": len(case.orders),
    }
    if not case.at_rest:
        row["note"] = "; ".join(filter(None, [row["note"], "the shop did not come to rest"]))
    if folder is not None:
        write_case(folder, case, timeline_columns([], 0))
        folder.write_table("steps", step_columns([]))
        folder.write_json("run", about(asked) | {"rule": shop.deduct_at[0]})
        told = [finding.as_json() for finding in findings]
        folder.write_json("verdict", {"row": row, "findings": told})
    return row


def refuse_no_engine(name: str) -> None:
    """A `Problem` if no shop can have this strategy as its engine."""
    kind = find_strategy(name)
    if reason := why_no_shop(stack_of_shop(kind), kind, name):
        raise Problem(f"nothing can be predicted: {reason}")
