"""A situation measured live: what is asked is what runs, with what was predicted beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.measuring.campaign import Progress
from scenarios.recommending.evidence import Evidence, Situation
from scenarios.recommending.question import Question
from scenarios.recommending.trying import Extent, beside, tried
from tests.recommending.made_up import figure

pytestmark = [pytest.mark.live, pytest.mark.slow]


def test_a_situation_is_measured_live_and_kept_with_what_was_predicted(tmp_path: Path) -> None:
    seen: list[Progress] = []
    question = Question(articles=3, hot=2, heat=0.5, lines=1.5, buyers=4, pool=2)
    found = tried(question, ["row_lock"], Extent(1, 0.2), tmp_path, seen.append)
    row = found["row_lock"]
    assert row.low <= row.per_s <= row.high
    assert row.per_s > 0
    assert row.verdict == "holds"
    assert not row.known
    (kept,) = beside(found, {"row_lock": figure("row_lock", 2 * row.per_s)}).values()
    assert kept.known
    ours = Evidence(situations={"here": Situation(question, {"row_lock": kept})})
    assert ours.off("row_lock", question) == pytest.approx(0.5)
    assert seen[-1].row is not None
