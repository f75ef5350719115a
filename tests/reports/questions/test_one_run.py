"""One run told in sentences, and drawn: what was promised, and what the store believed."""

import json
from pathlib import Path

import pytest

from reports.load import absent, load
from reports.questions import one_run
from tests.reports.made_up_records import RIVALS, STOCK, write_comparison

pytestmark = pytest.mark.slow


def test_the_sentences_count_what_is_in_the_records(made_up: Path) -> None:
    told = " ".join(one_run.answer(load(made_up), "conditional_update"))
    assert "800 attempts, of them 500 deducted and 300 refused" in told
    assert f"Of {STOCK} units buyers were promised {STOCK}" in told
    assert "The checks of this run: 1 holds." in told


def test_a_control_that_oversold_says_so_in_its_title(made_up: Path) -> None:
    drawing = one_run.draw(load(made_up), "naive_read_write")
    assert drawing is not None
    assert drawing.title == "naive_read_write promised 37 units more than there were"


def test_a_run_that_sold_out_compares_its_answers(tmp_path: Path) -> None:
    folder = write_comparison(tmp_path, RIVALS[:1], repetitions=1)
    verdict = folder / "00-0" / "verdict.json"
    content = json.loads(verdict.read_text())
    content["row"]["sold_out_after_s"] = 0.061
    verdict.write_text(json.dumps(content))
    comparison = load(folder)
    assert "The last unit was promised after 0.0610 s." in one_run.answer(
        comparison, "conditional_update"
    )
    drawing = one_run.draw(comparison, "conditional_update")
    assert drawing is not None
    assert drawing.title.startswith("conditional_update sold out after 0.0610 s; a refusal came ")


def test_many_attempts_are_thinned_and_the_picture_says_so(tmp_path: Path) -> None:
    folder = write_comparison(tmp_path, RIVALS[:1], repetitions=1, attempts=9_000)
    drawing = one_run.draw(load(folder), "conditional_update")
    assert drawing is not None
    assert drawing.figure.axes[0].get_title(loc="left") == "one attempt in 3 is drawn"


def test_a_run_that_is_not_there_is_missing(made_up: Path, tmp_path: Path) -> None:
    assert "Not published yet" in one_run.answer(absent(tmp_path / "flash_sale"), "row_lock")[0]
    assert one_run.draw(load(made_up), "row_lock", repetition=99) is None
