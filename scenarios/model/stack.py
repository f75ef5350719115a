"""Enrols the model as the stack `model`; whoever lists stacks for the user imports this once."""

from __future__ import annotations

from inventory_core.stores.stacks import Stack, enrol
from inventory_core.strategy import Needs

MODEL = Stack(
    "model",
    Needs.SQL | Needs.KV | Needs.KV_SESSION,
    live=False,
    about="rows and keys as pure state: what the explorer runs on",
)
enrol(MODEL)
