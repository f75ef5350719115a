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
    """The messages that tell these changes, in their order; one change is never parted."""
    head = _JSON.encode({"format": FORMAT, "source": source, "epoch": epoch})[:-1]
    for begin in range(0, len(changes), most):
        yield from _within(head, changes[begin : begin + most], bytes_most)


def _within(head: str, changes: Sequence[Change], bytes_most: int) -> Iterator[bytes]:
    """One message, or two half as long if it is too large."""
    bodies = [
        (table, operation, key, position, at_us, columns)
        for table, operation, key, columns, position, at_us in changes
    ]
    body = f'{head},"changes":{_JSON.encode(bodies)}}}'.encode()
    if len(body) <= bytes_most or len(changes) == 1:
        yield body
        return
    half = len(changes) // 2
    yield from _within(head, changes[:half], bytes_most)
    yield from _within(head, changes[half:], bytes_most)


_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
