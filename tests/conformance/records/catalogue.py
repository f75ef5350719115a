"""Every step on records at least once, on rows that are there and rows that are not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from inventory_core.records import (
    Entry,
    Intent,
    Kind,
    OpenedCell,
    OrderState,
    ShopOrder,
    Unassigned,
    Warehouse,
    WarehouseKind,
    WarehouseStock,
)
from inventory_core.records.places import DeductAt
from inventory_core.steps import Step, rows

KINDS = (Warehouse, WarehouseStock, Unassigned, ShopOrder, Entry, OpenedCell)
"""Parents before their children."""


def warehouse(code: str, name: str = "a warehouse") -> Warehouse:
    """A warehouse of that code."""
    return Warehouse(code, name, WarehouseKind.OWN, "north/city")


def shop_order(number: str, state: OrderState, due_ms: int) -> ShopOrder:
    """An order of that number."""
    return ShopOrder(
        order_id=f"web/{number}",
        channel="web",
        number=number,
        buyer="ann",
        address="north/city",
        fingerprint="f",
        deduct_at=DeductAt.ORDER,
        partial=False,
        state=state,
        intent=Intent.NONE,
        intent_ms=0,
        generation=1,
        placed_ms=0,
        hold_s=900,
        due_ms=due_ms,
        reason="",
        answer="",
    )


FIRST, SECOND = shop_order("1", OrderState.HELD, 10), shop_order("2", OrderState.HELD, 20)
STOCK = WarehouseStock("a", "w", physical=5, pre_occupied=2)
OTHER, UNLAWFUL = WarehouseStock("b", "w", 2), WarehouseStock("b", "w", 1, pre_occupied=2)
OPENING = Entry("open", "a", Kind.PHYSICAL, "w", 5, "opening", 0)
NEW, NEWER = Unassigned("new", 1), Unassigned("newer", 2)
HELD = (("state", "=", OrderState.HELD),)
WITHIN_SHELF = (("pre_occupied", "physical"),)

BEFORE: tuple[Step[Any], ...] = (
    rows.InsertAll((warehouse("w"), warehouse("v"))),
    rows.InsertAll((STOCK, WarehouseStock("b", "w", physical=3))),
    rows.InsertAll((Unassigned("a", 4), Unassigned("b", 0))),
    rows.InsertAll((FIRST, SECOND, shop_order("3", OrderState.PAID, 5))),
    rows.Insert(OPENING),
    rows.Insert(OpenedCell("conditional_update", "a", "channel:web")),
)
"""What every case starts from."""

STEPS: dict[str, Step[Any]] = {
    "insert a new row": rows.Insert(NEW),
    "insert a new row with another body": rows.Insert(Unassigned("new", 7)),
    "insert a row that is there": rows.Insert(Unassigned("a", 9)),
    "insert an unlawful row": rows.Insert(Unassigned("new", -1)),
    "insert an unlawful row over another": rows.Insert(Unassigned("a", -1)),
    "insert a row that is all key": rows.Insert(OpenedCell("x", "a", "channel:web")),
    "insert a parent": rows.Insert(warehouse("x")),
    "insert a child": rows.Insert(WarehouseStock("a", "v", 1)),
    "insert a child of a new parent": rows.Insert(WarehouseStock("a", "x", 1)),
    "insert several": rows.InsertAll((NEW, NEWER)),
    "insert several, the other way round": rows.InsertAll((NEWER, NEW)),
    "insert several, one there": rows.InsertAll((NEW, Unassigned("a", 1))),
    "insert several, one unlawful": rows.InsertAll((NEW, Unassigned("newer", -1))),
    "insert none": rows.InsertAll(()),
    "get": rows.Get(WarehouseStock, ("a", "w")),
    "get an unknown row": rows.Get(WarehouseStock, ("a", "x")),
    "get a new row": rows.Get(Unassigned, ("new",)),
    "get by a key with an enum": rows.Get(Entry, ("open", "a", Kind.PHYSICAL, "w")),  # type: ignore[arg-type]
    "get by the text of an enum": rows.Get(Entry, ("open", "a", "physical", "w")),
    "lock": rows.Lock(WarehouseStock, ("a", "w")),
    "lock a parent": rows.Lock(Warehouse, ("v",)),
    "lock an unknown row": rows.Lock(Unassigned, ("new",)),
    "put": rows.Put(replace(STOCK, physical=4)),
    "put an unlawful row": rows.Put(replace(STOCK, physical=1)),
    "put an unknown row": rows.Put(NEW),
    "put a parent": rows.Put(warehouse("v", "renamed")),
    "put a row that is all key": rows.Put(OpenedCell("conditional_update", "a", "channel:web")),
    "put several": rows.PutAll((replace(STOCK, physical=4), OTHER)),
    "put several, the other way round": rows.PutAll((OTHER, replace(STOCK, physical=6))),
    "put several, one unknown": rows.PutAll((OTHER, WarehouseStock("c", "w", 1))),
    "put several, one unlawful": rows.PutAll((replace(STOCK, physical=6), UNLAWFUL)),
    "put none": rows.PutAll(()),
    "pay an order": rows.Put(replace(FIRST, state=OrderState.PAID)),
    "add": rows.Add(WarehouseStock, ("a", "w"), (("pre_occupied", 1),), WITHIN_SHELF),
    "add all that fits": rows.Add(WarehouseStock, ("a", "w"), (("pre_occupied", 3),), WITHIN_SHELF),
    "add too much": rows.Add(WarehouseStock, ("a", "w"), (("pre_occupied", 4),), WITHIN_SHELF),
    "add below zero": rows.Add(Unassigned, ("a",), (("quantity", -5),)),
    "add what breaks a law": rows.Add(WarehouseStock, ("a", "w"), (("physical", -4),)),
    "add to two fields": rows.Add(
        WarehouseStock, ("a", "w"), (("physical", -1), ("pre_occupied", -1)), WITHIN_SHELF
    ),
    "add within a number": rows.Add(Unassigned, ("a",), (("quantity", 2),), (("quantity", 6),)),
    "add to an unknown row": rows.Add(Unassigned, ("new",), (("quantity", 1),)),
    "select all": rows.Select(Unassigned),
    "select some": rows.Select(ShopOrder, (*HELD, ("due_ms", "<", 20), ("due_ms", "!=", 0))),
    "select by order": rows.Select(ShopOrder, (), ("due_ms",), limit=2),
    "select what comes after": rows.Select(ShopOrder, (), ("due_ms",), after=(5, "web/3")),
    "select by the first of the key": rows.Select(WarehouseStock, (("sku", "=", "a"),)),
    "select one of many": rows.Select(Unassigned, (("sku", "in", ("b", "new", "newer")),)),
    "add up all": rows.Sum(Unassigned, "quantity"),
    "add up some": rows.Sum(ShopOrder, "hold_s", (*HELD, ("due_ms", "<", 20))),
    "add up one of many": rows.Sum(WarehouseStock, "physical", (("sku", "in", ("a", "new")),)),
    "add up none": rows.Sum(Unassigned, "quantity", (("sku", "=", "unheard"),)),
    "select one of none": rows.Select(Unassigned, (("sku", "in", ()),)),
    "select other states": rows.Select(ShopOrder, (("state", "!=", OrderState.HELD),)),
    "select one of many states": rows.Select(
        ShopOrder, (("state", "in", (OrderState.PAID, OrderState.HELD)), ("partial", "=", False))
    ),
    "select one that is free": rows.Select(ShopOrder, HELD, ("due_ms",), limit=1, lock_free=True),
    "select all that are free": rows.Select(ShopOrder, HELD, ("due_ms",), lock_free=True),
    "select free rows": rows.Select(Unassigned, lock_free=True),
    "remove": rows.Remove(Unassigned, ("b",)),
    "remove an unknown row": rows.Remove(Unassigned, ("new",)),
    "remove a parent": rows.Remove(Warehouse, ("v",)),
    "remove a parent with children": rows.Remove(Warehouse, ("w",)),
    "remove a child": rows.Remove(WarehouseStock, ("b", "w")),
}
"""Sentences, and the steps that they stand for. The clock answers differently in each world."""
