"""Makes stores ready to serve: tables, the first admin's key, sample data."""

from __future__ import annotations

from inventory_core.api import keyring
from inventory_core.api.engines import engines_of, names_for
from inventory_core.api.launching import Launch, Prepared
from inventory_core.api.sample import furnish
from inventory_core.drivers.blocking import carry_out
from inventory_core.problems import Problem
from inventory_core.stores.kv import RedisStore, tagged
from inventory_core.stores.service import ServiceAddress, open_service


def prepare(launch: Launch, sql_url: str, kv_url: str) -> Prepared:
    """Make what is missing in the stores at these URLs."""
    name = launch.schema
    prefix = tagged(name)
    home = RedisStore(kv_url, prefix).home if kv_url else ""
    address = ServiceAddress(sql_url, name, home, prefix, names_for(bool(kv_url)))
    with open_service(address) as stores:
        stores.create()
        session = stores.connect()
        try:
            admin = _first_admin(launch.admin_key)
            new = carry_out(keyring.first_admin(admin, bool(launch.admin_key)), session.perform)
            wanted = not launch.sql_url if launch.sample is None else launch.sample
            filled = wanted and carry_out(
                furnish(engines_of(address.engines), launch.engine), session.perform
            )
        finally:
            session.close()
    return Prepared(address, str(admin) if new and not launch.admin_key else "", filled)


def _first_admin(given: str) -> keyring.WholeKey:
    if not given:
        return keyring.WholeKey.fresh()
    whole = keyring.WholeKey.parsed(given)
    if whole is None:
        raise Problem(
            "STOCKPROOF_ADMIN_KEY must be KEYID.SECRET, with 4 letters or more before the dot and "
            "16 or more after it"
        )
    return whole
