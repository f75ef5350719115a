"""`stockproof load`: what it refuses, and a service that runs already."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.api.serving import ADMIN_KEY, serving
from tests.workbench.command import stockproof
from workbench.command_line import run
from workbench.serving import ADMIN_KEY as VARIABLE
from workbench.showing import headline

WRONG = {
    "no scenario": (["load"], "name a scenario to load"),
    "no such scenario": (["load", "nonsense"], "there is no scenario 'nonsense'"),
    "no key": (["load", "flash_sale", "--host", "http://127.0.0.1:1"], "set STOCKPROOF_ADMIN_KEY"),
    "somebody else's machine": (
        ["load", "flash_sale", "--host", "http://shop.example"],
        "say --allow-host shop.example",
    ),
    "no address": (["load", "flash_sale", "--host", "shop"], "write http://HOST:PORT"),
    "plans of a shop": (["load", "payment_timeouts", "--plans"], "leave out --host"),
    "a floor": (["load", "flash_sale", "--strategy", "noop"], "noop keeps no stock"),
    "another strategy for a window": (
        ["load", "sync_lag", "--strategy", "row_lock"],
        "--strategy does not apply to sync_lag",
    ),
    "a window elsewhere": (
        ["load", "sync_lag", "--host", "http://127.0.0.1:1"],
        "--host does not apply to sync_lag",
    ),
    "a window on my servers": (
        ["load", "sync_lag", "--sql-url", "postgresql://127.0.0.1/shop"],
        "--sql-url does not apply to sync_lag",
    ),
    "a window for plans": (["load", "sync_lag", "--plans"], "--plans does not apply to sync_lag"),
    "a path of another command": (
        ["load", "sync_lag", "--set", "paths.polling_ms=[20]"],
        "set keys of [sale], or use `stockproof lag`",
    ),
    "a window that asks": (
        ["load", "sync_lag", "--path", "on_demand:500"],
        "--path is streaming or polling:MS",
    ),
    "a window where there is none": (
        ["load", "flash_sale", "--path", "streaming"],
        "--path is for sync_lag",
    ),
    "no such key of a sale": (
        ["load", "sync_lag", "--set", "sale.quantities=3"],
        "did you mean sale.quantity?",
    ),
    "a window measured": (["measure", "sync_lag"], "`stockproof lag` predicts and measures it"),
    "a window predicted": (["predict", "sync_lag"], "`stockproof load sync_lag` sends"),
    "a window compared": (["compare", "sync_lag"], "`stockproof lag` predicts and measures it"),
    "a stack without rows": (["load", "flash_sale", "--stack", "redis"], "keeps its records"),
}


@pytest.mark.parametrize("words, said", WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_refused_in_a_sentence(
    words: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    if said != "set STOCKPROOF_ADMIN_KEY":
        monkeypatch.setenv(VARIABLE, ADMIN_KEY)
    assert run(words) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [], "nothing was begun"


def test_a_shop_elsewhere_is_not_judged_by_half_of_its_books(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, ADMIN_KEY)
    assert run(["load", "payment_timeouts", "--host", "http://127.0.0.1:1"]) == 2
    assert "leave out --host" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.live
@pytest.mark.timeout(240)
def test_a_service_that_runs_already_is_loaded_in_a_channel_of_its_own(tmp_path: Path) -> None:
    with serving() as service:
        words = ["load", "oversell_attempts", "--host", service.url, "--users", "4"]
        words += ["--seconds", "1", "--json", "--out", str(tmp_path / "run")]
        ran = stockproof(*words, within_s=200, **{VARIABLE: ADMIN_KEY})
        assert ran.returncode == 0, ran.stderr
        (row,) = json.loads(ran.stdout)["rows"]
        assert (row["verdict"], row["oversold_units"]) == ("holds", 0)
        assert row["deducted"] > 0
        assert "conditional_update is the only strategy here that holds" in headline(
            tmp_path / "run"
        )
        with service.client() as client:
            channels = client.get("/v1/channels").json()["items"]
            assert sum(one["code"].startswith("load-") for one in channels) == 1
            keys = client.get("/v1/keys", params={"limit": 200}).json()["items"]
            lent = [one for one in keys if one["name"].startswith("load-")]
            assert lent
            assert all(one["revoked_ms"] for one in lent), "its keys hold no longer"
