"""A new PostgreSQL cluster as a copy: what `initdb` made once serves every later private server.

`initdb` takes most of the time that a private server needs to start. The copy is kept in the user's
cache directory under a name made of what `initdb` reads and of its options. It is on the disk
before it gets that name, so an interrupted start or a power cut leaves no half cluster behind.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from inventory_core.stores.embedded.account import Account


def template_for(install: Path, options: Sequence[str]) -> Path:
    """Where the cluster that this install's `initdb` makes with these options is kept."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    made_of = sha256(" ".join(options).encode())
    for catalogue in sorted(install.glob("share/**/postgres.bki")):  # names its version, too
        made_of.update(catalogue.read_bytes())
    return Path(cache) / "stockproof" / f"cluster-{made_of.hexdigest()[:16]}"


def copied(template: Path, data: Path, account: Account | None) -> bool:
    """Fill the empty `data` from the template; False, and still empty, if there is none."""
    if not (template / "PG_VERSION").is_file():
        return False
    if _copy(template, data) and (account is None or _give(data, account)):
        return True
    for path in data.iterdir():  # the template was just removed, or there is no space
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return False


def keep(template: Path, data: Path) -> None:
    """Keep a cluster that no server has used yet; without a cache, nothing is kept."""
    if template.exists():
        return
    with suppress(OSError):
        template.parent.mkdir(parents=True, exist_ok=True)
        new = Path(mkdtemp(prefix="cluster-", dir=template.parent))
        try:
            if not _copy(data, new):
                return
            for path in _inside(new):
                _sync(path)
            new.rename(template)
            _sync(template.parent)
        finally:
            shutil.rmtree(new, ignore_errors=True)


def _copy(source: Path, target: Path) -> bool:
    """By `cp`: here, each of a thousand small files would wait for the interpreter."""
    return _done("cp", "-R", "-p", f"{source}/.", str(target))


def _give(data: Path, account: Account) -> bool:
    return _done("chown", "-R", f"{account.uid}:{account.gid}", str(data))


def _done(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _inside(folder: Path) -> Iterator[Path]:
    """What lies in it, and the folder itself last."""
    yield from folder.rglob("*")
    yield folder


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
