"""Carry out a plan one step at a time: somebody else decides who goes next, and who dies.

A coroutine cannot be copied, but a plan is a function of the answers it was given. So what the
explorer keeps of a plan is a node in a *trie of answers*; the coroutine is run again, from its
start, only when an answer comes that this node has not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inventory_core.domain.outcomes import Outcome
from inventory_core.steps.errors import StepError
from inventory_core.steps.step import Plan, Step

Make = Callable[[], Plan[Any]]
"""Makes a fresh plan; called once for every node."""


class Node:
    """Where a plan stands after some answers: at a step, or ended with a value or an error.

    Or it broke: it asserted what is not so, or awaited on its way out, as a dead client cannot.
    That is a finding about the plan (`bug`), not the end of the exploration.

    Nodes are compared by identity: two actors at the same await who read different values stand
    at different nodes. `number` is small, unique within a trie and stable within a run.
    """

    __slots__ = ("answers", "bug", "error", "make", "next", "number", "step", "trie", "value")

    def __init__(self, trie: Trie, make: Make, answers: tuple[Any, ...]) -> None:
        self.trie = trie
        self.make = make
        self.answers = answers
        self.next: dict[Any, Node] = {}
        self.step: Step[Any] | None = None
        self.value: Any = None
        self.error: StepError | None = None
        self.bug = ""
        self.number = trie.size
        trie.size += 1
        self._run()

    def _run(self) -> None:
        plan = self.make()
        try:
            step = plan.send(None)
            for answer in self.answers:
                failed = isinstance(answer, StepError)
                step = plan.throw(answer) if failed else plan.send(answer)
            plan.close()  # abandoned: it must not await again on its way out
            self.step = step
        except StopIteration as end:
            self.value = end.value
        except StepError as error:
            self.error = error
        except (AssertionError, RuntimeError) as broke:
            self.bug = str(broke)

    @property
    def ended(self) -> bool:
        """Has the plan returned, or raised?"""
        return self.step is None

    @property
    def outcome(self) -> Outcome | None:
        """What the verb answered, if it answered an outcome."""
        return self.value if isinstance(self.value, Outcome) else None

    def after(self, answer: Any) -> Node:
        """The node after one more answer; a `StepError` is thrown into the plan.

        Answers are told apart by type and value (True is not 1).
        """
        key = (type(answer), answer)
        known = self.next.get(key)
        if known is None:
            known = self.next[key] = Node(self.trie, self.make, (*self.answers, answer))
        return known


class Trie:
    """All the nodes of one plan. The root is the plan before its first answer."""

    __slots__ = ("root", "size")

    def __init__(self, make: Make) -> None:
        self.size = 0
        self.root = Node(self, make, ())
