"""Redis Cluster: all the keys of a prefix carry its hash tag, and so lie on one of the nodes.

A script runs where its keys are, and those of one order are a hold, its cells, the list of
deadlines and more: they need one place. `{shop}:order:1` and `{shop}:cell:a@online` have it:
only what stands in braces says where a key lies. The other nodes serve other shops.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import redis

_TAG = re.compile(r"^[^{]*\{[^}]+\}")


def is_cluster(client: Any) -> bool:
    """Is this server a node of a cluster?"""
    server = client.info("server")
    return "cluster" in (server.get("redis_mode"), server.get("server_mode"))


def tagged(name: str) -> str:
    """A prefix that is at home on a cluster too."""
    return f"{{{name}}}:"


def has_tag(prefix: str) -> bool:
    """Do all keys under this prefix lie in one place?"""
    return _TAG.match(prefix) is not None


def home_of(url: str, prefix: str, client: Any) -> str:
    """The URL of the node that has the keys of a prefix; `url` itself if it leads there."""
    try:
        client.exists(prefix)
    except redis.exceptions.MovedError as moved:
        return moved_url(url, moved)
    return url


def moved_url(url: str, error: redis.ResponseError) -> str:
    """The URL of the node that an error reply sends us to; `url` itself if it sends us nowhere."""
    place = moved_to(error)
    if place is None:
        return url
    host, port = place
    parts = urlsplit(url)
    who, at, _ = parts.netloc.rpartition("@")
    host = host or parts.hostname or ""
    name = f"[{host}]" if ":" in host else host
    return urlunsplit(parts._replace(netloc=f"{who}{at}{name}:{port}"))


def moved_to(error: redis.ResponseError) -> tuple[str, int] | None:
    """Host and port out of `MOVED 3999 10.0.0.2:6379`; an empty host is the one that answered."""
    text = str(error)
    if not isinstance(error, redis.exceptions.MovedError) and not text.startswith("MOVED "):
        return None
    host, _, port = text.rpartition(" ")[2].rpartition(":")
    return host, int(port)
