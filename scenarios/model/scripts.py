"""Runs the very `.lua` files that real stores run, in Lua 5.1, with Redis's conversions.

    Redis to Lua: whole number -> number, text -> string, nil -> false, list -> table, OK -> {ok=}
    Lua to Redis: number -> whole number (cut), string -> text, false or nil -> nil, true -> 1,
                  table -> list up to its first nil, {ok=} -> status, {err=} -> error

Source: Redis manual, "Redis Lua API reference". One Lua runtime serves every model of a
thread. A script has no memory between two runs: a
global variable is an error, as it is in Redis.
"""

from __future__ import annotations

import threading
from typing import Any

from lupa.lua51 import LuaRuntime, lua_type

from inventory_core.steps import kv
from scenarios.model.keyspace import Keyspace
from scenarios.model.redis_commands import COMMANDS, LISTS, STATUSES, ErrorReply

UNPACKED_MOST = 1_000
"""Longer lists go to Lua as a table: its stack takes about 8,000 values."""

WHOLE_MOST = 2**52
"""Whole numbers up to this are written in digits; Lua's numbers are all floating."""

_PRELUDE = """
function(perform, lists, statuses)
  local upper, type, select, pcall = string.upper, type, select, pcall
  local function collected(first, ...)
    if type(first) == 'table' then return first end
    return { first, ... }
  end
  local function call(name, ...)
    name = upper(name)
    if lists[name] then return collected(perform(name, ...)) end
    local answer = perform(name, ...)
    if answer and statuses[name] then return { ok = answer } end
    return answer
  end
  local redis = {
    call = call,
    pcall = function(...)
      local fine, answer = pcall(call, ...)
      if fine then return answer end
      return { err = tostring(answer) }
    end,
    status_reply = function(text) return { ok = text } end,
    error_reply = function(text) return { err = text } end,
  }
  local known = {
    redis = redis, string = string, table = table, math = math, type = type, error = error,
    tonumber = tonumber, tostring = tostring, ipairs = ipairs, pairs = pairs, next = next,
    pcall = pcall, select = select, unpack = unpack, assert = assert,
  }
  setmetatable(known, {
    __newindex = function(_, name) error('the script makes the global variable ' .. name) end,
    __index = function(_, name) error('the script reads the global variable ' .. name) end,
  })
  local function run(script, count, ...)
    local all, keys, arguments = { ... }, {}, {}
    for i = 1, count do keys[i] = all[i] end
    for i = count + 1, #all do arguments[i - count] = all[i] end
    return (script(keys, arguments))
  end
  local function run_on(script, keys, arguments) return (script(keys, arguments)) end
  return run, run_on, function(script) return setfenv(script, known) end
end
"""


class Scripts:
    """A Lua runtime with every script that it has run, compiled."""

    def __init__(self) -> None:
        self._keys = Keyspace()
        self._lua = LuaRuntime(encoding="latin-1", unpack_returned_tuples=True, register_eval=False)
        lists, statuses = (self._lua.table_from(dict.fromkeys(s, True)) for s in (LISTS, STATUSES))
        prelude = self._lua.eval(_PRELUDE)
        self._execute, self._execute_on, self._confine = prelude(self._perform, lists, statuses)
        self._compiled: dict[str, Any] = {}

    def run(self, file: str, keys: Keyspace, names: list[str], arguments: list[str]) -> Any:
        """Run `<file>.lua` on these keys; what it answers, as a client would get it."""
        return self.run_source(kv.source(file), keys, names, arguments)

    def run_source(
        self, source: str, keys: Keyspace, names: list[str], arguments: list[str]
    ) -> Any:
        """Run a script, compiled the first time that it is seen."""
        script = self._compiled.get(source)
        if script is None:
            text = f"function(KEYS, ARGV) {source}\nend"
            script = self._compiled[source] = self._confine(self._lua.eval(text))
        self._keys = keys
        if len(names) + len(arguments) > UNPACKED_MOST:
            lists = (self._lua.table_from(names), self._lua.table_from(arguments))
            return _as_reply(self._execute_on(script, *lists))
        return _as_reply(self._execute(script, len(names), *names, *arguments))

    def _perform(self, name: str, *arguments: Any) -> Any:
        command = COMMANDS.get(name)
        assert command is not None, f"{name} is not in the model; add it to redis_commands.py"
        for argument in arguments:
            if type(argument) is not str:
                arguments = tuple([_as_text(each) for each in arguments])
                break
        answer = command(self._keys, *arguments)
        if type(answer) is tuple and (len(answer) > UNPACKED_MOST or name not in LISTS):
            return self._table(answer)
        return answer

    def _table(self, answer: tuple[Any, ...]) -> Any:
        parts = [self._table(part) if type(part) is tuple else part for part in answer]
        return self._lua.table_from(parts)


_OF_THIS_THREAD = threading.local()


def scripts() -> Scripts:
    """The runtime of this thread: a script that another thread runs meanwhile has its own keys."""
    try:
        found: Scripts = _OF_THIS_THREAD.scripts
    except AttributeError:
        found = _OF_THIS_THREAD.scripts = Scripts()
    return found


def _as_text(argument: Any) -> str:
    """An argument of a command as Redis passes it on: numbers in the fewest digits that say all.

    (Before Redis 7.2 a fraction had 17 digits: 0.10000000000000001. Our scripts pass none.)
    """
    if isinstance(argument, str):
        return argument
    assert isinstance(argument, int | float), f"a command takes texts and numbers: {argument!r}"
    if abs(argument) < WHOLE_MOST and argument == int(argument):
        return str(int(argument))
    return repr(argument)


def _as_reply(answer: Any) -> Any:
    if isinstance(answer, str):
        return answer
    if isinstance(answer, bool) or answer is None:
        return 1 if answer else None
    if isinstance(answer, int | float):
        return int(answer)
    assert lua_type(answer) == "table", f"a script answers {answer!r}"
    return _from_table(answer)


def _from_table(table: Any) -> Any:
    size = len(table)
    if not size:
        if (error := table["err"]) is not None:
            raise ErrorReply(error)
        if (status := table["ok"]) is not None:
            return status
    found = []
    for place in range(1, size + 1):
        if (value := table[place]) is None:
            break
        found.append(_as_reply(value))
    return found
