"""Plans side by side on a model place: dice say whose turn it is, and who dies.

The explorer tries every schedule of a small case; this tries one schedule, drawn from a seed, of a
case of any size. A plan that waits for a lock is left out until somebody else has moved.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from inventory_core.steps.errors import StepError
from inventory_core.steps.step import Plan, Step
from scenarios.model.answers import PARTIAL, Blocked, Done, Failed
from scenarios.model.place import ModelPlace, ModelSession

TURNS_MOST = 1_000_000
"""Of one crowd; more is a plan that never ends."""


class Died(Enum):
    """What is left of a plan whose client died."""

    DIED = "died"


@dataclass(slots=True)
class _Actor:
    plan: Plan[Any]
    session: ModelSession
    step: Step[Any] | None = None
    result: Any = None

    def go(self, answer: Any, error: StepError | None = None) -> None:
        """Hand the plan its answer; its next step, or its result, is kept."""
        try:
            self.step = self.plan.throw(error) if error else self.plan.send(answer)
        except StopIteration as end:
            self.step, self.result = None, end.value
        except StepError as failure:
            self.step, self.result = None, failure
        if self.step is None:
            self.session.close()

    def die(self) -> None:
        """The client is gone: its plan awaits nothing more, the server rolls back."""
        self.plan.close()
        self.session.close()
        self.step, self.result = None, Died.DIED


def together(
    place: ModelPlace, plans: Sequence[Plan[Any]], dice: random.Random, deaths: float = 0.0
) -> list[Any]:
    """Carry plans out side by side; `deaths` is the chance that a client dies before a step.

    Answers what each returned, the `StepError` that ended it, or `DIED`. Any other error is a bug
    and is raised.
    """
    actors = [_Actor(plan, place.connect(seed=number)) for number, plan in enumerate(plans)]
    for actor in actors:
        actor.go(None)
    waiting: set[int] = set()
    for _ in range(TURNS_MOST):
        alive = [number for number, actor in enumerate(actors) if actor.step is not None]
        if not alive:
            return [actor.result for actor in actors]
        free = [number for number in alive if number not in waiting]
        if not free:
            waiting.clear()  # a circle: whoever asks next is its victim
            free = alive
        number = dice.choice(free)
        if dice.random() < deaths:
            actors[number].die()
            waiting.clear()
        elif _moved(actors[number]):
            waiting.clear()
        else:
            waiting.add(number)
    raise AssertionError(f"{len(plans)} plans did not end in {TURNS_MOST} turns")


def _moved(actor: _Actor) -> bool:
    """One turn; False if it waits for a lock."""
    assert actor.step is not None
    answer = actor.session.attempt(actor.step)
    if isinstance(answer, Blocked):
        return False
    if isinstance(answer, Failed):
        actor.go(None, answer.error)
    elif isinstance(answer, Done):
        actor.go(answer.value)
    else:
        assert answer is PARTIAL, f"{actor.step} has more than one answer: {answer}"
    return True
