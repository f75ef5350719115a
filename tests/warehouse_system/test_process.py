"""The warehouse system as a process: ready, asked to end, killed, cut off."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from tests.warehouse_system.running import ROOT, post, running

pytestmark = pytest.mark.slow


def stock_file(folder: Path) -> Path:
    file = folder / "stock.csv"
    file.write_text("warehouse,sku,quantity\neast,tea,1000\neast,cup,4\n")
    return file


def test_what_was_answered_survives_kill_9(tmp_path: Path) -> None:
    database, stock = tmp_path / "east.db", stock_file(tmp_path)
    answered: list[str] = []
    with running(database, "--stock", str(stock)) as there:

        def crowd(name: str) -> None:
            with httpx.Client(base_url=there.url, timeout=5) as http:
                for number in range(10_000):
                    try:
                        answer = post(http, "shipments", f"{name}-{number}", ("tea", 1))
                    except httpx.HTTPError:
                        return
                    if answer.status_code == 201:
                        answered.append(f"{name}-{number}")

        threads = [threading.Thread(target=crowd, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        while len(answered) < 60:
            threads[0].join(0.01)
        there.kill()
        for thread in threads:
            thread.join()
    with (
        running(database, "--stock", str(stock)) as there,
        httpx.Client(base_url=there.url) as http,
    ):
        for reference in answered:
            assert http.get(f"/warehouses/east/shipments/{reference}").status_code == 200
        left = http.get("/warehouses/east/counts/tea").json()["quantity"]
        shipped = http.get("/warehouses/east").json()["last"] - 2  # the opening has two movements
        assert left == 1000 - shipped
        assert 0 <= shipped - len(answered) <= 3  # one a client may have died unheard


def test_it_ends_in_good_order_when_it_is_asked_to(tmp_path: Path) -> None:
    with running(tmp_path / "east.db") as there:
        assert httpx.get(f"{there.url}/health").json() == {"status": "ok"}
        assert there.stop() in (0, -signal.SIGTERM)


def test_a_count_is_cut_after_a_page(tmp_path: Path) -> None:
    stock = stock_file(tmp_path)
    with running(tmp_path / "e.db", "--stock", str(stock), "--cut-after-page", "1") as there:
        url = f"{there.url}/warehouses/east/counts?page_size=1"
        first = httpx.get(url).json()
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(url, params={"page_size": 1, "cursor": first["next"]})


@pytest.mark.parametrize(
    "words,says",
    [
        (["--stock", "none.csv"], "cannot be read"),
        (["--host", "203.0.113.1"], "not to be had"),
        (["--database", "/"], "cannot be opened"),
    ],
)
def test_what_keeps_it_from_starting_is_one_sentence(
    tmp_path: Path, words: list[str], says: str
) -> None:
    command = [sys.executable, "-m", "warehouse_system", "--warehouse", "east"]
    named = [*command, "--database", str(tmp_path / "e.db"), *words]
    ended = subprocess.run(named, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert says in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_the_command_line_runs_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from workbench.command_line import main; main()"]
    words = ["warehouse", "--database", str(tmp_path / "e.db"), "--warehouse", "east"]
    process = subprocess.Popen(
        [*command, *words, "--stock", str(stock_file(tmp_path))],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "WAREHOUSE_TOKEN": "secret"},
    )
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"]
    try:
        assert httpx.get(f"{url}/warehouses").status_code == 401
        headers = {"Authorization": "Bearer secret"}
        count = httpx.get(f"{url}/warehouses/east/counts/tea", headers=headers).json()
        assert count == {"sku": "tea", "quantity": 1000, "through": 2}
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        process.stdout.close()
