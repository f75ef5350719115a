"""Idempotency keys: the same request again is answered the same, byte for byte.

The header `Idempotency-Key` is taken on every POST. For an order it is (or stands for) the order
number; for stock operations it is the operation's key; what needs none (a payment happens once,
whoever asks) takes it and needs it not.
"""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Header, Response

from inventory_core.api.fields import CODE
from inventory_core.api.problems import Refusal

REPLAYED = "Idempotent-Replayed"

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=CODE,
        max_length=64,
        description="The same key and body again have one effect, and get the first answer.",
        examples=["o-1"],
    ),
]


def key_of(header: str | None, field: str | None, what: str) -> str:
    """The key that a request names, in its header or its body; a fresh one if in neither."""
    if header and field and header != field:
        raise Refusal(
            409,
            f"the Idempotency-Key {header} and the {what} {field} differ: say one, or the same",
            outcome="key_differs",
        )
    return header or field or uuid.uuid4().hex


def json_bytes(body: bytes | str, status: int, replayed: bool) -> Response:
    """An answer as it is kept."""
    headers = {REPLAYED: "true"} if replayed else {}
    return Response(body, status, headers=headers, media_type="application/json")
