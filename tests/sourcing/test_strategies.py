"""Every sourcing strategy against every answer there is, on small questions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from brute_force import answers, best, cents, fits, latest_ms, parcels, questions
from hypothesis import given, settings

from inventory_core.problems import Problem
from inventory_core.sourcing import Need, Option, Piece, Question, find_sourcing
from inventory_core.sourcing.contract import Sourcing
from inventory_core.sourcing.fewest_parcels import FewestParcels
from inventory_core.sourcing.registry import sourcings

NAMES = ("earliest_delivery", "fewest_parcels", "lowest_cost", "nearest", "nearest_whole")
EXACT = {"earliest_delivery": latest_ms, "fewest_parcels": parcels, "lowest_cost": cents}


def breach(sourcing: Sourcing, question: Question) -> str:
    """What is wrong with a strategy's answer; empty if nothing is."""
    pieces = sourcing.choose(question)
    if pieces is None:
        some = next(answers(question, backups=True), None)
        return "" if some is None else f"refused, though {some} would do"
    given_to = {need.line: [p for p in pieces if p.line == need.line] for need in question.needs}
    for need in question.needs:
        if sum(piece.quantity for piece in given_to[need.line]) != need.quantity:
            return f"line {need.line} is not covered exactly"
        if not need.may_split and len(given_to[need.line]) > 1:
            return f"line {need.line} is split"
    if not fits(question, pieces) or any(piece.quantity < 1 for piece in pieces):
        return "a warehouse gives what it has not"
    backups = {one.warehouse for one in question.options if one.backup}
    if backups & {piece.warehouse for piece in pieces} and any(answers(question, backups=False)):
        return "a backup ships what the others could"
    return "" if pieces == sourcing.choose(question) else "two answers to one question"


def test_there_are_five_ways_of_sourcing():
    assert tuple(sourcings()) == NAMES


def test_an_unknown_name_is_a_sentence_with_the_known_ones():
    with pytest.raises(Problem, match="choose among earliest_delivery, fewest_parcels"):
        find_sourcing("farthest")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nearest", *EXACT])
@settings(max_examples=150, deadline=None)
@given(question=questions())
def test_an_answer_is_lawful_and_there_is_one_whenever_there_can_be(name, question):
    assert breach(find_sourcing(name), question) == ""


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(question=questions())
def test_nearest_whole_refuses_only_what_needs_a_split(question):
    whole = replace(question, needs=tuple(replace(n, may_split=False) for n in question.needs))
    assert breach(find_sourcing("nearest_whole"), whole) == ""
    assert find_sourcing("nearest_whole").choose(question) == find_sourcing("nearest_whole").choose(
        whole
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", EXACT)
@settings(max_examples=150, deadline=None)
@given(question=questions())
def test_no_other_answer_is_better(name, question):
    price = EXACT[name]
    pieces = find_sourcing(name).choose(question)
    found = None if pieces is None else price(question, pieces)
    assert found == best(question, price)


def option(name: str, rank: int, cents: int = 100, *, backup: bool = False, **free: int) -> Option:
    return Option(name, rank, backup, cents, free, dict.fromkeys(("tea", "cup", "pot"), rank))


NEEDS = (Need(1, "tea", 3), Need(2, "cup", 1), Need(3, "pot", 1))
BASKET = Question(
    NEEDS,
    (
        option("near", 1, 900, tea=2, cup=1),
        option("middle", 2, 300, tea=1, pot=1),
        option("far", 3, 1_300, tea=9, cup=9, pot=9),
        option("spare", 1, 10, backup=True, tea=9, cup=9, pot=9),
    ),
)


def where(name: str, question: Question = BASKET) -> list[tuple[int, str, int]]:
    pieces = find_sourcing(name).choose(question)
    assert pieces is not None
    return [(piece.line, piece.warehouse, piece.quantity) for piece in pieces]


def test_nearest_takes_what_the_nearest_have():
    assert where("nearest") == [(1, "middle", 1), (1, "near", 2), (2, "near", 1), (3, "middle", 1)]


def test_nearest_whole_goes_further_for_a_whole_line():
    assert where("nearest_whole") == [(1, "far", 3), (2, "near", 1), (3, "middle", 1)]


def test_fewest_parcels_finds_the_one_warehouse_that_has_all():
    assert where("fewest_parcels") == [(1, "far", 3), (2, "far", 1), (3, "far", 1)]


def test_earliest_delivery_takes_two_parcels_to_be_there_a_day_sooner():
    assert {at for _, at, _ in where("earliest_delivery")} == {"near", "middle"}


def test_lowest_cost_takes_two_parcels_of_1200_cents_over_one_of_1300():
    assert {at for _, at, _ in where("lowest_cost")} == {"near", "middle"}


@pytest.mark.parametrize("name", NAMES)
def test_a_backup_is_asked_when_the_others_are_out(name):
    out = tuple(one for one in BASKET.options if one.warehouse != "far")
    short = Question((Need(1, "tea", 4),), out)
    assert "spare" in {at for _, at, _ in where(name, short)}


@pytest.mark.parametrize("name", NAMES)
def test_twenty_lines_and_thirty_warehouses_are_answered(name):
    skus = [f"a{n}" for n in range(20)]
    options = tuple(
        Option(f"w{w:02}", w, False, 100 + w, {skus[(w * 7 + k) % 20]: 2 for k in range(5)},
               dict.fromkeys(skus, w))
        for w in range(30)
    )  # fmt: skip
    question = Question(tuple(Need(n, sku, 2) for n, sku in enumerate(skus, 1)), options)
    pieces = find_sourcing(name).choose(question)
    assert pieces is not None
    assert sum(piece.quantity for piece in pieces) == 40


def test_planted_bugs_are_found():
    @dataclass(frozen=True)
    class Planted(Sourcing):
        pieces: tuple[Piece, ...] | None

        def choose(self, question):
            return self.pieces

    whole = Question((Need(1, "tea", 2, may_split=False),), BASKET.options)
    for pieces, said in (
        (None, "refused"),
        ((Piece(1, "tea", "near", 1),), "not covered exactly"),
        ((Piece(1, "tea", "near", 1), Piece(1, "tea", "far", 1)), "is split"),
        ((Piece(1, "tea", "middle", 2),), "has not"),
        ((Piece(1, "tea", "spare", 2),), "a backup"),
    ):
        assert said in breach(Planted(pieces), whole)
    assert FewestParcels().choose(whole) == (Piece(1, "tea", "near", 2),)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_needed_and_nothing_ships(name):
    assert find_sourcing(name).choose(Question((), BASKET.options)) == ()
    assert find_sourcing(name).choose(Question((), ())) == ()
