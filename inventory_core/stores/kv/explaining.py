"""What keeps us from talking to a Redis, in one sentence that says what to do about it."""

from __future__ import annotations

import redis

from inventory_core.problems import Problem

_NO_TLS = (
    "wrong version number",
    "record layer failure",
    "unexpected eof",
    "packet length",
    "timeout",
)
"""What the other side is told to have said when it speaks no TLS."""


def explained(shown: str, error: Exception) -> Problem:
    """The sentence for an error of redis-py, or of the system. `shown`: the URL, masked."""
    said = " ".join(str(error).split())
    where = f"Redis at {shown}"
    if isinstance(error, redis.AuthenticationError | redis.exceptions.AuthorizationError):
        return Problem(f"{where} refuses the password: put the right one into the URL ({said})")
    if isinstance(error, redis.exceptions.NoPermissionError):
        return Problem(
            f"{where} does not let this user do that: give the URL of a user who may write our"
            f" keys ({said})"
        )
    if isinstance(error, redis.sentinel.MasterNotFoundError):
        return Problem(
            f"no sentinel of {shown} names a leader: start them, or correct hosts and service"
        )
    if isinstance(error, redis.ResponseError):
        return Problem(f"{where} refuses ({said}): mend that, or choose another server")
    if "certificate" in said.lower() or "hostname" in said.lower():
        return Problem(
            f"{where} shows a certificate that is not trusted: name the file of its authority with"
            f" ssl_ca_certs= in the URL ({said})"
        )
    if shown.startswith("rediss") and any(word in said.lower() for word in _NO_TLS):
        return Problem(
            f"{where} does not answer over TLS: if it speaks none, write redis:// ({said})"
        )
    if "Connection closed by server" in said or "reset by peer" in said:
        return Problem(
            f"{where} hangs up at once: if it wants TLS, write rediss:// in the URL ({said})"
        )
    return Problem(f"{where} cannot be reached: start it, or correct the URL ({said})")
