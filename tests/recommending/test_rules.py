"""Each tolerance leaves out exactly those that the catalogue says it must, with a reason."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from inventory_core.strategy import Fault, Promises
from inventory_core.strategy.registry import find_strategy, strategies
from scenarios.recommending.candidate import LOSSES_S, Candidate, candidates
from scenarios.recommending.question import Question
from scenarios.recommending.rules import RULES, sifted

COPIES = {"redis_stream", "redis_then_database", "redis_with_task", "counted_then_merged"}
KEYS_ALONE = {"redis_decrement", "redis_script", "redis_watch", "scattered_keys"}
WITH_KEYS = COPIES | KEYS_ALONE | {"admission_gate", "redis_lock_fenced"}
UNITS = {"claimed_units", "unit_pick_constraint_only"}

LEFT_OUT: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing may be lost": (
        {"loss_s": 0.0},
        KEYS_ALONE | {"redis_stream", "redis_then_database"},
    ),
    "stores agree at once": (
        {"lag_s": 0.0},
        COPIES | {"low_water_lock", "transactional_outbox"},
    ),
    "stores agree within a second": ({"lag_s": 1.0}, {"redis_stream"}),
    "nobody is turned away with stock left": (
        {"undersell": False},
        UNITS
        | {"admission_gate", "bucket_pool", "counted_then_merged", "escrow_journal"}
        | {"leased_quota", "redis_decrement", "scattered_keys", "split_rows", "try_confirm_cancel"},
    ),
    "no helpers": (
        {"daemons": False},
        COPIES
        | {"adaptive", "bucket_pool", "escrow_journal", "leased_quota", "low_water_lock"}
        | {"scattered_keys", "single_writer", "transactional_outbox"},
    ),
    "no Redis": ({"stacks": ("postgresql",)}, WITH_KEYS),
    "no database": ({"stacks": ("redis",)}, set(strategies()) - KEYS_ALONE),
    "too many articles for a row a unit": ({"articles": 1_000}, UNITS),
}


def left_out(question: Question) -> set[str]:
    return {each.candidate.name for each in sifted(candidates(), question)[1]}


@pytest.mark.parametrize("what", LEFT_OUT)
def test_each_tolerance_leaves_out_exactly_those_that_it_must(what: str) -> None:
    tolerated, names = LEFT_OUT[what]
    loosest = left_out(Question())
    assert left_out(replace(Question(), **tolerated)) - loosest == names - loosest


def test_whatever_is_tolerated_controls_and_the_floor_are_left_out() -> None:
    never = {name for name, kind in strategies().items() if kind.control} | {"noop"}
    assert left_out(Question()) == never
    assert len(never) > 5


def test_a_row_a_unit_is_no_matter_while_units_are_few() -> None:
    assert not UNITS & left_out(Question(articles=1_000, stock=50))


def test_every_declared_loss_is_known_in_seconds() -> None:
    declared = {words for kind in strategies().values() for words in kind.promises.loses.values()}
    assert declared == set(LOSSES_S)


def test_a_loss_in_words_that_nobody_knows_may_be_any() -> None:
    class Careless(find_strategy("row_lock")):  # type: ignore[misc]
        promises = Promises(loses=MappingProxyType({Fault.POWER_LOST: "whatever it likes"}))

    planted = Candidate("careless", Careless)
    _, (excluded,) = sifted([planted], Question(loss_s=3_600))
    assert [rule.name for rule in excluded.rules] == ["loss"]


def test_who_does_not_promise_the_floor_is_left_out() -> None:
    class Promising(find_strategy("row_lock")):  # type: ignore[misc]
        promises = Promises(kept=frozenset())

    _, (excluded,) = sifted([Candidate("promising", Promising)], Question())
    said = excluded.as_json(Question())
    assert said["rule"] == "promises"
    assert "never oversells" in said["reason"]


def test_every_reason_is_a_sentence_about_its_candidate() -> None:
    strict = Question(
        articles=1_000, stacks=("postgresql",), loss_s=0, lag_s=0, undersell=False, daemons=False
    )
    seen = set()
    for excluded in sifted(candidates(), strict)[1]:
        for rule in excluded.rules:
            seen.add(rule.name)
            reason = rule.says(excluded.candidate, strict)
            assert excluded.candidate.name in reason
            assert "{" not in reason
    assert seen >= {rule.name for rule in RULES} - {"promises"}


def test_what_lifts_a_rule_lets_its_candidate_pass() -> None:
    strict = Question(stacks=("postgresql",), loss_s=0, lag_s=0, undersell=False, daemons=False)
    lifted = 0
    for excluded in sifted(candidates(), strict)[1]:
        if rule := excluded.only_rule:
            assert rule.lifts is not None
            freer = rule.lifts(excluded.candidate, strict)
            assert not rule.excludes(excluded.candidate, freer), rule.name
            assert sifted([excluded.candidate], freer)[0] == (excluded.candidate,)
            lifted += 1
    assert lifted >= 3


def test_what_is_stricter_admits_nobody_new() -> None:
    before, _ = sifted(candidates(), Question())
    for rule in RULES:
        if rule.stricter:
            after, _ = sifted(candidates(), rule.stricter(Question()))
            assert set(after) < set(before), rule.name
