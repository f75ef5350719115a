"""The contract that every deduction strategy fulfils, and how strategies are found."""

from inventory_core.strategy.contract import Daemon, Strategy
from inventory_core.strategy.counted_holds import CountedHolds
from inventory_core.strategy.key_holds import KeyHolds
from inventory_core.strategy.promises import Fault, Needs, Promise, Promises
from inventory_core.strategy.row_holds import RowHolds

__all__ = [
    "CountedHolds",
    "Daemon",
    "Fault",
    "KeyHolds",
    "Needs",
    "Promise",
    "Promises",
    "RowHolds",
    "Strategy",
]
