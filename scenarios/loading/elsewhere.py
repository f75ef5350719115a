"""A service that runs already: loaded in a channel of its own, with articles of its own.

Nothing that is there is touched. What a run has made (a channel, warehouses, articles, orders)
stays in that service, since orders are never deleted; all of it bears the name of the run. Books
are read over the API, since nobody else's stores are ours to read.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from inventory_core.domain import Cell, HoldState, Line
from inventory_core.problems import Problem
from inventory_core.records import Channel
from inventory_core.stores.addresses import is_loopback
from inventory_core.stores.audit import Audit, Book, BookedLine, BookedOrder
from scenarios.loading.desk import Desk, Survey
from scenarios.loading.house import KEYS
from scenarios.loading.job import Front
from scenarios.serving.buyers import PLACE

WAREHOUSES, SPARE = 2, 100
HELD_AS: Mapping[str, HoldState] = {
    "held": HoldState.HELD,
    "paid": HoldState.PAID,
    "refused": HoldState.REFUSED,
    "cancelled": HoldState.ROLLED_BACK,
    "refunded": HoldState.ROLLED_BACK,
    "expired": HoldState.EXPIRED,
    "tombstone": HoldState.TOMBSTONE,
}
"""Where an order stands, in the words of a strategy."""


@dataclass
class Elsewhere:
    """A service that runs already, and the part of it that is ours."""

    desk: Desk
    front: Front
    for_sale: Mapping[str, int]
    _seen: list[Survey] = field(default_factory=list)
    _orders: dict[str, BookedOrder] = field(default_factory=dict)

    def remaining(self) -> int | None:
        """Nobody looks at a service while it is loaded."""
        return None

    def survey(self, within_s: float) -> Survey:
        """What it says at the end, and every order that took units."""
        seen = self.desk.survey(self.front.channel, self.front.prefix, within_s)
        self._seen.append(seen)
        self._orders = {number: self._order(number, state) for number, state in seen.states.items()}
        return seen

    def audit(self) -> Audit:
        """The books, as far as the API shows them."""
        assert self._seen, "a service is audited after its survey"
        place = f"channel:{self.front.channel}"
        remaining = {
            Cell(item["sku"].removeprefix(self.front.prefix), PLACE): there["units"]
            for item in self._seen[-1].items
            for there in item["places"]
            if there["place"] == place
        }
        journal = {
            f"opening:{sku}": (Cell(sku, PLACE), units) for sku, units in self.for_sale.items()
        }
        return Audit((Book("api", remaining, self._orders, journal),))

    def _order(self, number: str, state: str) -> BookedOrder:
        held = HELD_AS.get(state, HoldState.HELD)
        if held in (HoldState.REFUSED, HoldState.TOMBSTONE):
            return BookedOrder(number, held, 1, "", ())
        shown = self.desk.asked("GET", f"/v1/orders/{self.front.channel}/{number}")
        lines = tuple(
            BookedLine(shown["generation"], self._line(one["sku"], one["taken"]), held)
            for one in shown["lines"]
            if one["taken"]
        )
        return BookedOrder(number, held, shown["generation"], "", lines)

    def _line(self, sku: str, taken: int) -> Line:
        return Line(Cell(sku.removeprefix(self.front.prefix), PLACE), taken)


def checked_url(url: str, allowed: Collection[str]) -> str:
    """The URL of a service that may be loaded."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https"):
        raise Problem(f"{url!r} is no address of a service: write http://HOST:PORT")
    if not is_loopback(host) and host.lower() not in {name.lower() for name in allowed}:
        raise Problem(
            f"{host} is not this machine, and a run loads it heavily: say --allow-host {host} "
            "if that is meant"
        )
    return url.rstrip("/")


@contextmanager
def elsewhere(
    url: str, admin_key: str, channel: Channel, for_sale: Mapping[str, int]
) -> Iterator[Elsewhere]:
    """A channel of our own in a running service; its keys are revoked at the end."""
    name = f"load-{secrets.token_hex(4)}"
    desk = Desk.at(url, admin_key)
    made: list[str] = []
    with desk.http:
        try:
            _furnish(desk, name, channel, for_sale)
            keys = []
            for number in range(KEYS):
                body = {"name": f"{name} {number}", "role": "operator"}
                key = desk.asked("POST", "/v1/keys", json=body)
                made.append(key["key_id"])
                keys.append(key["key"])
            front = Front(url, name, f"{name}/hill/oak", tuple(keys), f"{name}-")
            yield Elsewhere(desk, front, for_sale)
        finally:
            for key_id in made:
                desk.asked("DELETE", f"/v1/keys/{key_id}")


def _furnish(desk: Desk, name: str, channel: Channel, for_sale: Mapping[str, int]) -> None:
    """Channel, warehouses that serve only its buyers, shelves, and all that is for sale."""
    body = {
        "name": name,
        "engine": channel.engine,
        "deduct_at": channel.deduct_at.value,
        "hold_s": channel.hold_s,
    }
    desk.asked("PUT", f"/v1/channels/{name}", json=body)
    shelves = []
    for number in range(1, WAREHOUSES + 1):
        code = f"{name}-{number}"
        place = {"name": code, "kind": "own", "address": name}
        desk.asked("PUT", f"/v1/warehouses/{code}", json=place)
        serves = {"region": name, "rank": number, "transit_days": number}
        desk.asked("PUT", f"/v1/warehouses/{code}/services", json=serves)
        for sku, units in for_sale.items():
            there = units + SPARE
            part = there // WAREHOUSES + (number <= there % WAREHOUSES)
            shelves.append(f"{code},{name}-{sku},{part}")
    _import(desk, name, "physical", "warehouse,sku,physical", shelves)
    sold = [f"{name},{name}-{sku},{units}" for sku, units in for_sale.items()]
    _import(desk, name, "sellable", "channel,sku,sellable", sold)


LINES_AT_ONCE = 500


def _import(desk: Desk, name: str, table: str, head: str, lines: list[str]) -> None:
    for at in range(0, len(lines), LINES_AT_ONCE):
        text = "\r\n".join([head, *lines[at : at + LINES_AT_ONCE]]) + "\r\n"
        said = {"Content-Type": "text/csv", "Idempotency-Key": f"{name}.{table}.{at}"}
        report = desk.asked("POST", f"/v1/csv/{table}", content=text.encode(), headers=said)
        assert not report["refused"], f"lines of our own were refused: {report}"
