"""`stockproof prove --sql NAME --isolation LEVEL`: whose rules a strategy is proved by."""

from __future__ import annotations

import json

import pytest

from tests.workbench.command import stockproof

USAGE = 2
PLANTED = "tests.isolation.test_proving_by_dialect:ReadsPlainlyAfterTheLock"


@pytest.mark.slow
@pytest.mark.parametrize(
    "option, known",
    [(("--sql", "oracle"), "mariadb"), (("--isolation", "chaos"), "repeatable read")],
)
def test_an_unknown_name_is_answered_with_the_known_ones(
    option: tuple[str, str], known: str
) -> None:
    done = stockproof("prove", "row_lock", *option)
    assert done.returncode == USAGE
    assert option[1] in done.stderr
    assert known in done.stderr


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_plan_that_reads_plainly_after_the_lock_is_caught_by_mariadbs_rules() -> None:
    rules = ("--sql", "mariadb", "--isolation", "repeatable-read")
    done = stockproof("prove", PLANTED, *rules, "--json", within_s=280)
    said = json.loads(done.stdout)
    assert done.returncode == 1
    assert (said["sql"], said["isolation"]) == ("mariadb", "REPEATABLE READ")
    assert "never oversells" in said["rows"][0]["promises_broken"]
    assert said["rows"][0]["counterexample_of"]["sql"] == "mariadb"
