"""Who may refuse with stock left says why, in the words of check 6."""

import pytest

from inventory_core.strategy import Promise, registry
from scenarios.checks.false_sold_out import CAUSES

KINDS = {name: k for name, k in registry.strategies().items() if k.promises.kept and not k.control}


@pytest.mark.parametrize("name", KINDS)
def test_only_who_may_refuse_with_stock_left_says_why(name: str) -> None:
    kind = KINDS[name]
    assert bool(kind.refuses_for) is (Promise.NO_FALSE_SOLD_OUT not in kind.promises.kept)
    assert kind.refuses_for in ("", *CAUSES)
