"""How many replies one deduction waits for, counted where every step has a true answer."""

from __future__ import annotations

from inventory_core.domain import Cell, Line, Opening, Order
from inventory_core.drivers import carry_out
from inventory_core.strategy import Strategy
from inventory_core.strategy.contract import round_trips
from scenarios.model.place import model_place


def round_trips_of(strategy: Strategy) -> int:
    """Of one order of one line, with nobody else about and plenty in stock."""
    perform = model_place().connect(strategy.limits).perform
    cell = Cell("sku")
    carry_out(strategy.load((Opening(cell, 1_000),)), perform)
    return round_trips(strategy, perform, Order("o", (Line(cell, 1),)))
