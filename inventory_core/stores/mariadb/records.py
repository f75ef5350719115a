"""Steps on records: rows of dataclasses, and the store's clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from inventory_core.steps import rows
from inventory_core.steps.step import Step
from inventory_core.stores.mariadb.tasks import insert_all
from inventory_core.stores.sql.record_codec import Codec, codecs_of, values_of
from inventory_core.stores.sql.record_tables import table_name


def _out(codec: Codec, value: Any) -> Any:
    """A field's value as PyMySQL writes it."""
    if value is None or codec.field.kind in (int, bool):
        return value
    return codec.text(value)


def _in(codec: Codec, value: Any) -> Any:
    """A column's value as the record has it."""
    if value is None or codec.field.kind in (int, str):
        return value
    return bool(value) if codec.field.kind is bool else codec.read(value.encode())


def _columns(kind: Any) -> str:
    return ", ".join(f"`{name}`" for name in codecs_of(kind))


def _here(kind: Any) -> str:
    return " AND ".join(f"`{name}` = %s" for name in kind.KEY)


def _key(kind: Any, key: Any) -> list[Any]:
    codecs = codecs_of(kind)
    return [_out(codecs[name], value) for name, value in zip(kind.KEY, key, strict=True)]


def _given(row: Any) -> tuple[Any, ...]:
    kind: Any = type(row)
    codecs = codecs_of(kind)
    values = values_of(tuple(codecs))(row)
    return tuple(_out(codec, one) for codec, one in zip(codecs.values(), values, strict=True))


def _found(kind: Any, found: Any) -> tuple[Any, ...]:
    codecs = tuple(codecs_of(kind).values())
    return tuple(
        kind(*[_in(codec, value) for codec, value in zip(codecs, row, strict=True)])
        for row in found
    )


def _insert(part: Any, step: rows.Insert) -> bool:
    """A refused INSERT keeps a shared lock, and two who then want to write deadlock.

    ON DUPLICATE KEY locks the row that is there as a writer does, and leaves word that it was.
    """
    kind: Any = type(step.row)
    given, key = _given(step.row), f"`{kind.KEY[0]}`"
    values = ", ".join(["%s"] * len(given))
    part.say("SET @there = 0")
    part.say(
        f"""INSERT INTO {table_name(kind)} ({_columns(kind)}) VALUES ({values})
            ON DUPLICATE KEY UPDATE {key} = IF((@there := 1) = 1, {key}, {key})""",
        *given,
    )
    return not part.say("SELECT @there")[1][0][0]


def _insert_all(part: Any, step: rows.InsertAll) -> None:
    if step.rows:
        kind = type(step.rows[0])
        assert all(type(row) is kind for row in step.rows), "rows of more than one kind"
        insert_all(part, table_name(kind), _columns(kind), [_given(row) for row in step.rows])


def _get(part: Any, step: Any, locking: str = "") -> Any:
    kind = step.kind
    text = f"SELECT {_columns(kind)} FROM {table_name(kind)} WHERE {_here(kind)}{locking}"
    found = _found(kind, part.say(text, *_key(kind, step.key))[1])
    return found[0] if found else None


def _put(part: Any, step: rows.Put) -> bool:
    kind = type(step.row)
    values = dict(zip(codecs_of(kind), _given(step.row), strict=True))
    key = [values[name] for name in kind.KEY]
    others = [name for name in values if name not in kind.KEY] or [kind.KEY[0]]
    changes = ", ".join(f"`{name}` = %s" for name in others)
    text = f"UPDATE {table_name(kind)} SET {changes} WHERE {_here(kind)}"
    return bool(part.say(text, *[values[name] for name in others], *key)[0])


def _put_all(part: Any, step: rows.PutAll) -> None:
    for row in step.rows:
        _put(part, rows.Put(row))


def _add(part: Any, step: rows.Add) -> bool:
    """One UPDATE. Its WHERE holds every bound: a CHECK would be an error, not an answer."""
    by = dict(step.changes)
    assert len(by) == len(step.changes), f"{step.changes}: one change a field"

    def after(name: str) -> str:
        return f"(`{name}` + {int(by[name])})" if name in by else f"`{name}`"

    bounds = [f"{after(name)} >= 0" for name in by]
    for name, most in step.within:
        limit = after(most) if isinstance(most, str) else str(int(most))
        bounds.append(f"{after(name)} <= {limit}")
    changes = ", ".join(f"`{name}` = {after(name)}" for name in by)
    where = " AND ".join([_here(step.kind), *bounds])
    text = f"UPDATE {table_name(step.kind)} SET {changes} WHERE {where}"
    return bool(part.say(text, *_key(step.kind, step.key))[0])


def _condition(codec: Codec, sign: str, value: Any) -> tuple[str, list[Any]]:
    name = f"`{codec.field.name}`"
    if sign == "in":
        given = [_out(codec, one) for one in value]
        return (f"{name} IN ({', '.join(['%s'] * len(given))})" if given else "FALSE"), given
    if sign == "!=":
        return f"NOT ({name} <=> %s)", [_out(codec, value)]
    assert sign in ("=", "<", "<=", ">", ">="), f"{sign!r} is no comparison"
    assert value is not None or sign == "=", f"{name} {sign} None: nothing is"
    return f"{name} {'<=>' if sign == '=' else sign} %s", [_out(codec, value)]


def _where(step: Any) -> tuple[list[str], list[Any]]:
    texts: list[str] = ["TRUE"]
    values: list[Any] = []
    for name, sign, value in step.where:
        text, given = _condition(codecs_of(step.kind)[name], sign, value)
        texts.append(text)
        values.extend(given)
    return texts, values


def _select(part: Any, step: rows.Select[Any]) -> Any:
    kind: Any = step.kind
    order = (*step.order_by, *kind.KEY)
    named = ", ".join(f"`{name}`" for name in order)
    texts, values = _where(step)
    if step.after is not None:
        codecs = codecs_of(kind)
        texts.append(f"({named}) > ({', '.join(['%s'] * len(order))})")
        values += [_out(codecs[f], one) for f, one in zip(order, step.after, strict=True)]
    text = f"SELECT {_columns(kind)} FROM {table_name(kind)} WHERE {' AND '.join(texts)}"
    locking = " FOR UPDATE SKIP LOCKED" if step.lock_free else ""
    text += f" ORDER BY {named} LIMIT %s{locking}"
    return _found(kind, part.say(text, *values, step.limit)[1])


def _sum(part: Any, step: rows.Sum) -> int:
    texts, values = _where(step)
    text = f"SELECT COALESCE(SUM(`{step.field}`), 0) FROM {table_name(step.kind)}"
    return int(part.say(f"{text} WHERE {' AND '.join(texts)}", *values)[1][0][0])


def _remove(part: Any, step: rows.Remove) -> bool:
    text = f"DELETE FROM {table_name(step.kind)} WHERE {_here(step.kind)}"
    return bool(part.say(text, *_key(step.kind, step.key))[0])


def _clock(part: Any, _: rows.StoreClock) -> int:
    return int(part.say("SELECT FLOOR(UNIX_TIMESTAMP(SYSDATE(6)) * 1000)")[1][0][0])


STEPS: Mapping[type[Step[Any]], Callable[[Any, Any], Any]] = {
    rows.Insert: _insert,
    rows.InsertAll: _insert_all,
    rows.Get: _get,
    rows.Lock: lambda part, step: _get(part, step, " FOR UPDATE"),
    rows.Put: _put,
    rows.PutAll: _put_all,
    rows.Add: _add,
    rows.Select: _select,
    rows.Sum: _sum,
    rows.Remove: _remove,
    rows.StoreClock: _clock,
}
