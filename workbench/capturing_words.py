"""How a pipeline tells its parts where its servers are: by environment, never by command line.

A URL may hold a password, and a command line is for everybody on the machine to read (`ps`). The
environment of a process is for its owner alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SOURCE = "STOCKPROOF_CDC_SOURCE_URL"
BROKER = "STOCKPROOF_CDC_BROKER_URL"
"""Each stands over the pipeline's file, as the option does that it replaces."""

OPTIONS = ("--sql-url", "--broker-url")


def without_urls(words: Sequence[str]) -> list[str]:
    """The words of a command line without the options that name servers, and what they say."""
    kept: list[str] = []
    says = False
    for word in words:
        named = word in OPTIONS or word.startswith(tuple(f"{option}=" for option in OPTIONS))
        if not says and not named:
            kept.append(word)
        says = not says and word in OPTIONS
    return kept


def told(source: str, broker: str) -> Mapping[str, str]:
    """The servers, as the environment of a part."""
    return {SOURCE: source, BROKER: broker}
