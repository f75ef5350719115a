"""`stockproof cdc` as a user calls it: runs, says how far it is, ends in good order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from inventory_core.stores.embedded import EmbeddedPostgresql
from inventory_core.stores.sql.address import connect
from inventory_core.sync.cdc.state import CaptureState, has_begun
from product_system.shelf import Shelf
from tests.servers import started
from tests.workbench.command import command, stockproof
from workbench.capturing_words import without_urls
from workbench.private_pipeline import private_pipeline

WITHIN_S = 60.0


class Logical(EmbeddedPostgresql):
    """One whose log can be read."""

    def __init__(self) -> None:
        super().__init__(settings={"wal_level": "logical"})


@pytest.fixture
def source() -> Iterator[str]:
    for server in started(Logical):
        with closing(connect(server.url)) as connection:
            connection.execute("CREATE SCHEMA shop")
            connection.execute(
                "CREATE TABLE shop.cell (sku text, place text, sellable bigint, version bigint,"
                " PRIMARY KEY (sku, place))"
            )
            connection.execute("INSERT INTO shop.cell VALUES ('tea', 'mall', 10, 0)")
        yield server.url


@pytest.fixture
def folder() -> Iterator[Path]:
    """Open to all: a private server of root's runs as somebody else."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def words(url: str, folder: Path) -> list[str]:
    where = ["--product", str(folder / "product.db"), "--data", str(folder / "data")]
    return ["--sql-url", url, "--table", "shop.cell", *where]


@contextmanager
def running(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        command("cdc", "run", *arguments),
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment | {"PYTHONPATH": root},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def until_shown(product: Path, total: int) -> None:
    """The product shows so many of tea."""
    deadline_s = time.monotonic() + WITHIN_S
    with closing(Shelf(product)) as shelf:
        while [each.total for each in shelf.stock("tea")] != [total]:
            assert time.monotonic() < deadline_s, shelf.figures()
            time.sleep(0.05)


def ended(pids: list[int]) -> bool:
    _, alive = psutil.wait_procs([psutil.Process(p) for p in pids if psutil.pid_exists(p)], 30)
    return not alive


@pytest.mark.live
@pytest.mark.slow
def test_parts_end_in_good_order_where_a_shell_has_ctrl_c_ignored(
    source: str, folder: Path
) -> None:
    rules = '[[table]]\nname = "shop.cell"\n'
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in a job in the background
    try:
        with private_pipeline("shop", source, folder / "product.db", rules) as pipeline:
            until_shown(folder / "product.db", 10)
    finally:
        signal.signal(signal.SIGINT, before)
    assert {name: part.status() for name, part in pipeline.parts.items()} == {
        "capture": 0,
        "consumer": 0,
    }


@pytest.mark.live
@pytest.mark.slow
def test_a_pipeline_runs_shows_replays_and_leaves_nobody_behind(source: str, folder: Path) -> None:
    said = words(source, folder)
    with running(*said) as process:
        assert process.stdout is not None
        pids = list(json.loads(process.stdout.readline())["pids"].values())
        until_shown(folder / "product.db", 10)
        with closing(connect(source)) as connection:
            connection.execute("UPDATE shop.cell SET sellable = 7, version = 1")
        until_shown(folder / "product.db", 7)
        found = json.loads(stockproof("cdc", "status", *said, "--json").stdout)
        assert (found["capture"]["phase"], found["product"]["complete"]) == ("stream", 1)
        assert (found["warnings"], found["product"]["dead_letters"]) == ([], [])
        assert found["source"]["retained_bytes"] >= 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN_S) == 0
        assert ended(pids)
    result = stockproof("cdc", "replay", *said, "--snapshot")
    assert (result.returncode, "takes a new snapshot" in result.stderr) == (0, True)
    with running(*said) as process:  # goes on, with another snapshot, and is killed
        assert process.stdout is not None
        pids = list(json.loads(process.stdout.readline())["pids"].values())
        until_shown(folder / "product.db", 7)
        process.kill()
        assert ended(pids)


@pytest.mark.slow
def test_the_product_answers_what_there_is(tmp_path: Path) -> None:
    with closing(Shelf(tmp_path / "product.db")) as shelf:
        columns = {"sku": "tea", "place": "mall", "units": "3"}
        changes = [
            ["", "begun", [], [0, 0], 0, {}],
            ["shop.cell", "put", ["tea", "mall"], [1, 0], 5, columns],
        ]
        body = {"format": 1, "source": "s", "epoch": 1, "changes": changes}
        shelf.apply([json.dumps(body).encode()])
    process = subprocess.Popen(
        [sys.executable, "-m", "product_system", "--database", str(tmp_path / "product.db")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    try:
        url = json.loads(process.stdout.readline())["url"]
        with httpx.Client(base_url=url, trust_env=False) as http:
            place = {"place": "mall", "total": 3, "as_of_us": 5}
            assert http.get("/stock/tea").json() == {"sku": "tea", "total": 3, "places": [place]}
            assert http.get("/stock/pot").status_code == 404
            assert http.get("/health").json()["complete"] is False
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "said, complaint",
    [
        (("run",), "no table is named"),
        (("run", "--table", "cell"), "named with its schema"),
        (("run", "--table", "a.b"), "no source is named"),
        (("run", "--table", "a.b", "--sql-url", "x", "--only", "all"), "capture or consumer"),
        (
            ("run", "--table", "a.b", "--sql-url", "x", "--only", "capture"),
            "say which with --broker-url",
        ),
        (("status", "--config", "nowhere.toml"), "cannot be read"),
    ],
)
def test_a_usage_error_is_one_sentence(
    said: tuple[str, ...], complaint: str, tmp_path: Path
) -> None:
    result = stockproof("cdc", *said, cwd=tmp_path, STOCKPROOF_SQL_URL="")
    assert result.returncode == 2
    assert complaint in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def command_lines(pids: list[int]) -> str:
    """What anybody on the machine may read of these processes, and of theirs."""
    family = [one for pid in pids for one in (psutil.Process(pid), *_children(pid))]
    return "\n".join(" ".join(one.cmdline()) for one in family)


def _children(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


@pytest.mark.live
@pytest.mark.slow
def test_no_command_line_tells_where_the_servers_are(source: str, folder: Path) -> None:
    parts = urlsplit(source)
    user = f"{parts.username}:not-for-all-to-see@" if parts.username else "u:not-for-all-to-see@"
    secret = source.replace(parts.netloc, user + parts.netloc.rpartition("@")[2])
    where = ("--product", str(folder / "product.db"), "--data", str(folder / "data"))
    with running("--table", "shop.cell", *where, STOCKPROOF_SQL_URL=secret) as process:
        assert process.stdout is not None
        pids = list(json.loads(process.stdout.readline())["pids"].values())
        shown = command_lines([process.pid, *pids])
        assert "--with-parent" in shown
        assert "not-for-all-to-see" not in shown
        process.send_signal(signal.SIGTERM)
        process.wait(WITHIN_S)
    said = words(secret, folder)
    with running(*said) as process:  # whoever puts it there himself tells it of that one process
        assert process.stdout is not None
        pids = list(json.loads(process.stdout.readline())["pids"].values())
        assert "not-for-all-to-see" not in command_lines(pids)
        process.send_signal(signal.SIGTERM)
        process.wait(WITHIN_S)


@pytest.mark.parametrize(
    "typed",
    [
        ("--sql-url", "postgresql://u:pw@h/d", "--broker-url", "redis://:pw@h"),
        ("--sql-url=postgresql://u:pw@h/d", "--broker-url=redis://:pw@h"),
    ],
)
def test_what_a_part_is_told_has_no_address(typed: tuple[str, ...]) -> None:
    line = ("cdc", "run", *typed, "--table", "shop.cell", "--audit")
    assert without_urls(line) == ["cdc", "run", "--table", "shop.cell", "--audit"]


@pytest.mark.slow
@pytest.mark.parametrize("verb", [("status",), ("status", "--json"), ("replay",)])
def test_a_pipeline_that_never_ran_says_so_and_makes_no_file(
    verb: tuple[str, ...], tmp_path: Path
) -> None:
    said = words("postgresql://nobody@127.0.0.1:9/none", tmp_path)
    result = stockproof("cdc", *verb, *said, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "has never run" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_state_that_knows_others_does_not_know_this_one(tmp_path: Path) -> None:
    file = tmp_path / "capture.db"
    CaptureState(file, "other").close()
    assert has_begun(file, "other")
    assert not has_begun(file, "shop")
