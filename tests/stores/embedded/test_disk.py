"""Disk or memory, and how long a promise takes: judged rightly."""

from pathlib import Path

import pytest

from inventory_core.stores.embedded import disk, fsync_us, is_tmpfs

TABLE = """\
/dev/vda / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
tmpfs /mnt/in\\040memory tmpfs rw 0 0
/dev/vdb /run/disk ext4 rw 0 0
"""


@pytest.mark.parametrize(
    "path, expected",
    [
        ("/", False),
        ("/run", True),
        ("/run/deep/inside", True),
        ("/runway", False),
        ("/run/disk/data", False),
        ("/mnt/in memory/data", True),
    ],
)
def test_a_tmpfs_is_told_from_a_disk(
    path: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "mounts"
    table.write_text(TABLE)
    monkeypatch.setattr(disk, "MOUNTS", table)
    monkeypatch.setattr(Path, "resolve", lambda path: path)
    assert is_tmpfs(path) is expected


def test_without_a_table_of_mounts_nothing_is_known_to_be_a_tmpfs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "MOUNTS", tmp_path / "absent")
    assert not is_tmpfs(tmp_path)


def test_an_fsync_takes_some_time_and_leaves_no_file(tmp_path: Path) -> None:
    assert 0.1 < fsync_us(tmp_path) < 5_000_000
    assert list(tmp_path.iterdir()) == []
