"""A URL that leads nowhere is one sentence, and never shows a password."""

import socket
from collections.abc import Iterator

import psycopg
import pytest

from inventory_core.problems import Problem
from inventory_core.stores.sql import PostgresqlStore
from inventory_core.stores.sql.address import hosts_of, masked

NOT_URLS = [
    "mysql://clerk:secret@localhost/shop",
    "clerk:secret@localhost",
    "postgresql://clerk:secret@[::1/shop",
    "postgresql://clerk:secret@localhost/shop?colour=red",
    "host=localhost password=secret",
    "",
]


def complaint(url: str) -> str:
    """What the user is told when a store at that URL is created."""
    with pytest.raises(Problem) as told:
        PostgresqlStore(url).create()
    return str(told.value)


@pytest.mark.parametrize("url", NOT_URLS)
def test_what_is_no_url_of_a_postgresql_is_refused_with_an_example(url: str) -> None:
    said = complaint(url)
    assert "write it like postgresql://USER:PASSWORD@HOST" in said
    assert "secret" not in said


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port of this machine on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_server_that_does_not_run_cannot_be_reached(free_port: int) -> None:
    said = complaint(f"postgresql://clerk:secret@127.0.0.1:{free_port}/shop")
    where = f"postgresql://clerk:***@127.0.0.1:{free_port}/shop"
    assert said.startswith(f"{where} cannot be reached (Connection refused")
    assert said.endswith("): start the server, or correct the URL.")


def test_a_socket_that_is_not_there_cannot_be_reached() -> None:
    said = complaint("postgresql:///shop?host=/nowhere&password=secret")
    assert "cannot be reached (No such file or directory)" in said
    assert "secret" not in said


@pytest.mark.live
@pytest.mark.parametrize("wrong", ["dbname=no_such_shop", "user=nobody_at_all"])
def test_a_wrong_database_or_user_is_named(postgresql_url: str, wrong: str) -> None:
    said = complaint(f"{postgresql_url}{'&' if '?' in postgresql_url else '?'}{wrong}")
    assert "does not let us in (" in said
    assert wrong.split("=")[1] in said
    assert said.endswith("check user, password and database.")


@pytest.mark.live
def test_the_url_may_overrule_how_long_we_try(postgresql_url: str) -> None:
    mark = "&" if "?" in postgresql_url else "?"
    store = PostgresqlStore(f"{postgresql_url}{mark}connect_timeout=3")
    assert store.fingerprint()["fsync"]


def test_passwords_are_masked_wherever_they_stand() -> None:
    assert masked("postgresql://clerk:s3:c@t@host/x") == "postgresql://clerk:***@host/x"
    assert masked("postgresql://h/x?password=s&user=u") == "postgresql://h/x?password=***&user=u"
    assert masked("postgresql://clerk:a/b@host/x") == "postgresql://clerk:***@host/x"
    assert masked("postgresql://clerk@host/x") == "postgresql://clerk@host/x"
    shown = PostgresqlStore("postgresql://clerk:secret@host/x")
    assert "secret" not in f"{shown} {shown!r}"


@pytest.mark.parametrize(
    "url, hosts",
    [
        ("postgresql://shop.example/x", ("shop.example",)),
        ("postgresql://u@/x?host=/run/sockets&port=5432", ("/run/sockets",)),
        ("postgresql://a:1,b:2/x", ("a", "b")),
        ("postgresql://a/x?hostaddr=10.0.0.1", ("a", "10.0.0.1")),
        ("postgresql:///x", ()),
    ],
)
def test_the_hosts_of_a_url_are_known_without_a_connection(
    url: str, hosts: tuple[str, ...]
) -> None:
    assert hosts_of(url) == hosts


FATAL = 'connection failed: connection to server at "10.0.0.1", port 5432 failed: FATAL:  '
SAID = {
    "": "cannot be reached (no reply): start the server",
    FATAL + 'password authentication failed for user "clerk"': (
        'does not let us in (password authentication failed for user "clerk"): check user'
    ),
    FATAL + "sorry, too many clients already": "(sorry, too many clients already): try again",
    FATAL + "the database system is starting up": "takes no connection now (the database system",
    "connection timeout expired": "cannot be reached (connection timeout expired): start",
    "failed to resolve host 'shop': [Errno -2] Name or service not known": "not known): start",
}


@pytest.mark.parametrize("said", SAID)
def test_what_libpq_says_becomes_one_sentence(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise psycopg.OperationalError(said)

    monkeypatch.setattr(psycopg, "connect", refuse)
    told = complaint("postgresql://clerk:secret@shop/x")
    assert SAID[said] in told
    assert told.startswith("postgresql://clerk:***@shop/x ")
    assert "\n" not in told
