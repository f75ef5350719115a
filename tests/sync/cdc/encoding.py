"""The other end of pgoutput: messages as PostgreSQL's manual says that the server writes them."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from inventory_core.sync.cdc.pgoutput import (
    EPOCH_US,
    UNCHANGED,
    Begin,
    Commit,
    Delete,
    Insert,
    Message,
    Relation,
    Truncate,
    Update,
    Value,
)


def encoded(message: Message) -> bytes:
    match message:
        case Begin(lsn, at_us, transaction):
            return b"B" + struct.pack("!QqI", lsn, at_us - EPOCH_US, transaction)
        case Commit(lsn, end, at_us):
            return b"C" + struct.pack("!BQQq", 0, lsn, end, at_us - EPOCH_US)
        case Relation():
            return _relation(message)
        case Insert(relation, new):
            return b"I" + struct.pack("!I", relation.number) + b"N" + _row(new)
        case Update(relation, old, new):
            before = b"" if old is None else b"O" + _row(old)
            return b"U" + struct.pack("!I", relation.number) + before + b"N" + _row(new)
        case Delete(relation, old):
            return b"D" + struct.pack("!I", relation.number) + b"K" + _row(old)
        case Truncate(relations):
            numbers = struct.pack(f"!{len(relations)}I", *[each.number for each in relations])
            return b"T" + struct.pack("!iB", len(relations), 0) + numbers
    raise AssertionError(message)


def _relation(relation: Relation) -> bytes:
    head = b"R" + struct.pack("!I", relation.number) + _word(relation.schema) + _word(relation.name)
    columns = b"".join(
        struct.pack("!B", key) + _word(name) + struct.pack("!Ii", 25, -1)
        for name, key in zip(relation.columns, relation.keys, strict=True)
    )
    count = struct.pack("!h", len(relation.columns))
    return head + relation.identity.encode() + count + columns


def _row(values: Sequence[Value]) -> bytes:
    return struct.pack("!h", len(values)) + b"".join(_value(each) for each in values)


def _value(value: Value) -> bytes:
    if value is None:
        return b"n"
    if not isinstance(value, str):
        assert value is UNCHANGED
        return b"u"
    data = value.encode()
    return b"t" + struct.pack("!i", len(data)) + data


def _word(text: str) -> bytes:
    return text.encode() + b"\0"
