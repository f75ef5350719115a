"""`stockproof.toml`: which servers are meant, read strictly, without a password in any sentence."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import psycopg
import pytest
import redis

from inventory_core.problems import Problem
from inventory_core.stores.embedded import EmbeddedValkeyCluster
from inventory_core.stores.servers import Settings
from tests.workbench.command import stockproof
from workbench.doctoring import examine
from workbench.own_servers import servers_asked

FILE = """
[servers.default]
sql_url = "postgresql://me@127.0.0.1/usual"

[servers.staging]
sql_url = "postgresql://app@db.example:5432/shop?sslmode=verify-full"
sql_password_env = "DB_WORD"
redis_url = "rediss://:${CACHE_WORD}@cache.example:6380/0"
prefix = "trial"
allow_hosts = ["db.example", "cache.example"]

[servers.watched]
sentinel = { hosts = ["127.0.0.1:26379", "127.0.0.1"], service = "shop", password_env = "S_WORD" }
redis_password_env = "CACHE_WORD"

[servers.named]
redis_url = "redis://:${CACHE_WORD}@127.0.0.1:6379/0"
redis_user = "app"

[servers.many]
redis_url = "${NODE}"
cluster = true
"""
VARIABLES = {"DB_WORD": "p@ss/1", "CACHE_WORD": "c:2", "S_WORD": "s3", "NODE": "redis://[::1]:7000"}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file in the working directory, and its variables set."""
    for name in ("STOCKPROOF_SQL_URL", "STOCKPROOF_REDIS_URL", "STOCKPROOF_SERVERS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    Path("stockproof.toml").write_text(FILE, encoding="utf-8")


def test_a_set_is_chosen_by_name_and_its_passwords_come_from_the_environment() -> None:
    assert servers_asked("staging").settings == Settings(
        "postgresql://app:p%40ss%2F1@db.example:5432/shop?sslmode=verify-full",
        "rediss://:c%3A2@cache.example:6380/0",
        ("db.example", "cache.example"),
        "trial",
    )


def test_a_name_that_is_given_apart_keeps_the_urls_password() -> None:
    assert servers_asked("named").settings.redis_url == "redis://app:c%3A2@127.0.0.1:6379/0"


def test_sentinels_become_a_url_with_their_own_password_and_the_servers() -> None:
    assert servers_asked("watched").settings.redis_url == (
        "redis+sentinel://:c%3A2@127.0.0.1:26379,127.0.0.1/shop/0?sentinel_password=s3"
    )


def test_a_url_that_is_one_variable_is_taken_as_it_is() -> None:
    found = servers_asked("many").settings
    assert (found.redis_url, found.cluster) == ("redis://[::1]:7000", True)


def test_a_flag_goes_before_the_environment_and_that_before_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = servers_asked("staging")
    assert asked.origins.sql_url == "servers.staging.sql_url"
    monkeypatch.setenv("STOCKPROOF_SQL_URL", "postgresql://env")
    asked = servers_asked("staging")
    assert (asked.settings.sql_url, asked.origins.sql_url) == (
        "postgresql://env",
        "STOCKPROOF_SQL_URL",
    )
    assert asked.settings.redis_url.startswith("rediss://")  # of that, nobody said anything
    asked = servers_asked("staging", sql_url="postgresql://flag", name="mine")
    assert (asked.settings.sql_url, asked.settings.name) == ("postgresql://flag", "mine")


def test_that_there_is_a_cluster_is_said_of_the_files_url_only() -> None:
    assert not servers_asked("many", redis_url="redis://127.0.0.1:1").settings.cluster


def test_without_a_name_the_environment_chooses_else_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert servers_asked().settings.sql_url == "postgresql://me@127.0.0.1/usual"
    monkeypatch.setenv("STOCKPROOF_SERVERS", "many")
    assert servers_asked().settings.redis_url == "redis://[::1]:7000"


def test_without_a_file_private_servers_are_meant() -> None:
    Path("stockproof.toml").unlink()
    assert servers_asked().settings == Settings()
    with pytest.raises(Problem, match=r"no stockproof\.toml here to find the servers 'staging'"):
        servers_asked("staging")


@pytest.mark.parametrize(
    "table, sentence",
    [
        ('sql_ulr = "x"', "servers.x.sql_ulr is not a key; did you mean servers.x.sql_url?"),
        ("cluster = 1", "servers.x.cluster is 1; write true or false"),
        ('sentinel = { host = ["a"] }', "servers.x.sentinel.host is not a key"),
        ('sentinel = { hosts = ["a"] }', "servers.x.sentinel needs hosts and a service"),
        ("cluster = true", "servers.x.cluster needs the redis_url of a node"),
        ('sql_url = "postgresql://u:hush@h/d"', "servers.x.sql_url holds a password"),
        ('redis_url = "redis://h?password=hush"', "servers.x.redis_url holds a password"),
        ('redis_url = "redis://:${NO}@h"', "wants the variable NO, which is not set: export it"),
        (
            'sql_url = "postgresql://u@h"\nsql_password_env = "NO"',
            "servers.x.sql_password_env wants the variable NO",
        ),
    ],
)
def test_a_mistake_is_one_sentence_that_names_file_and_key(table: str, sentence: str) -> None:
    Path("own.toml").write_text(f"[servers.x]\n{table}\n", encoding="utf-8")
    with pytest.raises(Problem) as problem:
        servers_asked("x", Path("own.toml"))
    assert f"own.toml: {sentence}" in str(problem.value) or sentence in str(problem.value)
    assert "hush" not in str(problem.value)


def test_a_name_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(Problem, match="it has default, staging, watched, named, many"):
        servers_asked("stagging")


@pytest.mark.slow
@pytest.mark.live
def test_a_run_on_a_set_leaves_the_server_as_it_was_and_the_password_nowhere(
    tmp_path: Path, postgresql_url: str
) -> None:
    word = secrets.token_hex(8)
    joint = "&" if "?" in postgresql_url else "?"
    name = f"own_{secrets.token_hex(4)}"
    text = f'[servers.here]\nsql_url = "{postgresql_url}{joint}password=${{WORD}}"\n'
    (tmp_path / "own.toml").write_text(f'{text}prefix = "{name}"\n', encoding="utf-8")
    asked = ("measure", "flash_sale", "--config", "own.toml", "--servers", "here", "--seconds")
    short = ("0.3", "--repeat", "1", "--connections", "2", "--strategy", "row_lock")
    planned = stockproof(*asked, *short, "--dry-run", cwd=tmp_path, WORD=word)
    assert f"CREATE SCHEMA {name}" in planned.stdout
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        schemas = "SELECT nspname FROM pg_namespace ORDER BY 1"
        before = connection.execute(schemas).fetchall()
        ended = stockproof(*asked, *short, "--out", "kept", "--json", cwd=tmp_path, WORD=word)
        assert ended.returncode == 0, ended.stderr
        assert connection.execute(schemas).fetchall() == before
    said = [planned.stdout, planned.stderr, ended.stdout, ended.stderr]
    said += [path.read_text("utf-8") for path in (tmp_path / "kept").rglob("*.json")]
    assert not any(word in each for each in said)
    (run,) = (tmp_path / "kept").glob("*/run.json")
    assert "password=***" in json.loads(run.read_text("utf-8"))["servers"]["sql"]


@pytest.mark.slow
@pytest.mark.live
def test_a_cluster_is_measured_as_one_and_left_as_it_was(tmp_path: Path) -> None:
    with EmbeddedValkeyCluster() as cluster:
        text = f'[servers.default]\nredis_url = "{cluster.url}"\ncluster = true\n'
        (tmp_path / "stockproof.toml").write_text(text, encoding="utf-8")
        ended = stockproof(
            *("measure", "flash_sale", "--seconds", "0.3", "--repeat", "1", "--json"),
            *("--connections", "2", "--strategy", "redis_script", "--set", "stock.quantity=50"),
            cwd=tmp_path,
        )
        assert ended.returncode == 0, ended.stderr
        (row,) = json.loads(ended.stdout)["rows"]
        assert (row["stack"], row["deducted"], row["verdict"]) == ("rediscluster", 50, "holds")
        for url in cluster.urls:
            with redis.Redis.from_url(url) as client:
                assert client.dbsize() == 0


@pytest.mark.slow
@pytest.mark.live
def test_doctor_looks_at_the_servers_of_the_file() -> None:
    asked = servers_asked("many")
    found = {finding.subject: finding.state for finding in examine(asked)}
    assert found["servers.many.redis_url"] == "fail"
    assert found["STOCKPROOF_SQL_URL"] == "ok"
