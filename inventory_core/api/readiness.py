"""What has to hold before requests are sent here: stores answer, tables are of this release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from inventory_core.domain import Cell
from inventory_core.problems import Problem
from inventory_core.records import Channel
from inventory_core.steps import rows
from inventory_core.steps.engine import on
from inventory_core.steps.errors import StepError
from inventory_core.steps.step import Plan
from inventory_core.stores.asynchronous import AsyncPool, Busy
from inventory_core.stores.service import ServiceAddress, ServiceStores
from inventory_core.strategy import Needs, Strategy

WITHIN_S = 2.0
OK = "ok"


async def checks(
    address: ServiceAddress, engines: Mapping[str, Strategy], pool: AsyncPool
) -> dict[str, str]:
    """Each check by name: `ok`, or what is wrong."""
    database = await _held(pool, _asked_rows())
    if database != OK:
        return {"database": database}
    keyed = next((name for name, one in engines.items() if Needs.KV in one.needs), None)
    keys = OK if keyed is None else await _held(pool, _asked_keys(keyed, engines[keyed]))
    return {"database": OK, "engines": keys, "migrations": await _current(address)}


async def _current(address: ServiceAddress) -> str:
    """Are the tables those of this release?"""
    try:
        async with asyncio.timeout(WITHIN_S):
            await asyncio.to_thread(ServiceStores(address).check)
    except TimeoutError:
        return f"no answer within {WITHIN_S:g} s"
    except Problem as problem:
        return str(problem)
    return OK


async def _held(pool: AsyncPool, plan: Plan[None]) -> str:
    try:
        async with asyncio.timeout(WITHIN_S):
            await pool.run(plan)
    except TimeoutError:
        return f"no answer within {WITHIN_S:g} s"
    except Busy:
        return OK  # every session is at work: the store answers
    except StepError as error:
        return f"it does not answer ({type(error).__name__})"
    return OK


async def _asked_rows() -> None:
    await rows.StoreClock()
    await rows.Select(Channel, limit=1)


async def _asked_keys(name: str, engine: Strategy) -> None:
    await on(name, engine.read((Cell("none", "channel:none"),)))
