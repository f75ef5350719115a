"""Lua on the model is Lua in Redis: numbers, nils, tables, statuses, errors, and every command."""

from collections.abc import Callable
from secrets import token_hex
from typing import Any

import pytest
import redis
from lupa.lua51 import LuaError

from scenarios.model.keyspace import Keyspace
from scenarios.model.redis_commands import COMMANDS, ErrorReply
from scenarios.model.scripts import scripts

pytestmark = pytest.mark.live

FAILED = "an error"
ANSWERS = (
    "return 3.99",
    "return -3.99",
    "return 9007199254740991",
    "return 'text'",
    "return ''",
    "return nil",
    "return false",
    "return true",
    "return {}",
    "return {1, 2.5, 'three', false, true, 'six', nil, 'eight'}",
    "return {'a', {'b', {'c'}}, {}}",
    "return {ok = 'FINE'}",
    "return redis.status_reply('FINE')",
    "return redis.error_reply('WRONG it is')",
    "return {err = 'WRONG it is'}",
    "return",
    "return #KEYS .. ARGV[1] .. type(ARGV[2])",
    "return ARGV[3]",
    "return tostring(ARGV[9]) .. tostring(KEYS[9])",
    "return tonumber(ARGV[2]) + 1",
    "return tonumber('x') == nil",
    "return string.format('%d %s', 3, 'x')",
    "return #ARGV[4]",
    "return string.sub(ARGV[4], 1, 2)",
    "made = 1 return 1",
    "return unmade",
    "error('stop')",
)
COMMAND_CASES = (
    "return redis.call('set', KEYS[1], 'x')",
    "return redis.call('SET', KEYS[1], 'x', 'NX')",
    "redis.call('SET', KEYS[1], 1) return redis.call('SET', KEYS[1], 'x', 'nx', 'px', 1000)",
    "return redis.call('SET', KEYS[1], 'x', 'XX')",
    "redis.call('SET', KEYS[1], 1, 'EX', 1000) return redis.call('GET', KEYS[1])",
    "return redis.call('SET', KEYS[1], 'x')['ok']",
    "redis.call('SET', KEYS[1], 12) redis.call('SET', KEYS[2], 0.1) "
    "return {redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])}",
    "redis.call('SET', KEYS[1], 1e15) return redis.call('GET', KEYS[1])",
    "redis.call('SET', KEYS[1], -4503599627370495) return redis.call('GET', KEYS[1])",
    "redis.call('SET', KEYS[1], 1.5) return redis.call('INCRBY', KEYS[1], 1)",
    "return redis.call('GET', KEYS[1])",
    "return type(redis.call('GET', KEYS[1]))",
    "return redis.call('MGET', KEYS[1], KEYS[2])",
    "redis.call('SET', KEYS[2], 'y') return {redis.call('MGET', KEYS[1], KEYS[2])[1] == false, "
    "redis.call('MGET', KEYS[1], KEYS[2])[2]}",
    "redis.call('SET', KEYS[1], 1) return redis.call('DEL', KEYS[1], KEYS[2], KEYS[1])",
    "redis.call('SET', KEYS[1], 1) return redis.call('EXISTS', KEYS[1], KEYS[1], KEYS[2])",
    "return redis.call('INCRBY', KEYS[1], 5) + redis.call('DECRBY', KEYS[1], '7')",
    "return redis.call('INCRBY', KEYS[1], 'x')",
    "redis.call('SET', KEYS[1], 'x') return redis.call('INCRBY', KEYS[1], 1)",
    "return redis.call('HSET', KEYS[1], 'a', 1, 'b', 2) + redis.call('HSET', KEYS[1], 'b', 3)",
    "redis.call('HSET', KEYS[1], 'b', 1) return redis.call('HGETALL', KEYS[1])",
    "return redis.call('HGETALL', KEYS[1])",
    "return {redis.call('HGET', KEYS[1], 'x')}",
    "redis.call('HSET', KEYS[1], 'b', 1) return redis.call('HMGET', KEYS[1], 'b')",
    "return redis.call('HMGET', KEYS[1], 'a')[1] == false",
    "redis.call('HSET', KEYS[1], 'b', 1) return {redis.call('HEXISTS', KEYS[1], 'b'), "
    "redis.call('HEXISTS', KEYS[1], 'c')}",
    "return redis.call('HINCRBY', KEYS[1], 'n', 3) .. redis.call('HGET', KEYS[1], 'n')",
    "redis.call('HSET', KEYS[1], 'b', 1) return {redis.call('HDEL', KEYS[1], 'b', 'c'), "
    "redis.call('EXISTS', KEYS[1])}",
    "return {redis.call('ZADD', KEYS[1], 2, 'b', 1, 'a', 2, 'ab'), "
    "redis.call('ZADD', KEYS[1], 3, 'a'), redis.call('ZRANGE', KEYS[1], 0, -1)}",
    "redis.call('ZADD', KEYS[1], 1, 'a', 2, 'b', 3, 'c') return "
    "{redis.call('ZRANGE', KEYS[1], 1, 5), "
    "redis.call('ZRANGE', KEYS[1], -2, -2), redis.call('ZRANGE', KEYS[1], 3, 2)}",
    "redis.call('ZADD', KEYS[1], 1, 'a', 2, 'b', 3, 'c') return "
    "redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', 2, 'LIMIT', 1, 5)",
    "redis.call('ZADD', KEYS[1], 1, 'a', 2, 'b') return "
    "redis.call('ZRANGEBYSCORE', KEYS[1], 2, '+inf', 'limit', 0, -1)",
    "return redis.call('ZRANGEBYSCORE', KEYS[1], 0, 9)",
    "redis.call('ZADD', KEYS[1], 1.5, 'a') return {redis.call('ZSCORE', KEYS[1], 'a'), "
    "redis.call('ZREM', KEYS[1], 'a', 'x'), redis.call('EXISTS', KEYS[1])}",
    "return {redis.call('ZSCORE', KEYS[1], 'a'), redis.call('ZREM', KEYS[1], 'a')}",
    "redis.call('SET', KEYS[1], 1) return {redis.call('PEXPIRE', KEYS[1], 10000), "
    "redis.call('PEXPIRE', KEYS[2], 1), redis.call('PEXPIRE', KEYS[1], 0), "
    "redis.call('EXISTS', KEYS[1])}",
    "redis.call('ZADD', KEYS[1], 1, 'a') redis.call('HSET', KEYS[2], 'a', 1) return "
    "{redis.call('TYPE', KEYS[1])['ok'], redis.call('TYPE', KEYS[2]), redis.call('TYPE', 'none')}",
    "redis.call('ZADD', KEYS[1], 1, 'a') return redis.call('GET', KEYS[1])",
    "redis.call('SET', KEYS[1], 1) return redis.call('HGET', KEYS[1], 'a')",
    "redis.call('SET', KEYS[1], 1) return type(redis.pcall('HGET', KEYS[1], 'a')['err'])",
    "return type(redis.pcall('GET', KEYS[1]))",
    "return #redis.call('TIME')",
    "return tonumber(redis.call('TIME')[2]) < 1000000",
    "for i = 1, 1500 do redis.call('ZADD', KEYS[1], i, i) end "
    "local all = redis.call('ZRANGE', KEYS[1], 0, -1) return {#all, all[1], all[1500], all[1501]}",
    "local t = {} for i = 1, 3000 do t[i] = i end return t",
)
MADE = "redis.call('XGROUP', 'CREATE', KEYS[1], 'g', '0', 'MKSTREAM') "
FILLED = (
    MADE + "local ids = {} for i = 1, 3 do ids[i] = redis.call('XADD', KEYS[1], '*', 'n', i) end "
)
READ = "redis.call('XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 3, 'STREAMS', KEYS[1], '>')"
STREAM_CASES = (
    "return type(redis.call('XADD', KEYS[1], '*', 'a', 1, 'b', 2))",
    "return redis.call('XLEN', KEYS[1])",
    "redis.call('XADD', KEYS[1], '*', 'a', 1) return redis.call('XLEN', KEYS[1])",
    "return redis.call('XGROUP', 'CREATE', KEYS[1], 'g', '0')",
    MADE + "return {redis.call('XLEN', KEYS[1]), redis.call('TYPE', KEYS[1])['ok']}",
    MADE + MADE + "return 1",
    f"return {READ}",
    MADE + f"return type({READ})",
    FILLED + f"local all = {READ} return {{#all, #all[1][2], all[1][2][2][2]}}",
    FILLED + f"{READ} return type({READ})",
    FILLED + f"return {READ}[1][2][3][1] == ids[3]",
    FILLED + f"{READ} return {{redis.call('XACK', KEYS[1], 'g', ids[1], ids[1], ids[3]), "
    "redis.call('XACK', KEYS[1], 'g', ids[3]), redis.call('XLEN', KEYS[1])}",
    FILLED + "return redis.call('XACK', KEYS[1], 'g', ids[1])",
    "return redis.call('XACK', KEYS[1], 'g', '1-1')",
    FILLED + "return {redis.call('XDEL', KEYS[1], ids[2], ids[2]), redis.call('XLEN', KEYS[1])}",
    FILLED + "redis.call('XDEL', KEYS[1], ids[1], ids[2], ids[3]) "
    "return {redis.call('XLEN', KEYS[1]), redis.call('EXISTS', KEYS[1])}",
    "return redis.call('XDEL', KEYS[1], '1-1')",
    FILLED + f"{READ} local late = redis.call('XAUTOCLAIM', KEYS[1], 'g', 'd', 0, '0-0', "
    "'COUNT', 2) return {late[1] == ids[3], #late[2], late[2][2][2], #late[3]}",
    FILLED + f"{READ} local late = redis.call('XAUTOCLAIM', KEYS[1], 'g', 'd', 0, '0-0', "
    "'COUNT', 3) return {late[1], #late[2]}",
    FILLED + f"{READ} local late = redis.call('XAUTOCLAIM', KEYS[1], 'g', 'd', 0, ids[2]) "
    "return {late[1], #late[2], late[2][1][2]}",
    FILLED + f"{READ} local late = redis.call('XAUTOCLAIM', KEYS[1], 'g', 'd', 9000, '0-0') "
    "return {late[1], #late[2]}",
    FILLED + f"{READ} redis.call('XDEL', KEYS[1], ids[1]) "
    "local late = redis.call('XAUTOCLAIM', KEYS[1], 'g', 'd', 0, '0-0') "
    "return {#late[2], #late[3], late[3][1] == ids[1]}",
    "return redis.call('XAUTOCLAIM', KEYS[1], 'g', 'd', 0, '0-0')",
    "redis.call('SET', KEYS[1], 1) return redis.call('XADD', KEYS[1], '*', 'a', 1)",
)
ARGUMENTS = ["first", "41", "", "zwölf"]
Ask = Callable[[str], tuple[Any, Any]]


def of_model(source: str) -> Any:
    """What a script answers on an empty model."""
    arguments = [text.encode().decode("latin-1") for text in ARGUMENTS]
    try:
        return scripts().run_source(source, Keyspace(), ["one", "two"], arguments)
    except (ErrorReply, LuaError):
        return FAILED


def of_server(client: Any, source: str) -> Any:
    """What it answers on the server."""
    here = token_hex(4)
    keys = [f"{here}:one", f"{here}:two"]
    try:
        answer = client.eval(source, 2, *keys, *ARGUMENTS)
    except redis.ResponseError:
        answer = FAILED
    client.delete(*keys)
    return answer


@pytest.fixture(scope="module")
def ask(valkey_url: str) -> Any:
    """Runs a script on both."""
    client = redis.Redis.from_url(valkey_url, encoding="utf-8")

    def both(source: str) -> tuple[Any, Any]:
        return of_model(source), _texts(of_server(client, source))

    yield both
    client.close()


def _texts(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_texts(each) for each in answer]
    return answer.decode("latin-1") if isinstance(answer, bytes) else answer


@pytest.mark.parametrize("source", [*ANSWERS, *COMMAND_CASES, *STREAM_CASES])
def test_a_script_answers_the_same(ask: Ask, source: str) -> None:
    model, server = ask(source)
    assert model == server
    assert type(model) is type(server)


def test_every_command_is_tried() -> None:
    tried = " ".join([*COMMAND_CASES, *STREAM_CASES]).upper()
    assert [name for name in COMMANDS if f"CALL('{name}'" not in tried] == []


def test_a_command_that_the_model_does_not_know_is_named() -> None:
    with pytest.raises(AssertionError, match="LPUSH is not in the model"):
        scripts().run_source("return redis.call('LPUSH', 'a', 1)", Keyspace(), [], [])
