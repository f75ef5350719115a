"""API keys and acts as they are asked for and shown."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from inventory_core.api.fields import TEXT, Body, Shown
from inventory_core.records import Role

KeyId = Annotated[
    str,
    Field(pattern="^[A-Za-z0-9_-]{4,64}$", min_length=4, max_length=64, examples=["3f9a0c1b2d4e"]),
]


class KeyBody(Body):
    """A key to make."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "shop front", "role": "operator"}]}
    )

    name: Annotated[str, Field(pattern=TEXT, min_length=1, max_length=64)]
    role: Role


class KeyShown(Shown):
    """A key without its secret."""

    key_id: str = Field(examples=["3f9a0c1b2d4e"])
    name: str = Field(examples=["shop front"])
    role: Role
    created_ms: int = Field(examples=[1_800_000_000_000])
    revoked_ms: int = Field(examples=[0], description="0: it holds.")


class NewKeyShown(KeyShown):
    """A key with its secret: shown this once."""

    key: str = Field(examples=["3f9a0c1b2d4e.Wq3x9m0VZk1yT7uLr5bN8cQe2sPd4fGh6jKa0iOo1pE"])


class ActShown(Shown):
    """Who did what to which subject."""

    act_id: str = Field(examples=["0f8e7d6c5b4a39281706f5e4d3c2b1a0"])
    at_ms: int = Field(examples=[1_800_000_000_000])
    who: str = Field(examples=["shop front (3f9a0c1b2d4e)"])
    what: str = Field(examples=["order.place"])
    subject: str = Field(examples=["mall/o-1"])
    detail: str = Field(examples=['{"channel":"mall"}'], description="What was asked, as JSON.")
