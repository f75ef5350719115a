"""What `status` tells of a worker and `retry` does, from the stores alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from inventory_core.drivers.blocking import carry_out
from inventory_core.records.engines import Message
from inventory_core.services import pressure
from inventory_core.steps.engine import on
from inventory_core.stores.service import ServiceAddress
from inventory_core.stores.session import Session
from inventory_core.strategy import registry
from inventory_core.sync.workers import aside
from inventory_core.sync.workers.figures import Told, left
from inventory_core.sync.workers.limits import WorkerLimits
from inventory_core.sync.workers.queues import queue_of
from inventory_core.sync.workers.watching import looked_once


def status_of(
    session: Session, address: ServiceAddress, engine: str, silent_s: float
) -> dict[str, Any]:
    """The figures that the worker left, what waits now, what is aside, what wants attention."""
    limits = WorkerLimits()
    queue = queue_of(engine, registry.make(engine))
    there = carry_out(left(engine), session.perform)
    told, silent_for_s = there or (Told(), None)
    set_aside = carry_out(aside.set_aside_of(engine, limits.shown), session.perform)
    held_back = carry_out(pressure.held_back(engine), session.perform)
    found = asdict(told)
    found["waiting"] = looked_once(address, engine, queue, limits.looked_at)
    found["held_back"] = held_back
    found["told_s_ago"] = silent_for_s
    found["aside"] = [_shown(one) for one in set_aside]
    warnings = [f"buyers are held back: {held_back}"] if held_back else []
    if there is None:
        warnings.append("no worker has ever run: start one with stockproof worker run")
    elif there[1] > silent_s:
        warnings.append(f"no worker has told anything for {there[1]:.0f} s: is it running?")
    if set_aside:
        warnings.append(f"{len(set_aside)} set aside: stockproof worker retry tries them again")
    return {"engine": engine, **found, "warnings": warnings}


def _shown(one: Message) -> dict[str, Any]:
    about = " ".join(str(word) for word in one.body)
    return {"piece": one.message_key, "about": about, "why": one.answer, "at_ms": one.at_ms}


def retried(session: Session, engine: str, keys: Collection[str]) -> tuple[int, int]:
    """Try these again, or all: how many are done with, and how many are not."""
    queue = queue_of(engine, registry.make(engine))
    plan = on(engine, aside.retry(queue, engine, keys))
    return carry_out(plan, session.perform)
