"""What is read back for the law is what lies there, in rows and in keys, once."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest

from inventory_core.domain import Cell, Opening
from inventory_core.domain.law import Ledger, breaches
from inventory_core.drivers.blocking import carry_out
from inventory_core.records import Kind
from inventory_core.steps.engine import on
from inventory_core.stores.ledgers import read_ledgers
from inventory_core.stores.service import ServiceAddress, ServiceStores
from inventory_core.strategy import registry

pytestmark = [pytest.mark.live, pytest.mark.slow]
FURNISHED = """
    INSERT INTO warehouse VALUES ('n', 'N', 'own', '', false, 'active', '17:00', 0, 0, '');
    INSERT INTO warehouse_stock VALUES ('pen', 'n', 40, 0, 0, 0, 0);
    INSERT INTO unassigned VALUES ('pen', 8);
    INSERT INTO stock_move VALUES
        ('m', 'pen', 'unassigned', 'channel:a', 2, false, 'taken', '', 0),
        ('x', 'pen', 'unassigned', 'channel:a', 9, false, 'given', '', 0);
    INSERT INTO entry VALUES ('c', 'pen', 'physical', 'n', 50, '', 0),
        ('d', 'pen', 'physical', 'n', -10, '', 0), ('e', 'pen', 'unassigned', '', 8, '', 0);
    INSERT INTO opened_cell VALUES ('conditional_update', 'pen', 'channel:a'),
        ('redis_script', 'pen', 'channel:b'), ('redis_with_task', 'pen', 'activity:c'),
        ('redis_lock', 'pen', 'activity:d')
"""
OPENED = {
    "conditional_update": ("channel:a", 10),
    "redis_script": ("channel:b", 11),
    "redis_with_task": ("activity:c", 5),
    "redis_lock": ("activity:d", 4),
}


@pytest.fixture
def address(postgresql_url: str, valkey_url: str) -> Iterator[ServiceAddress]:
    """Four engines with ten, eleven, five and four pens; ten elsewhere; forty on the shelf."""
    name = f"test_{uuid4().hex[:12]}"
    address = ServiceAddress(postgresql_url, name, valkey_url, f"{name}:", tuple(OPENED))
    stores = ServiceStores(address)
    stores.create()
    with psycopg.connect(postgresql_url) as connection:
        connection.execute(f"SET search_path = {name}".encode())
        connection.execute(FURNISHED.encode())
    session = stores.connect()
    for engine, (place, units) in OPENED.items():
        opening = registry.make(engine).load([Opening(Cell("pen", place), units)])
        carry_out(on(engine, opening), session.perform)
    session.close()
    yield address
    stores.remove()


def test_every_unit_is_read_once_wherever_it_is_counted(address: ServiceAddress) -> None:
    ledger = read_ledgers(address)["pen"]
    assert ledger == Ledger(
        "pen",
        physical={"n": 40},
        pre_occupied={"n": 0},
        shortfall={"n": 0},
        over_promised={"n": 0},
        sellable={"channel:a": 10, "channel:b": 11},
        activity={"activity:c": 5, "activity:d": 4},
        unassigned=8,
        moving={"m": 2},
        entries={(Kind.PHYSICAL, "n"): 40, (Kind.UNASSIGNED, ""): 8},
        moves=("m",),
    )
    assert breaches(ledger, at_rest=False) == ()


@pytest.mark.parametrize(
    "leak",
    [
        "UPDATE warehouse_stock SET physical = physical - 1",
        "UPDATE unassigned SET quantity = quantity + 1",
        "UPDATE cell SET sellable = sellable - 1 WHERE place = 'channel:a'",
        "DELETE FROM stock_move",
    ],
)
def test_a_planted_leak_is_seen(address: ServiceAddress, leak: str) -> None:
    """The move is where it says: nobody is at one of its ends."""
    assert breaches(replace(read_ledgers(address)["pen"], moves=()), at_rest=False) == ()
    with psycopg.connect(address.sql_url) as connection:
        connection.execute(f"SET search_path = {address.schema}".encode())
        connection.execute(leak.encode())
    assert breaches(replace(read_ledgers(address)["pen"], moves=()), at_rest=False)
