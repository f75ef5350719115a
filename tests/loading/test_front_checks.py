"""Each check of the front door, and the lie that trips it."""

from __future__ import annotations

from dataclasses import replace

from scenarios.loading.desk import Survey
from scenarios.loading.front_checks import Answered, judge_front

FIRST = Answered("o1", 0, 2, "deducted", 11, 100)
AGAIN = Answered("o1", 0, 2, "replayed", 11, 200)
REFUSED = Answered("o2", 0, 3, "refused", 22, 300)
HONEST = Survey(True, (), {"o1": "held", "o2": "refused"})


def states(answers: list[Answered], survey: Survey = HONEST, due: bool = False) -> dict[str, str]:
    return {each.name: each.state for each in judge_front(answers, survey, due)}


def test_an_honest_service_holds() -> None:
    assert set(states([FIRST, AGAIN, REFUSED]).values()) == {"holds"}


def test_a_duplicate_that_is_answered_with_other_bytes_is_caught() -> None:
    found = states([FIRST, replace(AGAIN, digest=12), REFUSED])
    assert found["duplicates answered alike"] == "broken"


def test_an_acknowledged_order_that_is_in_no_book_is_caught() -> None:
    found = states([FIRST, REFUSED], replace(HONEST, states={"o2": "refused"}))
    assert found["answers and books agree"] == "broken"


def test_an_acknowledged_order_that_the_books_call_refused_is_caught() -> None:
    lie = replace(HONEST, states={"o1": "refused", "o2": "refused"})
    assert states([FIRST, REFUSED], lie)["answers and books agree"] == "broken"
    assert states([FIRST, REFUSED], lie, due=True)["answers and books agree"] == "holds"


def test_a_refused_order_with_an_effect_is_caught() -> None:
    lie = replace(HONEST, states={"o1": "held", "o2": "held"})
    assert states([FIRST, REFUSED], lie)["answers and books agree"] == "broken"


def test_an_order_that_nobody_sent_is_caught_and_one_without_a_clear_answer_is_not() -> None:
    more = replace(HONEST, states={**HONEST.states, "o3": "held"})
    assert states([FIRST, REFUSED], more)["answers and books agree"] == "broken"
    vague = Answered("o3", 0, 1, "unknown", 0, 400)
    assert states([FIRST, REFUSED, vague], more)["answers and books agree"] == "holds"


def test_a_breach_in_the_service_s_audit_is_caught_and_unrest_is_unknown() -> None:
    breach = replace(HONEST, breaches=("lamp: every unit is somewhere",))
    assert states([FIRST], breach)["the service's own audit"] == "broken"
    assert states([FIRST], replace(HONEST, at_rest=False))["the service's own audit"] == "unknown"
