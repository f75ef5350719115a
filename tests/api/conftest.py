"""Stores with a small shop in them, and the API over them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from inventory_core.api import keyring
from inventory_core.api.engines import engines_of, names_for
from inventory_core.api.sample import furnish
from inventory_core.drivers.blocking import carry_out
from inventory_core.records import Role
from inventory_core.stores.service import ServiceAddress, open_service
from tests.api.front import Front, fronted

KEYS = {role.value: str(keyring.WholeKey.fresh()) for role in Role}


@pytest.fixture(scope="module")
def stores(postgresql_url: str, valkey_url: str) -> Iterator[ServiceAddress]:
    """A service's stores, with the sample shop and a key of every role."""
    yield from made_stores(postgresql_url, valkey_url)


def made_stores(
    postgresql_url: str, valkey_url: str, engine: str = "conditional_update"
) -> Iterator[ServiceAddress]:
    """Fresh stores, removed at the end."""
    name = f"stockproof_api_{secrets.token_hex(4)}"
    address = ServiceAddress(postgresql_url, name, valkey_url, f"{name}:", names_for(True))
    with open_service(address) as service:
        service.create()
        session = service.connect()
        for role, text in KEYS.items():
            whole = keyring.WholeKey.parsed(text)
            assert whole is not None
            carry_out(keyring.add(whole, f"the {role}", Role(role)), session.perform)
        carry_out(furnish(engines_of(address.engines), engine), session.perform)
        session.close()
        yield address
        service.remove()


@pytest.fixture(scope="module")
def shop(stores: ServiceAddress) -> Iterator[Front]:
    """The API over the sample shop."""
    with fronted(stores, KEYS) as front:
        yield front
