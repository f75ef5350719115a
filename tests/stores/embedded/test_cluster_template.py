"""A new cluster is a copy of an earlier one, or `initdb`'s own; never half of one."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from inventory_core.stores.embedded import EmbeddedPostgresql, cluster_template
from inventory_core.stores.embedded.binaries import postgresql_install
from inventory_core.stores.embedded.postgresql import INITDB_OPTIONS


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "stockproof"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The options of every call of `initdb`."""
    calls: list[tuple[str, ...]] = []
    initdb = EmbeddedPostgresql._initdb

    def counted(self: EmbeddedPostgresql, *options: str) -> None:
        calls.append(options)
        initdb(self, *options)

    monkeypatch.setattr(EmbeddedPostgresql, "_initdb", counted)
    return calls


def written(directory: Path | None = None) -> None:
    """A server that takes a table; a cluster that is somebody else's would have it already."""
    with (
        EmbeddedPostgresql(directory) as server,
        psycopg.connect(server.url, autocommit=True) as session,
    ):
        session.execute("CREATE TABLE mine (a int)")
        session.execute("CHECKPOINT")


def test_the_second_server_copies_what_the_first_one_made(
    made: list[tuple[str, ...]], cache: Path
) -> None:
    written()
    written()
    written()
    assert len(made) == 1
    assert [each.name for each in cache.iterdir()] == [
        cluster_template.template_for(postgresql_install(), INITDB_OPTIONS).name
    ]


def test_data_that_are_kept_come_from_initdb_with_its_sync(
    made: list[tuple[str, ...]], tmp_path: Path
) -> None:
    written()
    open_to_all = tmp_path / "kept"
    open_to_all.mkdir()
    for each in (open_to_all, *open_to_all.parents[: len(tmp_path.parts) - 2]):
        if each.stat().st_uid == tmp_path.stat().st_uid:
            each.chmod(0o755)
    written(open_to_all)
    assert len(made) == 2
    assert "--no-sync" not in made[1]


def test_a_template_that_is_no_cluster_is_not_used(
    made: list[tuple[str, ...]], cache: Path
) -> None:
    cluster_template.template_for(postgresql_install(), INITDB_OPTIONS).mkdir(parents=True)
    written()
    assert len(made) == 1


def test_a_copy_that_fails_leaves_an_empty_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template, data = tmp_path / "template", tmp_path / "data"
    for folder in (template, data):
        folder.mkdir()
    (template / "PG_VERSION").write_text("18")
    monkeypatch.setattr(cluster_template, "_copy", lambda *_: (data / "half").write_text("") > 1)
    assert not cluster_template.copied(template, data, None)
    assert list(data.iterdir()) == []


def test_without_a_cache_every_server_makes_its_own(
    made: list[tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    written()
    written()
    assert len(made) == 2
