"""Predicted beside measured: only what a profile has costs for, and errors that add up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from scenarios.predicting.beside import ERRORS, errors_of, paired, predict_beside
from scenarios.scenario import load_scenario
from tests.predicting.conftest import PLAIN, sale
from workbench.predicted_beside import show_predicted


def measured(strategy: str, goodput: float, stack: str = "postgresql") -> dict[str, Any]:
    return {
        "strategy": strategy,
        "stack": stack,
        "connections": 6,
        "goodput_per_s": goodput,
        "goodput_per_s_low": goodput * 0.95,
        "goodput_per_s_high": goodput * 1.05,
        "accepted_latency_ms_p99": 4.0,
    }


def predicted(strategy: str, goodput: float) -> dict[str, Any]:
    return {"strategy": strategy, "goodput_per_s": goodput, "accepted_latency_ms_p99": 3.0}


ROWS = [
    measured("row_lock", 1_000.0),
    measured("redis_script", 10_000.0, "redis"),
    measured("optimistic_version", 500.0, "mariadb"),
    measured("noop", 1e6, "null"),
]


def test_what_has_no_costs_is_not_predicted() -> None:
    scenario = sale("run.seconds=0.05")
    with ThreadPoolExecutor(1) as executor:
        rows = list(predict_beside(scenario, ROWS, PLAIN, executor))
    assert {row["strategy"] for row in rows} == {"row_lock", "redis_script"}
    assert all(row["world"] == "predicted" for row in rows)
    shop = replace(scenario, shop=load_scenario("payment_timeouts").shop)
    with ThreadPoolExecutor(1) as executor:
        assert not list(predict_beside(shop, ROWS, PLAIN, executor))


def test_errors_are_those_of_the_pairs() -> None:
    cells = paired(ROWS, [predicted("row_lock", 1_200.0), predicted("redis_script", 9_000.0)])
    assert [cell.strategy for cell in cells] == ["redis_script", "row_lock"]
    errors = errors_of(cells)
    assert errors is not None
    assert tuple(errors) == ERRORS
    assert errors["throughput_error_median"] == pytest.approx(0.15)
    assert errors["throughput_error_worst"] == pytest.approx(0.2)
    assert errors["latency_p99_error_median"] == pytest.approx(0.25)
    assert errors["kendall_tau"] == 1.0
    assert errors_of([]) is None


def test_the_table_names_the_profile(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [predicted("row_lock", 1_200.0), predicted("redis_script", 9_000.0)]
    record = {
        "rows": ROWS,
        "predicted": rows,
        "prediction": errors_of(paired(ROWS, rows)),
        "profile": {"name": "mine", "title": "of my machine"},
    }
    show_predicted(record)
    said = capsys.readouterr().out
    assert "mine: of my machine" in said
    assert "+20%" in said
    assert "-10%" in said
    show_predicted({"rows": ROWS})
    assert not capsys.readouterr().out
