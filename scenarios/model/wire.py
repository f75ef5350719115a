"""How texts travel to Redis and back: as bytes, which the model writes one character each."""

from __future__ import annotations

from typing import Any


def wired(text: str) -> str:
    """A text as Redis gets it."""
    return text if text.isascii() else text.encode().decode("latin-1")


def unwired(text: str) -> str:
    """A text as the client reads it."""
    return text if text.isascii() else text.encode("latin-1").decode()


def reply_read(raw: Any) -> Any:
    """A reply as the client reads it."""
    if isinstance(raw, list):
        return [reply_read(each) for each in raw]
    return unwired(raw) if isinstance(raw, str) else raw
