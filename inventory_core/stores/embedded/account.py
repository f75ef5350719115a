"""Who a private server runs as: ourselves, or, when we are root, somebody who may do less.

PostgreSQL refuses to run as root, and a Valkey without password on a loopback port should not
either. Root therefore lends the server to the user who called `sudo`, or to `nobody`.
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from inventory_core.problems import Problem


@dataclass(frozen=True, slots=True)
class Account:
    """An existing user without special rights."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """None for ourselves; for root the user behind `sudo`, `nobody`, or any other there is."""
    if os.geteuid() != 0:
        return None
    behind_sudo = os.environ.get("SUDO_UID", "")
    entries = sorted(pwd.getpwall(), key=lambda entry: (entry.pw_name != "nobody", entry.pw_uid))
    if behind_sudo.isdecimal():
        entries.sort(key=lambda entry: entry.pw_uid != int(behind_sudo))
    for entry in entries:
        if entry.pw_uid != 0:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise Problem(
        "PostgreSQL refuses to run as root and this machine has no other user:"
        " add one (`useradd stockproof`) or run as a normal user."
    )


def can_reach(account: Account | None, path: Path) -> bool:
    """May the account go through every directory down to `path`, and read it?

    Judged by mode bits, groups left out: what lies in root's home is out of reach for `nobody`.
    """
    if account is None:
        return True
    resolved = path.resolve()
    return all(_allows(account, part, stat.S_IXOTH) for part in resolved.parents) and _allows(
        account, resolved, stat.S_IROTH
    )


def _allows(account: Account, path: Path, others_bit: int) -> bool:
    found = path.stat()
    bit = others_bit << 6 if found.st_uid == account.uid else others_bit
    return bool(found.st_mode & bit)


def hand_over(account: Account | None, path: Path) -> None:
    """Make a directory of the server's own: only the server's user (and root) may look inside."""
    path.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(path, account.uid, account.gid)
