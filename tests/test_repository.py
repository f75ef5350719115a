"""What is true of every file: nothing of one workplace in it, and nothing left unexplained."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    *("inventory_core", "product_system", "strategies", "scenarios", "reports"),
    *("warehouse_system", "workbench"),
)
# Looked at only where there is no git to ask (an unpacked archive).
NOT_OURS = {".git", ".venv", "runs", "build", "dist", "__pycache__", "node_modules"}

# Assembled from parts, so that this file is not the first to fail. After a letter, a digit or a dot
# a folder's name belongs to an address or to a relative path: only a path that starts there counts.
WORKPLACES = re.compile(r"(?<![\w.~*)}\]-])/(?:" + "|".join(("work", "root", r"home/\w+")) + ")/")
REGISTRIES = re.compile(
    "|".join(
        re.escape(host + rest)
        for host, rest in (
            ("files.pythonhosted", ".org"),
            ("pypi", ".org/simple"),
            ("registry.npmjs", ".org"),
            ("registry.yarnpkg", ".com"),
            ("deb.debian", ".org"),
            ("proxy.golang", ".org"),
            ("index.crates", ".io"),
        )
    )
)


def tracked_files() -> list[Path]:
    """The files that a clone would have; without git to ask, all that are not known as foreign."""
    command = ["git", "ls-files", "-z"]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        found = [path for path in ROOT.rglob("*") if not NOT_OURS & set(path.parts)]
    else:
        found = [ROOT / name for name in listing.stdout.split("\0") if name]
    return sorted(path for path in found if path.is_file())


FILES = tracked_files()
MODULES = [
    path
    for path in FILES
    if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in (*PACKAGES, "tests")
]


def lines_with(pattern: re.Pattern[str]) -> Iterator[str]:
    """Where `pattern` occurs in a tracked text, as `file:line: text`."""
    for path in FILES:
        text = path.read_bytes()
        if b"\0" in text:  # a picture, or records
            continue
        for number, line in enumerate(text.decode("utf-8", "replace").splitlines(), 1):
            if found := pattern.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: {found[0]}"


def test_there_are_files_to_look_at() -> None:
    assert ROOT / "pyproject.toml" in FILES
    assert MODULES


def test_no_file_names_a_folder_of_one_workplace() -> None:
    assert list(lines_with(WORKPLACES)) == []


def test_no_file_names_the_host_of_a_registry() -> None:
    assert list(lines_with(REGISTRIES)) == []


@pytest.mark.parametrize("folder", ["work", "root", "home/ann"])
def test_a_planted_workplace_is_seen(folder: str) -> None:
    assert WORKPLACES.search(f'open("/{folder}/main")')
    assert not WORKPLACES.search(f"https://example.org/{folder}/main")
    assert not WORKPLACES.search(f"docs/{folder}/main")


def test_a_planted_registry_is_seen() -> None:
    assert REGISTRIES.search("--index-url https://pypi" + ".org/simple")
    assert not REGISTRIES.search("https://pypi" + ".org/project/stockproof")


def test_pins_are_ours_to_place_so_there_is_no_lock_file_with_hosts_in_it() -> None:
    assert [path for path in FILES if path.name in {"uv.lock", "poetry.lock", "Pipfile.lock"}] == []


def test_every_pin_has_a_hash() -> None:
    for pins in ("everything.txt", "uv.txt"):
        text = (ROOT / "requirements" / pins).read_text().replace("\\\n", "")
        pinned = [line for line in text.splitlines() if line and line.lstrip()[0] != "#"]
        assert pinned
        assert [line for line in pinned if "==" not in line or "--hash=sha256:" not in line] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert [str(path.relative_to(ROOT)) for path in silent] == []


def test_every_package_and_part_of_a_package_has_a_readme() -> None:
    folders = {
        ROOT / Path(*path.relative_to(ROOT).parts[:depth])
        for path in MODULES
        for depth in (1, 2)
        if path.relative_to(ROOT).parts[0] in PACKAGES and len(path.relative_to(ROOT).parts) > depth
    }
    bare = [folder for folder in sorted(folders) if not (folder / "README.md").is_file()]
    assert [str(folder.relative_to(ROOT)) for folder in bare] == []
