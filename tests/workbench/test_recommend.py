"""`stockproof recommend`: flags for scripts, questions at a terminal, one sentence for mistakes."""

from __future__ import annotations

import json
import os
import pty
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from inventory_core.problems import Problem
from scenarios.recommending import recommendation
from scenarios.recommending.candidate import candidates
from scenarios.recommending.question import Question
from tests.recommending.made_up import RATES, all_hold, evidence, situation
from tests.workbench.command import command
from workbench import questioning, recommending
from workbench.command_line import run

HERE = Question(articles=10, hot=1, heat=0.95, stock=10_000, buyers=16)
OFF = {name: per_s / 1_000 for name, per_s in RATES.items()}


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """One situation was measured, and everybody is proved."""
    ours = evidence(hot_row=situation(HERE, OFF))
    monkeypatch.setattr(recommending, "shipped", lambda: ours)
    monkeypatch.setattr(recommending, "Proving", lambda _: all_hold)


QUICK = ["recommend", "--quick", "--articles", "10", "--heat", "0.95"]


def said(words: list[str], capsys: pytest.CaptureFixture[str], status: int = 0) -> str:
    assert run(words) == status
    return capsys.readouterr().out


def test_by_flags_it_answers_one_object(known: None, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said([*QUICK, "--no-redis", "--rate", "1000", "--json"], capsys))
    assert found["recommended"] == found["rows"][0]["strategy"] == "merged_update"
    assert found["question"]["stacks"] == ["postgresql"]
    assert (found["question"]["loss_s"], found["question"]["lag_s"]) == (0, 0)
    assert found["quick"] is True
    assert found["track_record"]["of"] >= 0
    assert found["like"] == "hot_row"
    assert {row["measured"] for row in found["rows"]} == {"hot_row"}
    for name in ("predict", "measure"):
        words = shlex.split(found["commands"][name])
        assert words[:3] == ["stockproof", name, "flash_sale"]
        assert "demand.rate_per_s=1000" in words
        assert words[words.index("--strategy") + 1] == "merged_update"


def test_for_people_the_answer_comes_with_reasons_and_what_would_change_it(
    known: None, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said([*QUICK, "--no-database", "--loss-s", "1"], capsys)
    assert "recommended: redis_script" in text
    assert "because: 40,000 orders a second measured" in text
    assert "but: power_lost: it loses what was not yet flushed" in text
    assert "how sure: sure" in text
    assert "left out, stacks: adaptive" in text
    assert "naive_read_write" not in text
    assert "if no acknowledged order may be lost: nobody is left" in text
    assert "stockproof measure flash_sale" in text


def test_outside_of_what_was_measured_quick_says_so_and_names_nobody(
    known: None, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said([*QUICK, "--rtt-ms", "50"], capsys, status=1)
    assert "nobody is recommended: nothing alike was measured; leave --quick out" in text
    assert "not measured: a round trip of 50 ms" in text


def test_if_nothing_fits_the_status_says_so(
    known: None, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(said([*QUICK, "--no-database", "--json"], capsys, status=1))
    assert found["recommended"] is None
    assert found["rows"] == []
    reasons = {row["strategy"]: row["rule"] for row in found["excluded"]}
    assert reasons["redis_script"] == "loss"


@pytest.mark.parametrize(
    "words, named",
    [
        (["--articles", "0"], "articles is 0; write a number from 1"),
        (["--articles", "some"], "'some' for '--articles'"),
        (["--heat", "80"], "heat is 80; write a number from 0 to 1"),
        (["--hot", "3"], "hot is 3, and articles is 1"),
        (["--no-redis", "--no-database"], "allow a database, Redis, or both"),
        (["--stack", "mariadb"], "no figures of 'mariadb'"),
        (["--profile", "the_moon"], "choose among cross_zone"),
        (["--rtt", "3"], "did you mean"),
        (["please"], "(please)"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    words: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["recommend", *words]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err.count("\n") == 1
    assert named in found.err


# ------------------------------------------------------------------------------ at a terminal


def dialogue(**typed: str) -> tuple[Question, list[str]]:
    """The question after a dialogue in which some answers are typed, and what was complained of.

    An answer `a|b` is typed one after the other: first `a`, which will not do.
    """
    texts = {ask.text: ask.name for ask in questioning.ASKED}
    left = {name: answers.split("|") for name, answers in typed.items()}
    complaints: list[str] = []

    def read(text: str, default: str) -> str:
        answers = left.get(texts[text])
        return answers.pop(0) if answers else default

    question = questioning.asked_in_turn(read, complaints.append)
    assert not any(left.values()), "a question was not asked"
    return question, complaints


def test_who_takes_every_default_asks_what_the_flags_ask_by_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Question] = []
    monkeypatch.setattr(recommending, "answer", lambda question, *_, **__: asked.append(question))
    run(["recommend", "--json"])
    (by_flags,) = asked
    by_answers, complaints = dialogue()
    assert by_answers == replace(by_flags, heat=0.0)  # of one article nobody asks how hot it is
    assert complaints == []


def test_a_dialogue_asks_only_what_matters() -> None:
    question, _ = dialogue(
        rate_per_s="2,000", peak="3", articles="500", hot="5", heat="0.6", redis="no", undersell="y"
    )
    assert question.wanted_per_s == 6_000
    assert (question.articles, question.hot, question.heat) == (500, 5, 0.6)
    assert question.stacks == ("postgresql",)
    assert question.undersell is True
    with pytest.raises(AssertionError, match="was not asked"):
        dialogue(peak="3")  # of no rate


def test_an_answer_that_cannot_be_is_asked_for_again() -> None:
    question, complaints = dialogue(articles="ten|0|10", hot="11|2", heat="hot|0.5", daemons="si|n")
    assert (question.articles, question.hot, question.heat) == (10, 2, 0.5)
    assert question.daemons is False
    assert [each.partition(";")[0] for each in complaints] == [
        "recommend: articles is 'ten'",
        "recommend: articles is 0",
        "recommend: hot is 11, and articles is 10",
        "recommend: heat is 'hot'",
        "recommend: daemons is 'si'",
    ]


def test_neither_redis_nor_a_database_is_no_answer() -> None:
    question, complaints = dialogue(redis="no", database="no|yes")
    assert question.stacks == ("postgresql",)
    assert "allow a database, Redis, or both" in complaints[0]


def test_nobody_is_asked_who_said_a_word_or_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert recommending.in_dialogue(["recommend"])
    assert not recommending.in_dialogue(["recommend", "--json"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert not recommending.in_dialogue(["recommend"])


@pytest.mark.slow
def test_at_a_real_terminal_it_asks_complains_and_can_be_left(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        asked = subprocess.Popen(
            command("recommend"),
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        os.write(ours, b"many\n500\n\x04")
        out, err = asked.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert asked.returncode == 130, err
    assert "Orders a second, on average (0: as many as possible) [0]" in err
    assert "recommend: rate_per_s is 'many'; write a number" in err
    assert "How many times as many at the peak [1]" in err
    assert "stopped" in err
    assert out == ""


# --------------------------------------------------------------------------------- all of it


@pytest.mark.slow
def test_simulated_and_proved_in_earnest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Few may be chosen, so that it is over soon."""
    few = ("redis_script", "conditional_update", "redis_decrement", "naive_read_write")
    known = tuple(each for each in candidates() if each.name in few)
    monkeypatch.setattr(recommendation, "candidates", lambda: known)
    words = ["--json", "--stack", "redis", "--loss-s", "1", "--buyers", "2", "--rate", "3000"]
    found = json.loads(said(["recommend", *words], capsys))
    assert found["recommended"] == "redis_script"
    assert found["rows"][0]["fits"] is True
    assert found["rows"][0]["head_room"] > 2
    assert {turn["kind"] for turn in found["sensitivity"]} == {"tolerance", "rate"}
    assert {row["strategy"]: row["rule"] for row in found["excluded"]} == {
        "conditional_update": "stacks",
        "redis_decrement": "undersell",
        "naive_read_write": "control",
    }


def test_nobody_is_proved_twice_and_what_holds_no_stock_cannot_be() -> None:
    proving = recommending.Proving(quiet=True, known={"row_lock": True})
    assert proving(["row_lock"]) == {"row_lock": True}
    with pytest.raises(Problem, match="nothing to prove"):
        proving(["noop"])
