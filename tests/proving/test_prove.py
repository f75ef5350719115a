"""From a name to a row: what is proved, what is shown, and that it can be seen again."""

import json
from pathlib import Path

import pytest

from inventory_core.problems import Problem
from scenarios.proving import Proof, prove, reference_rate, replay
from scenarios.proving.cases import CASES

ROW = (
    "strategy",
    "control",
    "holds",
    "promises_broken",
    "schedules",
    "states",
    "states_per_s",
    "bounded",
    "counterexample",
)


@pytest.fixture(scope="module")
def naive() -> Proof:
    titles = ["last unit, 1 line", "enough for both, 2 lines", "restock beside buyers, 1 line"]
    return prove(["naive_read_write"], titles=titles)[0]


@pytest.mark.slow
def test_a_row_has_the_fields_that_scripts_rely_on(naive: Proof) -> None:
    row = naive.row()
    assert tuple(row)[: len(ROW)] == ROW
    assert json.loads(json.dumps(row)) == row
    assert row["states"] == sum(case["states"] for case in row["cases"])


@pytest.mark.slow
def test_the_naive_control_is_caught_with_the_shortest_counterexample(naive: Proof) -> None:
    shown = naive.counterexample
    assert naive.stands
    assert not naive.holds
    assert shown is not None
    assert shown.promise == "never oversells"
    assert len(shown.moves) == min(
        moves for case in naive.cases for p, moves in case.broken if p.value == shown.promise
    )


@pytest.mark.slow
def test_a_control_promises_no_more_and_no_less_than_is_seen(naive: Proof) -> None:
    assert naive.under_promised == []
    assert naive.over_promised == []


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["all rows", "one row", "one counterexample"])
def test_a_counterexample_is_replayed_from_a_file(naive: Proof, shape: str, tmp_path: Path) -> None:
    row = json.loads(json.dumps(naive.row()))
    content = {
        "all rows": {"rows": [row]},
        "one row": row,
        "one counterexample": row["counterexample_of"],
    }[shape]
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(content))
    assert replay(file) == naive.timeline


@pytest.mark.slow
def test_every_counterexample_ends_as_it_says(naive: Proof, tmp_path: Path) -> None:
    for n, shown in enumerate(naive.counterexamples):
        file = tmp_path / f"{n}.json"
        file.write_text(json.dumps(shown.record()))
        assert replay(file) == shown.timeline
    assert len(naive.counterexamples) == 5


@pytest.mark.slow
def test_a_counterexample_that_was_tampered_with_is_refused(naive: Proof, tmp_path: Path) -> None:
    shown = naive.counterexample
    assert shown is not None
    record = shown.record()
    file = tmp_path / "tampered.json"
    file.write_text(json.dumps({**record, "moves": record["moves"][:-1]}))
    with pytest.raises(ValueError, match="should break"):
        replay(file)
    swapped = [record["moves"][1], record["moves"][0], *record["moves"][2:]]
    file.write_text(json.dumps({**record, "moves": swapped}))
    with pytest.raises(ValueError, match="is not possible here"):
        replay(file)


def test_a_file_without_a_counterexample_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "empty.json"
    file.write_text('{"rows": []}')
    with pytest.raises(ValueError, match="no counterexample"):
        replay(file)


@pytest.mark.slow
def test_progress_is_told_after_every_case() -> None:
    heard: list[tuple[int, int, str]] = []
    prove(["redis_script"], progress=lambda done, total, what: heard.append((done, total, what)))
    assert [done for done, _, _ in heard] == list(range(1, len(CASES) + 1))
    assert {total for _, total, _ in heard} == {len(CASES)}


@pytest.mark.slow
def test_two_processes_prove_the_same_as_one() -> None:
    one, two = (prove(["redis_script"], processes=n)[0].row() for n in (1, 2))
    figures = ("states", "schedules", "holds", "promises_broken", "bounded")
    assert [one[name] for name in figures] == [two[name] for name in figures]


def test_the_floor_is_skipped_and_says_why() -> None:
    (floor,) = prove(["noop"])
    assert floor.skipped == "it is neither strategy nor control: it promises nothing"
    assert floor.row()["states"] == 0


def test_an_unknown_strategy_is_one_clear_sentence() -> None:
    with pytest.raises(Problem, match="there is no strategy"):
        prove(["deduct_harder"])


@pytest.mark.slow
def test_a_strategy_from_elsewhere_is_proved_by_its_path() -> None:
    title = "quantities that do not fit, 1 line"
    (proof,) = prove(["tests.proving.planted:UnluckyNumber"], titles=[title])
    assert proof.promises_broken == ["no false sold-out", "linearizable"]
    assert not proof.stands


@pytest.mark.slow
def test_the_reference_set_is_fixed() -> None:
    assert reference_rate()["states"] == reference_rate()["states"] > 200_000
