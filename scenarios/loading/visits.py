"""What a user of Locust does at the front door: a delivery of the stream, or an act of a buyer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import NamedTuple

from scenarios.demand import KINDS, Delivery, serial_of
from scenarios.loading.job import Front
from scenarios.serving.agenda import Act, Kind

_VERBS = {"pay": "pay", "roll_back": "cancel", "expire": "expire"}


class Visit(NamedTuple):
    """One thing to do. `due_ns` 0: at once, since a closed loop knows no other time."""

    key: int
    kind: str  # as the records call it
    delivery: int
    due_ns: int
    thing: Delivery | Act


class Request(NamedTuple):
    """What goes over the wire. Without a body: an operation on an order."""

    path: str
    body: str | None = None


def visit_of(delivery: Delivery, starts_ns: int, *, open_loop: bool) -> Visit:
    """A delivery of the stream; whether it is a duplicate, its position says."""
    due_ns = starts_ns + delivery.intended_ns if open_loop else 0
    return Visit(delivery.position, KINDS[delivery.kind], 0, due_ns, delivery)


def request_of(visit: Visit, front: Front) -> Request:
    """The request behind a visit."""
    thing = visit.thing
    if isinstance(thing, Act):
        return _of_act(thing, front)
    if visit.kind == "deduct":
        lines = [(line.cell.sku, line.quantity, "") for line in thing.lines]
        return _placing(front, thing.number, f"buyer-{serial_of(thing.number):06d}", lines)
    return _on_order(front, thing.number, _VERBS[visit.kind])


def nowhere_of(front: Front, user: int) -> Request:
    """An order to an address that nobody serves: refused, and not even written down."""
    nowhere = replace(front, address="nowhere")
    return _placing(nowhere, f"warm-up-{user}", "nobody", [("warm-up", 1, "")])


def _of_act(act: Act, front: Front) -> Request:
    order = act.order
    if act.kind is Kind.PLACE:
        lines = [(order.sku, order.quantity, order.activity)]
        return _placing(front, order.number, order.buyer, lines)
    return _on_order(front, order.number, _VERBS[act.kind.value])


def _on_order(front: Front, number: str, verb: str) -> Request:
    return Request(f"/v1/orders/{front.channel}/{number}/{verb}")


def _placing(front: Front, number: str, buyer: str, lines: list[tuple[str, int, str]]) -> Request:
    asked = [
        {"sku": f"{front.prefix}{sku}", "quantity": quantity}
        | ({"activity": activity} if activity else {})
        for sku, quantity, activity in lines
    ]
    body = {
        "channel": front.channel,
        "number": number,
        "buyer": buyer,
        "address": front.address,
        "lines": asked,
    }
    return Request("/v1/orders", json.dumps(body))
