"""What stock, orders and holds are: pure values and rules that import nothing of ours."""

from inventory_core.domain.limits import Limits
from inventory_core.domain.orders import Line, Order, add_up
from inventory_core.domain.outcomes import HoldState, Outcome
from inventory_core.domain.stock import Cell, Opening

__all__ = ["Cell", "HoldState", "Limits", "Line", "Opening", "Order", "Outcome", "add_up"]
