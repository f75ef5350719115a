"""A client of the API that looks and furnishes, and does not buy."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from inventory_core.problems import Problem

PAGE = 200
PAGES_MOST = 100_000
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
    """A client with a key of its own."""

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
        """The answer to a request that is not a buyer's; who is busy with it is asked again."""
        deadline_s = time.monotonic() + ANSWER_WITHIN_S
        while True:  # until there is an answer, or no time
            try:
                answer = self.http.request(method, path, **more)
            except httpx.HTTPError as error:
                raise Problem(f"{self.http.base_url} does not answer ({error}): start it") from None
            busy = answer.status_code in (429, 503) or "Retry-After" in answer.headers
            if not busy or time.monotonic() > deadline_s:
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

    def without_holds(self, channel: str, within_s: float) -> bool:
        """Wait until a channel holds nothing unpaid; False if it still does."""
        deadline_s = time.monotonic() + within_s
        asked = {"channel": channel, "state": "held", "limit": 1}
        while time.monotonic() < deadline_s:
            if not self.asked("GET", "/v1/orders", params=asked)["items"]:
                return True
            time.sleep(PAUSE_S)
        return False
