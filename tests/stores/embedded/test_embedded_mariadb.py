"""A private MariaDB keeps what it committed when it is killed, and leaves nothing behind."""

import shutil
from contextlib import closing

import psutil
import pytest

from inventory_core.problems import Problem
from inventory_core.stores.embedded import EmbeddedMariadb
from inventory_core.stores.embedded.mariadb import program
from inventory_core.stores.mariadb.address import connect
from tests.servers import started

pytestmark = [pytest.mark.live, pytest.mark.slow]


def test_what_was_committed_is_there_after_a_kill_and_nothing_after_the_stop() -> None:
    for server in started(EmbeddedMariadb):
        with closing(connect(server.url)) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE kept")
            cursor.execute("CREATE TABLE kept.unit (n INT PRIMARY KEY)")
            cursor.execute("INSERT INTO kept.unit VALUES (7)")
        server.kill()
        server.restart()
        with closing(connect(server.url)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT n, @@innodb_flush_log_at_trx_commit FROM kept.unit")
            assert cursor.fetchall() == ((7, 1),)
        pid, directory = server.pid, server.directory
        assert psutil.Process(pid).username() != "root"
    assert not psutil.pid_exists(pid)
    assert not directory.exists()


def test_a_machine_without_mariadb_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(Problem, match="mariadb-server"):
        program("mariadbd")
