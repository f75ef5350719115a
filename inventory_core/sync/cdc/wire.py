"""What goes over the wire: some changes in one message, as JSON that any consumer can read.

    {"format": 1, "source": "shop", "epoch": 1764412345, "changes": [
      ["stock.cell", "put", ["pen", "mall"], [24217088, 0], 1764412350000000, {"units": "7", ...}]]}

A change is its table, operation, key, position, moment of commit (microseconds since 1970) and
columns. Many changes share a message because a broker's price is by the message.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from inventory_core.sync.cdc.change import Change

FORMAT = 1


def packed(
    source: str, epoch: int, changes: Sequence[Change], most: int, bytes_most: int
) -> Iterator[bytes]:
    """The messages that tell these changes, in their order."""
    head = json.dumps({"format": FORMAT, "source": source, "epoch": epoch})[:-1]
    bodies: list[str] = []
    size = 0
    for change in changes:
        body = _encode(change)
        if bodies and (len(bodies) >= most or size + len(body) > bytes_most):
            yield _message(head, bodies)
            bodies, size = [], 0
        bodies.append(body)
        size += len(body)
    if bodies:
        yield _message(head, bodies)


def _encode(change: Change) -> str:
    table, operation, key, columns, position, at_us = change
    return _JSON.encode([table, operation, key, position, at_us, columns])


def _message(head: str, bodies: Sequence[str]) -> bytes:
    return f'{head}, "changes": [{", ".join(bodies)}]}}'.encode()


_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
