"""Whom we may load: this machine, and who was allowed by name."""

import re

import pytest

from inventory_core.problems import Problem
from inventory_core.stores.addresses import Address, check_allowed, check_url, hosts_of
from inventory_core.strategy import Needs


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me@127.0.0.1:5432/shop",
        "postgresql://me@localhost/shop",
        "postgresql://me@[::1]:5432/shop",
        "postgresql://me@/shop?host=/tmp/socket",
        "postgresql:///shop",
        "postgresql://%2Ftmp%2Fsocket/shop",
        "redis://127.3.2.1:6379/0",
        "unix:///tmp/redis.sock?db=1",
    ],
)
def test_this_machine_is_always_allowed(url: str) -> None:
    check_allowed(url, ())


@pytest.mark.parametrize(
    "url, host",
    [
        ("postgresql://me:pw@db.shop.example:5432/shop", "db.shop.example"),
        ("postgresql://me@127.0.0.1,db2.example/shop", "db2.example"),
        ("postgresql://me@/shop?host=db3.example", "db3.example"),
        ("postgresql://me@localhost/shop?hostaddr=10.0.0.7", "10.0.0.7"),
        ("redis:///0?host=kv.example", "kv.example"),
        ("redis://10.0.0.7:6379/0", "10.0.0.7"),
    ],
)
def test_another_machine_must_be_allowed_by_name(url: str, host: str) -> None:
    with pytest.raises(Problem, match=f"--allow-host {host}"):
        check_allowed(url, ())
    check_allowed(url, (host.upper(),))


def test_all_hosts_of_a_url_are_seen() -> None:
    assert hosts_of("postgresql://a@one:1,two:2/x") == ("one", "two")
    assert hosts_of("postgresql://a@[::1]:1,two/x?hostaddr=3.3.3.3") == ("::1", "two", "3.3.3.3")


@pytest.mark.parametrize("variable", ["PGHOST", "PGHOSTADDR"])
def test_what_a_url_leaves_to_the_environment_is_seen_too(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "10.0.0.7")
    with pytest.raises(Problem, match=re.escape("--allow-host 10.0.0.7")):
        check_allowed("postgresql:///shop", ())


def test_a_service_that_may_lead_anywhere_is_refused() -> None:
    with pytest.raises(Problem, match="name the host instead"):
        check_allowed("postgresql:///shop?service=far", ("localhost",))


def test_a_url_of_the_wrong_kind_is_refused_with_the_right_beginnings() -> None:
    with pytest.raises(Problem, match="must begin with redis://"):
        check_url("postgresql://x/y", Needs.KV, "the Redis URL")
    with pytest.raises(Problem, match="must begin with postgresql://") as problem:
        check_url("postgresql//me:secret@[x", Needs.SQL, "the SQL URL")
    assert "secret" not in str(problem.value)
    check_url("rediss://x", Needs.KV, "the Redis URL")


def test_every_sentinel_must_be_allowed_by_name() -> None:
    url = "redis+sentinel://:pw@127.0.0.1:26379,10.0.0.9/shop/0"
    assert hosts_of(url) == ("127.0.0.1", "10.0.0.9")
    with pytest.raises(Problem, match=re.escape("--allow-host 10.0.0.9")):
        check_allowed(url, ())
    check_allowed(url, ("10.0.0.9",))
    check_url(url, Needs.KV, "the Redis URL")


def test_a_sentinel_url_without_a_service_is_refused_with_one_that_is_right() -> None:
    with pytest.raises(Problem, match="write it like redis") as problem:
        hosts_of("redis+sentinel://:secret@127.0.0.1:26379/")
    assert "secret" not in str(problem.value)


def test_records_show_where_the_stores_are_without_a_password() -> None:
    address = Address("x", sql_url="postgresql://u:secret@h/d", kv_url="rediss://:secret@k")
    assert address.shown == {"sql": "postgresql://u:***@h/d", "kv": "rediss://:***@k"}
