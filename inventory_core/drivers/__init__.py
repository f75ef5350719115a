"""Drivers carry out plans. Each is one small loop, and plans do not know which one holds them."""

from inventory_core.drivers.blocking import carry_out

__all__ = ["carry_out"]
