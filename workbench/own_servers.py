"""`stockproof.toml`: the servers of yours, by name. Passwords come from the environment.

    [servers.staging]
    sql_url = "postgresql://app@db.example:5432/shop?sslmode=verify-full&sslrootcert=ca.pem"
    sql_password_env = "SHOP_DB_PASSWORD"
    redis_url = "rediss://:${CACHE_PASSWORD}@cache.example:6380/0?ssl_ca_certs=ca.pem"
    prefix = "stockproof_trial"             # of what we make there: a schema, and keys
    allow_hosts = ["db.example", "cache.example"]

    [servers.watched]
    sentinel = { hosts = ["10.0.0.1:26379", "10.0.0.2:26379"], service = "shop" }
    redis_password_env = "CACHE_PASSWORD"

    [servers.many]
    redis_url = "redis://10.0.0.5:7000"
    cluster = true                          # keys of a shop lie together, on one of its nodes

`--servers staging` chooses one; else `STOCKPROOF_SERVERS`; else the one named `default`, if there
is one. A URL of the command line goes before one of the environment, and that before the file's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from inventory_core.problems import Problem
from inventory_core.stores.servers import Settings
from scenarios.reading_toml import Place, check_keys, fill, read_toml

FILE = Path("stockproof.toml")
CHOSEN = "STOCKPROOF_SERVERS"
DEFAULT = "default"
_FROM_ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Sentinels:
    """Who knows which server leads. Its own password, if it has one, is not the servers'."""

    hosts: tuple[str, ...] = ()
    service: str = ""
    database: int = 0
    tls: bool = False
    password_env: str = ""


@dataclass(frozen=True, slots=True)
class ServerSet:
    """One table `[servers.NAME]`."""

    sql_url: str = ""
    sql_password_env: str = ""
    redis_url: str = ""
    redis_user: str = ""
    redis_password_env: str = ""
    sentinel: Sentinels | None = None
    cluster: bool = False
    prefix: str = ""
    allow_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origins:
    """Where each URL of some settings was said, for people."""

    sql_url: str = ""
    redis_url: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Settings, and where they come from."""

    settings: Settings
    origins: Origins = field(default_factory=Origins)


def servers_asked(
    servers: str = "",
    config: Path | None = None,
    *,
    sql_url: str = "",
    redis_url: str = "",
    allow_hosts: tuple[str, ...] = (),
    name: str = "",
) -> Asked:
    """The servers that are meant: by options, else by the environment, else by the file."""
    chosen, where = _chosen(servers, config)
    said = {
        "sql_url": (("--sql-url", sql_url), _variable("STOCKPROOF_SQL_URL")),
        "redis_url": (("--redis-url", redis_url), _variable("STOCKPROOF_REDIS_URL")),
    }
    found: dict[str, tuple[str, str]] = {}
    for key, places in said.items():
        origin, url = next((each for each in places if each[1]), ("", ""))
        found[key] = (url, origin) if url else (_url_of(chosen, key, where), where.key(key))
    sql, redis = found["sql_url"], found["redis_url"]
    of_file = redis[1] == where.key("redis_url")
    settings = Settings(
        sql[0],
        redis[0],
        (*allow_hosts, *chosen.allow_hosts),
        name or chosen.prefix,
        cluster=chosen.cluster and of_file,
    )
    return Asked(settings, Origins(sql[0] and sql[1], redis[0] and redis[1]))


def _variable(name: str) -> tuple[str, str]:
    return name, os.environ.get(name, "")


def _chosen(servers: str, config: Path | None) -> tuple[ServerSet, Place]:
    """The set that is meant, empty if none is, and where it stands."""
    name = servers or os.environ.get(CHOSEN, "")
    path = config or FILE
    if config is None and not path.exists():
        if name:
            raise Problem(
                f"there is no {FILE} here to find the servers {name!r} in: write one, or name a"
                " file with --config"
            )
        return ServerSet(), Place(str(FILE))
    sets = _sets_of(path)
    if name and name not in sets:
        raise Problem(f"{path.name} has no servers {name!r}: it has {', '.join(sets) or 'none'}")
    name = name or DEFAULT
    place = Place(path.name, f"servers.{name}")
    return _read(sets[name], place) if name in sets else ServerSet(), place


def _sets_of(path: Path) -> Mapping[str, Any]:
    tables = read_toml(path)
    check_keys(Place(path.name), tables, ("servers",))
    sets = tables.get("servers", {})
    if not isinstance(sets, dict) or not all(isinstance(each, dict) for each in sets.values()):
        raise Problem(f"{path.name}: servers must hold tables; write [servers.NAME]")
    return sets


def _read(table: Mapping[str, Any], place: Place) -> ServerSet:
    known = tuple(each.name for each in fields(ServerSet))
    check_keys(place, table, known)
    plain = {key: value for key, value in table.items() if key != "sentinel"}
    found = fill(ServerSet, plain, place)
    if "sentinel" in table:
        inner = Place(place.file, place.key("sentinel"))
        found = replace(found, sentinel=fill(Sentinels, table["sentinel"], inner))
    _refuse_nonsense(found, place)
    return found


def _refuse_nonsense(found: ServerSet, place: Place) -> None:
    sentinel = found.sentinel
    if sentinel is not None and not (sentinel.hosts and sentinel.service):
        raise place.problem("sentinel", 'needs hosts and a service: hosts = ["HOST:26379"]')
    for key, wrong, complaint in (
        ("sentinel", sentinel and found.redis_url, "and redis_url are two ways to one: keep one"),
        ("cluster", sentinel and found.cluster, "has no sentinels: leave one of them out"),
        ("cluster", found.cluster and not found.redis_url, "needs the redis_url of a node"),
    ):
        if wrong:
            raise place.problem(key, complaint)
    for key in ("sql_url", "redis_url"):
        if _tells_a_password(getattr(found, key)):
            raise place.problem(
                key,
                "holds a password, which a file would show around: write ${NAME} for it, and"
                " put it into the environment as NAME",
            )


def _tells_a_password(url: str) -> bool:
    """Does a URL of the file hold a password itself, and not the name of a variable?"""
    try:
        parts = urlsplit(url)
        said = [value for name, value in parse_qsl(parts.query) if "password" in name]
        secrets = [parts.password or "", *said]
    except ValueError:
        return False  # no URL at all, which is somebody else's complaint
    return any(secret and not _FROM_ENVIRONMENT.fullmatch(secret) for secret in secrets)


def _url_of(chosen: ServerSet, key: str, place: Place) -> str:
    """A URL of the file with what the environment adds to it."""
    url: str = getattr(chosen, key)
    user, variable = "", chosen.sql_password_env
    if key == "redis_url":
        user, variable = chosen.redis_user, chosen.redis_password_env
        url = _sentinel_url(chosen.sentinel, place) if chosen.sentinel else url
    if not url:
        return ""
    url = _filled(url, place, key)
    if not (user or variable):
        return url
    secret = _secret(variable, place, key.replace("url", "password_env")) if variable else ""
    return _let_in(url, user, secret)


def _sentinel_url(sentinel: Sentinels, place: Place) -> str:
    scheme = "rediss+sentinel" if sentinel.tls else "redis+sentinel"
    path = f"/{quote(sentinel.service, safe='')}/{sentinel.database}"
    query = ""
    if sentinel.password_env:
        secret = _secret(sentinel.password_env, place, "sentinel.password_env")
        query = f"sentinel_password={quote(secret, safe='')}"
    return urlunsplit((scheme, ",".join(sentinel.hosts), path, query, ""))


def _filled(url: str, place: Place, key: str) -> str:
    """The URL with its `${NAME}`s; a URL that is nothing else is taken from there as it is."""
    whole = _FROM_ENVIRONMENT.fullmatch(url)
    if whole:
        return _secret(whole[1], place, key)
    return _FROM_ENVIRONMENT.sub(lambda it: quote(_secret(it[1], place, key), safe=""), url)


def _secret(variable: str, place: Place, key: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise place.problem(key, f"wants the variable {variable}, which is not set: export it")
    return value


def _let_in(url: str, user: str, secret: str) -> str:
    """The URL with who comes in, and their password."""
    parts = urlsplit(url)
    before, _, hosts = parts.netloc.rpartition("@")
    name_before, colon, word_before = before.partition(":")
    name = quote(user, safe="") or name_before
    word = f":{quote(secret, safe='')}" if secret else f"{colon}{word_before}"
    return urlunsplit(parts._replace(netloc=f"{name}{word}@{hosts}"))
