"""The shop that is loaded: a private one, served by API processes of its own.

stores --> tables, keys, shelves, channel --> API processes --> buyers
--> at rest, and its own audit --> API processes end --> the books, read past the API
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from inventory_core.api import keyring
from inventory_core.api.crew import Crew as ApiCrew
from inventory_core.api.listening import bound, url_of
from inventory_core.api.settings import ApiSettings
from inventory_core.drivers import carry_out
from inventory_core.records import Channel, DeductAt, Role
from inventory_core.stores.audit import Audit
from inventory_core.stores.service import connect_service
from inventory_core.stores.session import Session
from inventory_core.strategy import Strategy
from scenarios.loading.desk import Desk, Survey
from scenarios.loading.job import Front
from scenarios.scenario import Shop
from scenarios.serving.buyers import ADDRESS, CHANNEL
from scenarios.serving.engine_case import by_number
from scenarios.serving.furnishing import open_channel
from scenarios.serving.place import ShopPlace

KEYS = 16
"""Each may ask so often, and no more: users take turns with them."""


@dataclass(frozen=True)
class House:
    """A shop's stores, and its API in front of them."""

    here: ShopPlace
    session: Session
    desk: Desk
    front: Front

    def survey(self, within_s: float) -> Survey:
        """What the service says when all is over."""
        return self.desk.survey(self.front.channel, self.front.prefix, within_s)

    def remaining(self) -> int | None:
        """All units left, as the stores count."""
        return self.here.place.remaining()

    def audit(self) -> Audit:
        """What the stores hold, read past the service; when nobody serves them any more."""
        return by_number(self.here.place.audit())


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
