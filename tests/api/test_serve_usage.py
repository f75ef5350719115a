"""What is wrong with `stockproof serve` is told in one sentence, with status 2."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from inventory_core.api.launching import Launch, launched
from inventory_core.problems import Problem


@pytest.mark.parametrize(
    "launch,sentence",
    [
        (Launch(engine="none"), "there is no strategy 'none'"),
        (Launch(engine="noop"), "noop keeps no stock"),
        (Launch(sql_url="mysql://localhost/x"), "the SQL URL must begin with postgresql://"),
        (Launch(sql_url="postgresql://db.example/x"), "say --allow-host db.example"),
        (
            Launch(sql_url="postgresql:///x", redis_url="http://localhost"),
            "the Redis URL must begin with redis://",
        ),
        (Launch(redis_url="redis://localhost"), "--redis-url needs --sql-url"),
        (Launch(sql_url="postgresql:///x", data=Path("x")), "--data is for private servers"),
        (
            Launch(sql_url="postgresql:///x", engine="redis_script"),
            "redis_script needs kv, and there is no Redis",
        ),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_what_cannot_be_is_refused_before_anything_starts(launch: Launch, sentence: str):
    with pytest.raises(Problem, match=".*".join([sentence.replace("(", r"\(")])):
        launched(launch, lambda _: None)


def test_a_port_that_is_taken_is_told():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Problem, match=f"cannot listen at 127.0.0.1:{port}"):
            launched(Launch(port=port), lambda _: None)


def test_a_host_that_is_not_ours_is_told():
    with pytest.raises(Problem, match="choose another --port"):
        launched(Launch(host="192.0.2.1"), lambda _: None)
