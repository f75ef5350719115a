"""`redis-benchmark`, where it is installed, with the very script of a strategy."""

from __future__ import annotations

import re
import shutil
import subprocess
from urllib.parse import parse_qs, unquote, urlsplit

from inventory_core.domain import Cell
from inventory_core.steps import kv
from inventory_core.stores.kv.requests import Requests
from scenarios.measuring.peers.ours import an_order

PROGRAM = "redis-benchmark"
FIRST_REQUESTS = 10_000
"""A first turn, to know how many requests take so many seconds."""

_RATE = re.compile(r"([\d.]+) requests per second")


def installed() -> bool:
    """Is it there?"""
    return shutil.which(PROGRAM) is not None


def script_words(prefix: str, cell: Cell) -> list[str]:
    """EVALSHA of `redis_script`'s deduction, for orders with numbers drawn at random."""
    step = kv.Deduct(an_order(cell))
    words = next(Requests(prefix).of(step))
    assert isinstance(words, tuple), "a script is one command"
    number = step.order.number
    order_key = prefix + kv.order_key(number)
    drawn = {order_key: order_key[: -len(number)] + "__rand_int__", number: "__rand_int__"}
    head, rest = words[:3], words[3:]
    told = [drawn.get(str(word), str(word)) for word in rest[:4]]
    return [*map(str, head), *told, *map(str, rest[4:])]


class RedisBenchmark:
    """Turns without pipelining, so many clients."""

    def __init__(self, url: str, words: list[str], clients: int) -> None:
        self._url = url
        self._words = words
        self._clients = clients
        self._per_s = 0.0

    def turn(self, seconds: float) -> float:
        """Requests a second."""
        if not self._per_s:
            self._per_s = self._run(FIRST_REQUESTS)
        return self._run(max(FIRST_REQUESTS, int(self._per_s * seconds)))

    def _run(self, requests: int) -> float:
        words = [PROGRAM, *_where(self._url), "-c", str(self._clients), "-n", str(requests)]
        words += ["-r", "1000000000", "-q", *self._words]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        found = _RATE.findall(done.stdout.replace("\r", "\n"))
        assert found, f"no rate in what {PROGRAM} said: {done.stdout[-200:]!r}"
        return float(found[-1])


def _where(url: str) -> list[str]:
    parts = urlsplit(url)
    secret = unquote(parts.password or "")
    words = ["-a", secret] if secret else []
    if parts.scheme == "unix":
        number = parse_qs(parts.query).get("db", ["0"])[0]
        return ["-s", unquote(parts.path), *words, "--dbnum", number]
    number = parts.path.strip("/") or "0"
    return ["-h", parts.hostname or "127.0.0.1", "-p", str(parts.port or 6379), *words,
            "--dbnum", number]  # fmt: skip
