"""The contract that every deduction strategy fulfils, and how strategies are found."""

from inventory_core.strategy.accounts import Accounts, change
from inventory_core.strategy.contract import Daemon, Strategy
from inventory_core.strategy.copied_holds import CopiedHolds
from inventory_core.strategy.counted_holds import CountedHolds
from inventory_core.strategy.key_holds import KeyHolds
from inventory_core.strategy.marked_takings import MarkedTakings
from inventory_core.strategy.promises import (
    ALL,
    UNFLUSHED,
    Fault,
    Needs,
    Promise,
    Promises,
)
from inventory_core.strategy.row_holds import RowHolds
from inventory_core.strategy.split_parts import SplitParts, part_key
from inventory_core.strategy.streamed_holds import StreamedHolds
from inventory_core.strategy.unit_rows import UnitRows, free_units

__all__ = [
    "ALL",
    "UNFLUSHED",
    "Accounts",
    "CopiedHolds",
    "CountedHolds",
    "Daemon",
    "Fault",
    "KeyHolds",
    "MarkedTakings",
    "Needs",
    "Promise",
    "Promises",
    "RowHolds",
    "SplitParts",
    "Strategy",
    "StreamedHolds",
    "UnitRows",
    "change",
    "free_units",
    "part_key",
]
