"""The shop that is loaded: a private one, served by API processes of its own.

    stores --> tables, keys, shelves, channel --> API processes --> buyers
           --> at rest, and its own audit --> API processes end --> the books, read past the API
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from inventory_core.api import keyring
from inventory_core.api.crew import Crew as ApiCrew
from inventory_core.api.listening import bound, url_of
from inventory_core.api.settings import ApiSettings
from inventory_core.drivers import carry_out
from inventory_core.problems import Problem
from inventory_core.records import Channel, DeductAt, Role
from inventory_core.stores.service import connect_service
from inventory_core.stores.session import Session
from inventory_core.strategy import Strategy
from scenarios.loading.job import Front
from scenarios.scenario import Shop
from scenarios.serving.buyers import ADDRESS, CHANNEL
from scenarios.serving.furnishing import open_channel
from scenarios.serving.place import ShopPlace

KEYS = 16
"""Each may ask so often, and no more: users take turns with them."""

PAGE = 200
PAGES_MOST = 100_000
REST_WITHIN_S = 30.0
PAUSE_S = 0.1
ANSWER_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Survey:
    """What the service itself says when all is over."""

    at_rest: bool
    breaches: tuple[str, ...]
    states: Mapping[str, str]  # by order number
    items: tuple[Mapping[str, Any], ...] = ()  # articles, as its audit shows them


@dataclass(frozen=True)
class Desk:
    """A client of the API that looks, and does not buy."""

    http: httpx.Client

    @classmethod
    def at(cls, url: str, key: str) -> Desk:
        """With a key."""
        said = {"Authorization": f"Bearer {key}"}
        return cls(httpx.Client(base_url=url, headers=said, timeout=30.0, trust_env=False))

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every page of a list."""
        cursor: str | None = None
        for _ in range(PAGES_MOST):
            asked = query | {"limit": PAGE} | ({"cursor": cursor} if cursor else {})
            page = self.asked("GET", path, params=asked)
            yield page
            cursor = page.get("next")
            if not cursor:
                return
        raise AssertionError(f"more than {PAGES_MOST} pages of {path}")

    def asked(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """The answer to a request that is not a buyer's; a crowd is asked again."""
        deadline_s = time.monotonic() + ANSWER_WITHIN_S
        while True:  # until there is an answer, or no time
            try:
                answer = self.http.request(method, path, **more)
            except httpx.HTTPError as error:
                raise Problem(f"{self.http.base_url} does not answer ({error}): start it") from None
            if answer.status_code not in (429, 503) or time.monotonic() > deadline_s:
                break
            time.sleep(PAUSE_S)
        if answer.is_success:
            found: dict[str, Any] = answer.json() if answer.content else {}
            return found
        raise Problem(f"{method} {path} was answered with {answer.status_code}: {answer.text}")

    def survey(self, channel: str, prefix: str, within_s: float) -> Survey:
        """Wait until nothing is under way, and ask for the audit and the orders of a channel."""
        deadline_s = time.monotonic() + within_s
        while not self._at_rest() and time.monotonic() < deadline_s:
            time.sleep(PAUSE_S)
        at_rest, breaches, items = True, list[str](), list[Mapping[str, Any]]()
        for page in self.pages("/v1/audit"):
            at_rest &= page["at_rest"]
            items += [item for item in page["items"] if item["sku"].startswith(prefix)]
            breaches += [
                f"{one['sku']}: {one['law']} ({one['place'] or 'everywhere'}):"
                f" {one['found']}, and {one['expected']} expected"
                for one in page["breaches"]
                if one["sku"].startswith(prefix)
            ]
        orders = self.pages("/v1/orders", channel=channel)
        states = {order["number"]: order["state"] for page in orders for order in page["items"]}
        return Survey(at_rest, tuple(breaches), states, tuple(items))

    def _at_rest(self) -> bool:
        return bool(self.asked("GET", "/v1/audit", params={"limit": 1})["at_rest"])


@dataclass(frozen=True)
class House:
    """A shop's stores, and its API in front of them."""

    here: ShopPlace
    session: Session
    desk: Desk
    front: Front


@contextmanager
def served(
    here: ShopPlace,
    channel: Channel,
    strategy: Strategy,
    for_sale: Mapping[str, int],
    shop: Shop,
    api_processes: int,
) -> Iterator[House]:
    """A shop with this channel, open for buyers while the block runs."""
    here.clear()
    session = connect_service(here.address)
    try:
        keys = tuple(str(_key(session, number)) for number in range(KEYS + 1))
        carry_out(open_channel(channel, strategy, for_sale, shop), session.perform)
        with (
            bound("127.0.0.1", 0) as listener,
            ApiCrew(here.address, ApiSettings(), listener, api_processes),
        ):
            url = url_of(listener)
            desk = Desk.at(url, keys[0])
            with desk.http:
                yield House(here, session, desk, Front(url, channel.code, ADDRESS, keys[1:]))
    finally:
        session.close()


def _key(session: Session, number: int) -> keyring.WholeKey:
    whole = keyring.WholeKey.fresh()
    kept = carry_out(keyring.add(whole, f"load {number}", Role.OPERATOR), session.perform)
    assert kept is not None, "an id of six random bytes was taken"
    return whole


def channel_for(engine: str, rule: str, hold_s: float) -> Channel:
    """The channel of a loaded shop. Holds last whole seconds, one at least."""
    return Channel(CHANNEL, "Web", engine, DeductAt(rule), whole_seconds(hold_s))


def whole_seconds(hold_s: float) -> int:
    """How long the service holds what a strategy would hold so long."""
    return max(1, -int(-hold_s // 1))
