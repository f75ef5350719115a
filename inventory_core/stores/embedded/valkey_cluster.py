"""A private cluster: three Valkeys that share the slots, and so the keys, among them."""

import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from inventory_core.problems import Problem
from inventory_core.stores.embedded.valkey import HOST, EmbeddedValkey

NODES = 3
SLOTS = 16_384
AGREED_WITHIN_S = 30.0
POLL_S = 0.02
SETTINGS = {"cluster-enabled": "yes", "cluster-node-timeout": "5000"}


class EmbeddedValkeyCluster:
    """Private servers that live, die and come back together. No replicas: nothing fails over."""

    server_name = "Valkey cluster"

    def __init__(self) -> None:
        self._nodes = [EmbeddedValkey(settings=SETTINGS) for _ in range(NODES)]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the nodes, share out the slots, and return when all agree on them."""
        try:
            for node in self._nodes:
                node.start()
            self._introduce()
            self._await_agreement()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all nodes; harmless when there is nothing to stop."""
        for node in self._nodes:
            node.stop()

    def kill(self) -> None:
        """SIGKILL to all of them."""
        for node in self._nodes:
            node.kill()

    def lose_power(self, share: float) -> None:
        """As `kill`, and what was acknowledged but not yet flushed is gone too, on all of them."""
        for node in self._nodes:
            node.lose_power(share)

    def restart(self) -> None:
        """Start all of them again on the same data, at the same addresses."""
        for node in self._nodes:
            node.restart()
        self._await_agreement()

    @property
    def urls(self) -> tuple[str, ...]:
        """Every node, for redis-py."""
        return tuple(node.url for node in self._nodes)

    @property
    def url(self) -> str:
        """One node; it sends whoever asks for the keys of another to that one."""
        return self.urls[0]

    @property
    def pid(self) -> int:
        """The process id of that node."""
        return self._nodes[0].pid

    @property
    def directory(self) -> Path:
        """Where the data of that node lie."""
        return self._nodes[0].directory

    @property
    def on_tmpfs(self) -> bool:
        """Do the data lie in memory only?"""
        return self._nodes[0].on_tmpfs

    @property
    def log(self) -> str:
        """What the nodes have said so far, one after the other."""
        return "".join(node.log for node in self._nodes)

    def _introduce(self) -> None:
        clients = [_client(url) for url in self.urls]
        share = -(-SLOTS // NODES)
        for n, client in enumerate(clients):
            last = min(share * (n + 1), SLOTS) - 1
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", n + 1)
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", share * n, last)
        for node in self._nodes[1:]:
            clients[0].execute_command("CLUSTER", "MEET", HOST, node.port)
        for client in clients:
            client.close()

    def _await_agreement(self) -> None:
        deadline_s = time.monotonic() + AGREED_WITHIN_S
        for url in self.urls:
            with _client(url) as client:
                while not _agrees(client):
                    if time.monotonic() > deadline_s:
                        raise Problem(
                            f"The private {self.server_name} did not agree on its slots within "
                            f"{AGREED_WITHIN_S:g} seconds: its nodes talk on loopback ports 10,000 "
                            "above their own; see that nothing blocks them."
                        )
                    time.sleep(POLL_S)


def _client(url: str) -> Any:
    import redis  # here, because no other private server needs a package to talk to it

    return redis.Redis.from_url(url, decode_responses=True)


def _agrees(client: Any) -> bool:
    said = client.execute_command("CLUSTER INFO")  # redis-py makes a dictionary of it
    return said["cluster_state"] == "ok" and int(said["cluster_known_nodes"]) == NODES
