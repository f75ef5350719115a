"""A server that lets nobody in, or write, or is full, or goes: a sentence, and work is kept.

Every server here is private to these tests, but for MariaDB, in which a user is made and removed.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis

from inventory_core.stores.embedded import EmbeddedPostgresql, EmbeddedValkey
from inventory_core.stores.mariadb.address import connect
from tests.workbench.command import command
from workbench.command_line import run

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(300)]
Measured = Callable[..., str]
WORD = "hush-hush"
SHORT = ("--seconds", "0.4", "--repeat", "1", "--connections", "2", "--set", "stock.quantity=500")
WITHIN_S = 100.0


@pytest.fixture(scope="module")
def valkey() -> Iterator[EmbeddedValkey]:
    """With two users: one who may read only, and one whose password is known."""
    with EmbeddedValkey() as server:
        with redis.Redis.from_url(server.url) as client:
            client.execute_command("ACL", "SETUSER", "reader", "on", f">{WORD}", "~*", "+@read",
                                   "+info", "+config|get", "+ping", "+select")  # fmt: skip
        yield server


@pytest.fixture(scope="module")
def postgresql() -> Iterator[EmbeddedPostgresql]:
    """With a role that may look, and no more; by its socket, a password is asked of it."""
    with EmbeddedPostgresql() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE reader LOGIN PASSWORD '{WORD}'")
            hba = server.directory / "pg_hba.conf"
            hba.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
            connection.execute("SELECT pg_reload_conf()")
        yield server


@pytest.fixture
def measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Measured:
    """Measure, fail, and answer the one sentence; it tells no password."""
    monkeypatch.chdir(tmp_path)

    def fail(strategy: str, *more: str, **urls: str) -> str:
        for name, url in urls.items():
            monkeypatch.setenv(name, url)
        words = ["measure", "flash_sale", *SHORT, "--strategy", strategy, *more, "--json"]
        status, said = run(words), capsys.readouterr()
        assert (status, said.out) == (2, ""), said.err
        return one_sentence(said.err)

    return fail


def one_sentence(said: str) -> str:
    assert said.count("\n") == 1, said
    assert WORD not in said
    assert "Traceback" not in said
    return said


def reader_of(postgresql: EmbeddedPostgresql, word: str) -> str:
    return postgresql.url.replace("postgres@", f"reader:{word}@")


def test_a_wrong_password_of_postgresql(postgresql: EmbeddedPostgresql, measured: Measured) -> None:
    said = measured("row_lock", STOCKPROOF_SQL_URL=reader_of(postgresql, "wrong-word"))
    assert "check user, password and database" in said
    assert "wrong-word" not in said


def test_a_role_of_postgresql_that_may_only_look(
    postgresql: EmbeddedPostgresql, measured: Measured
) -> None:
    said = measured("row_lock", STOCKPROOF_SQL_URL=reader_of(postgresql, WORD))
    assert "permission denied for database postgres; use another role" in said


def test_a_wrong_password_of_redis(valkey: EmbeddedValkey, measured: Measured) -> None:
    url = valkey.url.replace("redis://", "redis://reader:wrong-word@")
    said = measured("redis_script", STOCKPROOF_REDIS_URL=url)
    assert "refuses the password: put the right one into the URL" in said
    assert "wrong-word" not in said


def test_a_user_of_redis_who_may_only_look(valkey: EmbeddedValkey, measured: Measured) -> None:
    url = valkey.url.replace("redis://", f"redis://reader:{WORD}@")
    said = measured("redis_script", STOCKPROOF_REDIS_URL=url)
    assert "give the URL of a user who may write our keys" in said


def test_a_user_of_mariadb_with_a_wrong_password_or_no_right(
    mariadb_server_url: str, measured: Measured
) -> None:
    with user_of(mariadb_server_url) as name:
        where = mariadb_server_url.partition("@")[2]
        for word, sentence in (("wrong-word", "check server, user and password"),
                               (WORD, "Access denied for user")):  # fmt: skip
            url = f"mysql://{name}:{word}@{where}"
            said = measured("row_lock", STOCKPROOF_SQL_URL=url)
            assert sentence in said
            assert "wrong-word" not in said


@contextmanager
def user_of(url: str) -> Iterator[str]:
    """A user of a MariaDB who may connect, and no more."""
    name = f"reader_{secrets.token_hex(4)}"
    connection: Any = connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE USER {name}@'%' IDENTIFIED BY '{WORD}'")
        cursor.execute(f"CREATE USER {name}@localhost IDENTIFIED BY '{WORD}'")
        try:
            yield name
        finally:
            cursor.execute(f"DROP USER {name}@'%', {name}@localhost")


def test_a_redis_that_is_full_ends_the_campaign_and_its_run_is_kept_as_partial(
    tmp_path: Path, measured: Measured
) -> None:
    with EmbeddedValkey(settings={"maxmemory": "2mb", "maxmemory-policy": "noeviction"}) as server:
        said = measured(
            "redis_script",
            *("--seconds", "2", "--set", "stock.quantity=1000000", "--out", "kept"),
            STOCKPROOF_REDIS_URL=server.url,
        )
    assert "a store has no room left" in said
    assert "maxmemory" in said
    assert "redis_script is kept in kept/" in said
    assert partial_run(tmp_path / "kept") == "redis_script"


def partial_run(folder: Path) -> str:
    """The one run that is marked as partial: its strategy. Its attempts are there, unjudged."""
    runs = [json.loads(path.read_text("utf-8")) for path in folder.glob("*/run.json")]
    (run,) = (run for run in runs if run["partial"])
    (verdict,) = (
        verdict
        for path in folder.glob("*/verdict.json")
        if (verdict := json.loads(path.read_text("utf-8"))["row"]).get("partial")
    )
    assert verdict["verdict"] == "unknown"
    assert verdict["attempts"] > 0
    record = json.loads((folder / "comparison.json").read_text("utf-8"))
    rows = {row["strategy"]: row["verdict"] for row in record["rows"]}
    assert rows[run["strategy"]] == "unknown"
    strategy: str = run["strategy"]
    return strategy


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system of so many megabytes; only root may mount one."""
    place = Path(tempfile.mkdtemp(prefix="stockproof-disk-"))
    place.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        place.rmdir()
        pytest.skip("only a root who may mount can make a disk that is soon full")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
        shutil.rmtree(place)


def test_a_disk_that_is_full_ends_the_campaign_and_its_run_is_kept_as_partial(
    tmp_path: Path,
) -> None:
    with (
        small_disk(120) as disk,
        EmbeddedPostgresql(disk) as server,
        measuring(tmp_path, "row_lock", STOCKPROOF_SQL_URL=server.url) as process,
    ):
        wait_until(lambda: sells(server))
        fill(disk)
        stdout, stderr = process.communicate(timeout=WITHIN_S)
    assert (process.returncode, stdout) == (2, "")
    said = one_sentence(stderr.splitlines()[-1] + "\n")
    assert "No space left on device" in said
    assert partial_run(tmp_path / "kept") == "row_lock"


def fill(disk: Path) -> None:
    """Write until nobody can write any more."""
    with (disk / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while ballast.tell() < 1 << 30:
            ballast.write(b"\0" * 65_536)


def sells(server: EmbeddedPostgresql) -> bool:
    """Has an order been written down?"""
    asked = "SELECT 1 FROM pg_class WHERE relname = 'deduction_log' AND pg_relation_size(oid) > 0"
    with psycopg.connect(server.url) as connection:
        return connection.execute(asked).fetchone() is not None


def test_a_server_that_goes_in_the_middle_leaves_finished_runs_and_a_partial_one(
    tmp_path: Path,
) -> None:
    names, kept = ("redis_script", "redis_decrement"), tmp_path / "kept"
    with EmbeddedValkey() as server:
        with measuring(tmp_path, names[0], STOCKPROOF_REDIS_URL=server.url) as first:
            first.communicate(timeout=WITHIN_S)
        with measuring(tmp_path, *names, STOCKPROOF_REDIS_URL=server.url) as process:
            wait_until(lambda: sells_keys(server))  # the other one: the first is finished
            crew = psutil.Process(process.pid).children(recursive=True)
            server.kill()
            stdout, stderr = process.communicate(timeout=WITHIN_S)
        wait_until(lambda: not any(alive(each) for each in crew))
    assert (process.returncode, stdout) == (2, "")
    lines = stderr.strip().splitlines()
    assert "is kept in kept/" in one_sentence(lines[-1] + "\n")
    assert "cannot be reached" in lines[-1]
    partial = partial_run(kept)
    assert partial == names[1]
    record = json.loads((kept / "comparison.json").read_text("utf-8"))
    (whole,) = (row for row in record["rows"] if row["strategy"] != partial)
    assert whole["verdict"] == "holds"


@contextmanager
def measuring(cwd: Path, *strategies: str, **urls: str) -> Iterator[subprocess.Popen[str]]:
    """A campaign of one run of each, under way."""
    root = str(Path(__file__).parents[2])
    named = [word for name in strategies for word in ("--strategy", name)]
    words = command(
        *("measure", "flash_sale", "--seconds", "2", "--repeat", "1", "--connections", "2", *named),
        *("--out", "kept", "--set", "stock.quantity=1000000", "--json"),
    )
    process = subprocess.Popen(
        words,
        cwd=cwd,
        env=os.environ | urls | {"PYTHONPATH": root},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def sells_keys(server: EmbeddedValkey) -> bool:
    """Is an order held?"""
    with redis.Redis.from_url(server.url) as client:
        return any(True for _ in client.scan_iter("*order:*", count=1_000))


def wait_until(true: Any) -> None:
    """Poll until it is true; a deadline, not a pause, ends the patience."""
    ends = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
