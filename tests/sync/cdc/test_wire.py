"""What is packed is what the product reads, in messages of bounded size."""

from __future__ import annotations

from inventory_core.sync.cdc import wire
from inventory_core.sync.cdc.change import Change, Operation, Position
from product_system.messages import message_of


def changes(count: int) -> list[Change]:
    columns = {"sku": "Tee 茶", "place": "mall", "units": "7", "version": None}
    return [
        Change("shop.cell", Operation.PUT, (f"k{n}",), columns, Position(n, 1), n)
        for n in range(count)
    ]


def test_the_product_reads_what_was_packed() -> None:
    (body,) = wire.packed("shop", 5, changes(2), 10, 10_000)
    message = message_of(body)
    assert (message.source, message.epoch) == ("shop", 5)
    assert message.changes[1] == [
        "shop.cell",
        "put",
        ["k1"],
        [1, 1],
        1,
        dict(changes(1)[0].columns),
    ]


def test_no_message_is_longer_than_it_may_be_and_none_is_out_of_order() -> None:
    bodies = list(wire.packed("shop", 5, changes(95), 40, 2_000))
    assert all(len(body) <= 2_000 for body in bodies)
    told = [change[2][0] for body in bodies for change in message_of(body).changes]
    assert told == [f"k{n}" for n in range(95)]
    assert max(len(message_of(body).changes) for body in bodies) <= 40


def test_one_change_is_never_parted() -> None:
    assert len(list(wire.packed("shop", 5, changes(3), 10, 1))) == 3
