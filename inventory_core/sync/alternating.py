"""Carrying out a plan that asks warehouses: stretches of it on the stores, questions in between.

    stretch of the plan (session held) --> question (no session held) --> next stretch --> ...

So no connection to a store waits for the network of a warehouse, and any driver carries the
stretches: `run` is one that carries out a whole plan, such as a pool of sessions.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from inventory_core.steps.errors import StepError
from inventory_core.steps.step import Plan
from inventory_core.sync.questions import Question, WarehouseTrouble
from inventory_core.sync.warehouse_client import Answering, WarehouseClient

T = TypeVar("T")

Go = Callable[[], Any]
"""Lets the plan go on: sends it the answer to what it asked, or throws the trouble."""


@dataclass(frozen=True, slots=True)
class Ended(Generic[T]):
    """The plan has come to its end, with this."""

    value: T


def alternate(plan: Plan[T], run: Callable[[Plan[Any]], Any], client: WarehouseClient) -> T:
    """Carry the plan out on this thread; `run` carries out a plan without questions."""
    go: Go = partial(plan.send, None)
    try:
        while True:
            said: Question[Any] | Ended[T] = run(_stretch(plan, go))
            if isinstance(said, Ended):
                return said.value
            try:
                go = partial(plan.send, client.answer(said))
            except WarehouseTrouble as trouble:
                go = partial(plan.throw, trouble)
    finally:
        plan.close()


async def alternate_async(
    plan: Plan[T],
    run: Callable[[Plan[Any]], Awaitable[Any]],
    client: Answering,
) -> T:
    """The same in an event loop; `run` is a pool's, or a service's."""
    go: Go = partial(plan.send, None)
    try:
        while True:
            said: Question[Any] | Ended[T] = await run(_stretch(plan, go))
            if isinstance(said, Ended):
                return said.value
            try:
                go = partial(plan.send, await client.answer(said))
            except WarehouseTrouble as trouble:
                go = partial(plan.throw, trouble)
    finally:
        plan.close()


async def _stretch(plan: Plan[T], go: Go) -> Question[Any] | Ended[T]:
    """Let the plan go on until it asks a warehouse, or ends."""
    try:
        step = go()
        while not isinstance(step, Question):
            try:
                answer = await step
            except StepError as error:
                step = plan.throw(error)
            else:
                step = plan.send(answer)
    except StopIteration as end:
        return Ended(end.value)
    return step
