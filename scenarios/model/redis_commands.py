"""The commands that scripts may call, on the model's keys: as the Redis manual describes them.

A command takes texts and answers a text, a whole number, False for "nil", or a tuple of texts (with
False for "nil") where Redis answers a list. Add one here when a script needs it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from math import inf
from typing import Any

from scenarios.model import redis_streams as streams
from scenarios.model.keyspace import Hash, Keyspace, SortedSet
from scenarios.model.redis_streams import Group, Stream

Reply = str | int | bool | tuple[Any, ...]
Command = Callable[..., Reply]


class ErrorReply(Exception):
    """Redis answers an error; `redis.pcall` gives it to the script, `redis.call` raises it."""


_KINDS = {"string": str, "hash": dict, "zset": SortedSet, "stream": Stream}


def _value(keys: Keyspace, key: str, kind: type[Any]) -> Any:
    value = keys.values.get(key)
    if value is not None and type(value) is not kind:
        raise ErrorReply("WRONGTYPE Operation against a key holding the wrong kind of value")
    return value


def _writable(keys: Keyspace, key: str, kind: type[Any]) -> Any:
    _value(keys, key, kind)
    return keys.writable(key, kind)


def _whole(text: str) -> int:
    if not text.lstrip("-").isdigit() or text != str(int(text)):
        raise ErrorReply("ERR value is not an integer or out of range")
    return int(text)


def _real(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ErrorReply("ERR min or max is not a float") from None


# ------------------------------------------------------------------------------ texts and keys


def get(keys: Keyspace, key: str) -> Reply:
    """GET key."""
    value: str | None = _value(keys, key, str)
    return False if value is None else value


def put(keys: Keyspace, key: str, value: str, *options: str) -> Reply:
    """SET key value [NX | XX] [EX seconds | PX milliseconds]."""
    words, expires_ms = [option.upper() for option in options], None
    for unit, ms in (("EX", 1000), ("PX", 1)):
        if unit in words:
            expires_ms = keys.now_ms + _whole(options[words.index(unit) + 1]) * ms
    there = key in keys.values
    if ("NX" in words and there) or ("XX" in words and not there):
        return False
    keys.delete(key)
    keys.put(key, value)
    if expires_ms is not None:
        keys.expires_ms[key] = expires_ms
    return "OK"


def mget(keys: Keyspace, *names: str) -> Reply:
    """MGET key...; a key that is no text reads as nil."""
    values = [keys.values.get(name) for name in names]
    return tuple(value if type(value) is str else False for value in values)


def delete(keys: Keyspace, *names: str) -> Reply:
    """DEL key...; answers how many there were."""
    return sum(keys.delete(name) for name in names)


def exists(keys: Keyspace, *names: str) -> Reply:
    """EXISTS key..."""
    return sum(name in keys.values for name in names)


def kind_of(keys: Keyspace, key: str) -> Reply:
    """TYPE key."""
    value = keys.values.get(key)
    return next((name for name, kind in _KINDS.items() if type(value) is kind), "none")


def pexpire(keys: Keyspace, key: str, ms: str) -> Reply:
    """PEXPIRE key milliseconds."""
    if key not in keys.values:
        return 0
    keys.expires_ms[key] = keys.now_ms + _whole(ms)
    keys.advance(keys.now_ms)
    return 1


def incrby(keys: Keyspace, key: str, by: str) -> Reply:
    """INCRBY key number."""
    total = _whole(_value(keys, key, str) or "0") + _whole(by)
    keys.put(key, str(total))
    return total


def decrby(keys: Keyspace, key: str, by: str) -> Reply:
    """DECRBY key number."""
    return incrby(keys, key, str(-_whole(by)))


def time(keys: Keyspace) -> Reply:
    """TIME: seconds, and microseconds within the second."""
    seconds, ms = divmod(keys.now_ms, 1000)
    return str(seconds), str(ms * 1000)


# -------------------------------------------------------------------------------------- hashes


def hget(keys: Keyspace, key: str, field: str) -> Reply:
    """HGET key field."""
    value: Hash = _value(keys, key, dict) or {}
    return value.get(field, False)


def hset(keys: Keyspace, key: str, *pairs: str) -> Reply:
    """HSET key (field value)...; answers how many fields are new."""
    value: Hash = _writable(keys, key, dict)
    before = len(value)
    value.update(zip(pairs[::2], pairs[1::2], strict=True))
    return len(value) - before


def hmget(keys: Keyspace, key: str, *fields: str) -> Reply:
    """HMGET key field..."""
    value: Hash = _value(keys, key, dict) or {}
    return tuple([value.get(field, False) for field in fields])


def hgetall(keys: Keyspace, key: str) -> Reply:
    """HGETALL key. Redis promises no order; here it is that of the fields."""
    value: Hash = _value(keys, key, dict) or {}
    return tuple([text for pair in sorted(value.items()) for text in pair])


def hexists(keys: Keyspace, key: str, field: str) -> Reply:
    """HEXISTS key field."""
    return int(field in (_value(keys, key, dict) or ()))


def hincrby(keys: Keyspace, key: str, field: str, by: str) -> Reply:
    """HINCRBY key field number."""
    value: Hash = _writable(keys, key, dict)
    total = _whole(value.get(field, "0")) + _whole(by)
    value[field] = str(total)
    return total


def hdel(keys: Keyspace, key: str, *fields: str) -> Reply:
    """HDEL key field..."""
    there: Hash = _value(keys, key, dict) or {}
    if not any(field in there for field in fields):
        return 0
    value: Hash = _writable(keys, key, dict)
    removed = sum(value.pop(field, None) is not None for field in fields)
    keys.tidy(key)
    return removed


# --------------------------------------------------------------------------------- sorted sets


def zadd(keys: Keyspace, key: str, *pairs: str) -> Reply:
    """ZADD key (score member)...; answers how many are new."""
    there: SortedSet | None = _value(keys, key, SortedSet)
    scores = there.scores if there else {}
    if all(scores.get(pairs[i + 1]) == _real(pairs[i]) for i in range(0, len(pairs), 2)):
        return 0
    members: SortedSet = _writable(keys, key, SortedSet)
    return sum(members.add(pairs[i + 1], _real(pairs[i])) for i in range(0, len(pairs), 2))


def zrem(keys: Keyspace, key: str, *members: str) -> Reply:
    """ZREM key member..."""
    there: SortedSet | None = _value(keys, key, SortedSet)
    if there is None or not any(member in there.scores for member in members):
        return 0
    writable: SortedSet = _writable(keys, key, SortedSet)
    removed = sum(writable.remove(member) for member in members)
    keys.tidy(key)
    return removed


def zscore(keys: Keyspace, key: str, member: str) -> Reply:
    """ZSCORE key member."""
    there: SortedSet | None = _value(keys, key, SortedSet)
    score = there.scores.get(member) if there else None
    return False if score is None else f"{score:.17g}"


def zrange(keys: Keyspace, key: str, first: str, last: str) -> Reply:
    """ZRANGE key first last, by rank; negative ranks count from the end."""
    there: SortedSet | None = _value(keys, key, SortedSet)
    pairs = there.pairs if there else []
    start, end = _whole(first), _whole(last)
    start = max(0, start + len(pairs) if start < 0 else start)
    end = end + len(pairs) if end < 0 else end
    return tuple([member for _, member in pairs[start : end + 1]])


def zrangebyscore(keys: Keyspace, key: str, least: str, most: str, *limit: str) -> Reply:
    """ZRANGEBYSCORE key least most [LIMIT offset count]."""
    there: SortedSet | None = _value(keys, key, SortedSet)
    pairs = there.pairs if there else []
    start = bisect_left(pairs, _real(least), key=_score)
    end = bisect_right(pairs, _real(most), key=_score)
    if limit:
        assert limit[0].upper() == "LIMIT", f"ZRANGEBYSCORE with {limit} is not in the model"
        start, count = start + _whole(limit[1]), _whole(limit[2])
        end = end if count < 0 else min(end, start + count)
    return tuple([member for _, member in pairs[start:end]])


def _score(pair: tuple[float, str]) -> float:
    return pair[0]


# ------------------------------------------------------------------------------------- streams


def xadd(keys: Keyspace, key: str, entry_id: str, *fields: str) -> Reply:
    """XADD key * (field value)...; answers the entry's id."""
    assert entry_id == "*", "XADD with an id of one's own is not in the model"
    stream: Stream = _writable(keys, key, Stream)
    return streams.written(stream.add(keys.now_ms, fields))


def xlen(keys: Keyspace, key: str) -> Reply:
    """XLEN key."""
    there: Stream | None = _value(keys, key, Stream)
    return len(there.entries) if there else 0


def xdel(keys: Keyspace, key: str, *ids: str) -> Reply:
    """XDEL key id...; answers how many there were. An empty stream stays."""
    there: Stream | None = _value(keys, key, Stream)
    known = {each for each in map(streams.parsed, ids) if there and each in there.entries}
    if not known:
        return 0
    stream: Stream = _writable(keys, key, Stream)
    for each in known:
        del stream.entries[each]
    return len(known)


def xgroup(keys: Keyspace, verb: str, key: str, name: str, start: str, *options: str) -> Reply:
    """XGROUP CREATE key group id [MKSTREAM]."""
    assert verb.upper() == "CREATE", f"XGROUP {verb} is not in the model"
    there: Stream | None = _value(keys, key, Stream)
    if there is None and "MKSTREAM" not in [option.upper() for option in options]:
        raise ErrorReply(
            "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want"
            " to use the MKSTREAM option to create an empty stream automatically."
        )
    if there is not None and name in there.groups:
        raise ErrorReply("BUSYGROUP Consumer Group name already exists")
    stream: Stream = _writable(keys, key, Stream)
    stream.groups[name] = Group(stream.last if start == "$" else streams.parsed(start))
    return "OK"


def _group(keys: Keyspace, key: str, name: str) -> tuple[Stream, Group]:
    there: Stream | None = _value(keys, key, Stream)
    if there is None or name not in there.groups:
        raise ErrorReply(f"NOGROUP No such key '{key}' or consumer group '{name}'")
    stream: Stream = _writable(keys, key, Stream)
    return stream, stream.groups[name]


def xreadgroup(keys: Keyspace, *words: str) -> Reply:
    """XREADGROUP GROUP group consumer COUNT n STREAMS key >; nil if nothing is new."""
    fixed, name, key = (words[0], words[3], words[5], words[7]), words[1], words[6]
    assert fixed == ("GROUP", "COUNT", "STREAMS", ">"), f"XREADGROUP {words} is not in the model"
    stream, group = _group(keys, key, name)
    ids = streams.hand_out(stream, group, keys.now_ms, _whole(words[4]))
    return ((key, streams.listed(stream, ids)),) if ids else False


def xautoclaim(
    keys: Keyspace, key: str, name: str, _consumer: str, late_ms: str, start: str, *count: str
) -> Reply:
    """XAUTOCLAIM key group consumer min-idle-ms start COUNT n; as of Redis 7, with the deleted."""
    stream, group = _group(keys, key, name)
    most, late = _whole(count[1]) if count else 100, _whole(late_ms)
    begin = streams.parsed(start)
    after, ids, gone = streams.claim_late(stream, group, keys.now_ms, late, begin, most)
    listed = streams.listed(stream, ids)
    return streams.written(after), listed, tuple([streams.written(each) for each in gone])


def xack(keys: Keyspace, key: str, name: str, *ids: str) -> Reply:
    """XACK key group id...; answers how many had been handed out."""
    there: Stream | None = _value(keys, key, Stream)
    if there is None or name not in there.groups:
        return 0
    _, group = _group(keys, key, name)
    return sum(group.out.pop(streams.parsed(each), None) is not None for each in ids)


assert _real("-inf") == -inf  # Redis and Python write infinity the same way

COMMANDS: dict[str, Command] = {
    "GET": get,
    "SET": put,
    "MGET": mget,
    "DEL": delete,
    "EXISTS": exists,
    "TYPE": kind_of,
    "PEXPIRE": pexpire,
    "INCRBY": incrby,
    "DECRBY": decrby,
    "TIME": time,
    "HGET": hget,
    "HSET": hset,
    "HMGET": hmget,
    "HGETALL": hgetall,
    "HEXISTS": hexists,
    "HINCRBY": hincrby,
    "HDEL": hdel,
    "ZADD": zadd,
    "ZREM": zrem,
    "ZSCORE": zscore,
    "ZRANGE": zrange,
    "ZRANGEBYSCORE": zrangebyscore,
    "XADD": xadd,
    "XLEN": xlen,
    "XDEL": xdel,
    "XGROUP": xgroup,
    "XREADGROUP": xreadgroup,
    "XAUTOCLAIM": xautoclaim,
    "XACK": xack,
}
"""Every command that the model knows."""

LISTS = frozenset({"MGET", "TIME", "HMGET", "HGETALL", "ZRANGE", "ZRANGEBYSCORE"})
"""Commands that answer a flat list. (A nested one goes to Lua as tables, made beforehand.)"""

STATUSES = frozenset({"SET", "TYPE", "XGROUP"})
"""Commands that answer a status, which Lua sees as `{ok = ...}`."""
