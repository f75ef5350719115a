"""What goes wrong on the wire, on purpose: a count that breaks off, a reply that is never heard.

An answer is cut in the middle of its body: it says how long it is, half of that comes, and the
connection is gone. What was asked has been done. For tests and for showing what a synchronisation
makes of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from warehouse_system.counting import Cursor
from warehouse_system.problems import WarehouseProblem


class Cut(Exception):
    """The connection was broken on purpose."""


@dataclass
class Faults:
    """Which answers are cut. Counted down, so a test says how often.

    `cut_after_page`: pages of full counts after this one (0: all of them; None: none), at most
    `cuts` times. `lost_replies`: replies to shipments, as many as that.
    """

    cut_after_page: int | None = None
    cuts: int = 1_000_000
    lost_replies: int = 0
    _pages: re.Pattern[str] = field(default=re.compile(r"/warehouses/[^/]+/counts"), repr=False)

    def any(self) -> bool:
        """Is there anything to go wrong?"""
        return self.cut_after_page is not None or self.lost_replies > 0

    def strikes(self, method: str, path: str, query: str) -> bool:
        """Is the answer to this request cut? Counts it, if so."""
        if method == "POST" and path.endswith("/shipments") and self.lost_replies > 0:
            self.lost_replies -= 1
            return True
        if method != "GET" or self.cut_after_page is None or not self._pages.fullmatch(path):
            return False
        if _page(query) <= self.cut_after_page or self.cuts < 1:
            return False
        self.cuts -= 1
        return True


def _page(query: str) -> int:
    cursor = parse_qs(query).get("cursor")
    try:
        return Cursor.read(cursor[0]).page if cursor else 1
    except WarehouseProblem:
        return 1


class Unreliable:
    """The application with faults."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or answer half."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        query = scope["query_string"].decode("latin-1")
        if not self._faults.strikes(scope["method"], scope["path"], query):
            return await self._app(scope, receive, send)

        async def half(message: Message) -> None:
            if message["type"] != "http.response.body":
                return await send(message)
            body = message.get("body", b"")
            await send({**message, "body": body[: len(body) // 2], "more_body": True})
            raise Cut

        try:
            await self._app(scope, receive, half)
        except Cut:
            return None  # the server closes a connection whose answer ends too early
