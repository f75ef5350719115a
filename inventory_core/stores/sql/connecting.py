"""A connection to our schema, with its settings made: what every driver begins with."""

from __future__ import annotations

from typing import Any

import psycopg

from inventory_core.domain import Limits
from inventory_core.problems import Problem
from inventory_core.stores.sql.address import connect
from inventory_core.stores.sql.schema import Schema

SILENCE_MOST_S = 60.0
"""How long a reply may take beyond the waits for locks, before the server counts as gone."""

# One plan for every execution, and always by the index: a plan made when a table held three rows
# must not become a scan of three million. Limits of the server's owner on time are not ours.
_SETTINGS = """
    SET lock_timeout = {};
    SET statement_timeout = 0;
    SET default_transaction_isolation = 'read committed';
    SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off;
    SET jit = off
"""


def open_connection(schema: Schema, limits: Limits) -> psycopg.Connection[Any]:
    """A connection that commits every statement by itself; `Problem` if there is none to be had.

    It blocks until it is there: whoever must not wait asks on another thread.
    """
    connection = connect(schema.url)
    try:
        schema.must_be_ours(connection)
        connection.execute(_SETTINGS.format(_lock_wait_ms(limits)).encode())
    except psycopg.OperationalError as error:
        connection.close()
        raise Problem(f"PostgreSQL hung up on us: {error}; try again.") from error
    except BaseException:
        connection.close()
        raise
    return connection


def silence_most_s(limits: Limits) -> float:
    """How long to wait for a reply before the server counts as gone."""
    return 2 * limits.lock_wait_s + SILENCE_MOST_S


def _lock_wait_ms(limits: Limits) -> int:
    """At least 1: to PostgreSQL, 0 means for ever."""
    return max(1, int(limits.lock_wait_s * 1000))
