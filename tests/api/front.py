"""The service as its clients see it: a real HTTP server on a thread, and a key of every role."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from inventory_core.api.application import create_app
from inventory_core.api.listening import bound, url_of
from inventory_core.api.server import Server, serve
from inventory_core.api.settings import ApiSettings
from inventory_core.stores.service import ServiceAddress

QUICK = ApiSettings(drain_s=0.0, read_staleness_ms=0, key_memory_s=0.0)
"""Settings of most tests: nothing is remembered, nothing waits."""


@dataclass
class Front:
    """One API process (a thread here), and clients with keys of each role."""

    url: str
    address: ServiceAddress
    server: Server
    keys: dict[str, str]
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def client(self, role: str) -> httpx.Client:
        """A client with a key of that role; `nobody` has none."""
        if role not in self.clients:
            said = {"Authorization": f"Bearer {self.keys[role]}"} if role in self.keys else {}
            self.clients[role] = httpx.Client(base_url=self.url, headers=said, timeout=30)
        return self.clients[role]

    def get(self, path: str, role: str = "viewer", **more: Any) -> httpx.Response:
        """GET as somebody."""
        return self.client(role).get(path, **more)

    def post(
        self, path: str, body: Any = None, role: str = "operator", **more: Any
    ) -> httpx.Response:
        """POST as somebody."""
        return self.client(role).post(path, json=body, **more)

    def put(self, path: str, body: Any, role: str = "operator", **more: Any) -> httpx.Response:
        """PUT as somebody."""
        return self.client(role).put(path, json=body, **more)

    def delete(self, path: str, role: str = "operator", **more: Any) -> httpx.Response:
        """DELETE as somebody."""
        return self.client(role).delete(path, **more)


@contextmanager
def fronted(
    address: ServiceAddress, keys: dict[str, str], settings: ApiSettings = QUICK
) -> Iterator[Front]:
    """The service over these stores, while the block runs."""
    app = create_app(address, settings)
    ready = threading.Event()
    server = Server(app, settings, ready.set)
    with bound("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=serve, args=(server, listener))
        thread.start()
        try:
            assert ready.wait(20), "the service did not become ready"
            front = Front(url_of(listener), address, server, keys)
            yield front
        finally:
            server.stop()
            thread.join(30)
            for client in front.clients.values():
                client.close()
    assert not thread.is_alive(), "the service did not stop"


def problem(answer: httpx.Response, status: int, outcome: str | None = None) -> dict[str, Any]:
    """The problem that an answer is; checks its shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert {"type", "title", "detail", "instance"} <= set(body)
    if outcome is not None:
        assert body["outcome"] == outcome
    return body


__all__ = ["Front", "fronted", "problem"]
