"""A replication connection to PostgreSQL: libpq's COPY BOTH, through `psycopg.pq`.

psycopg 3 has no replication protocol of its own, but its layer over libpq can copy both ways, which
is all that the protocol needs: no second client library, and nothing is polled. The slot's SQL
functions were refused: each call decodes the log again from where the slot began, a large
transaction comes at once, and they export no snapshot.
"""

from __future__ import annotations

import select
import time
from struct import Struct
from typing import NamedTuple

from psycopg import OperationalError, pq

from inventory_core.problems import Problem
from inventory_core.stores.sql.address import UNLESS_THE_URL_SAYS_OTHERWISE, masked, options_of
from inventory_core.sync.cdc.errors import SourceLost
from inventory_core.sync.cdc.pgoutput import EPOCH_US

_DATA = Struct("!cQQq")
_KEEP_ALIVE = Struct("!cQqB")
_REPLY = Struct("!cQQQqB")
SAID_EVERY_S = 5.0
"""Often enough that the server does not give us up (`wal_sender_timeout` is a minute)."""

GONE = ("can no longer get changes", "invalidated", "does not exist")
PASSING = ("is active for PID", "starting up", "shutting down", "recovery mode", "terminating")


class Created(NamedTuple):
    """A new slot: from where it tells changes, and the snapshot of everything before."""

    consistent_lsn: str
    snapshot: str


class Told(NamedTuple):
    """One message of the log: where it stands there."""

    lsn: int
    data: bytes


class Replication:
    """One connection; after `start` it tells the log, until it is closed."""

    def __init__(self, url: str) -> None:
        self._where = masked(url)
        options = options_of(url)
        wanted = {**UNLESS_THE_URL_SAYS_OTHERWISE, **options, "replication": "database"}
        wanted["application_name"] = "stockproof cdc"
        info = b" ".join(_said(name, value) for name, value in wanted.items())
        self._connection = pq.PGconn.connect(info)
        if self._connection.status != pq.ConnStatus.OK:
            said = self._connection.error_message.decode(errors="replace").strip()
            self._connection.finish()
            if "permission denied" in said or "must be superuser" in said:
                raise Problem(
                    f"{self._where} does not let us read its log ({said.splitlines()[-1]}):"
                    " give the role the attribute REPLICATION"
                )
            raise SourceLost(said)
        self._flushed = 0
        self._said_s = 0.0
        self._started = False
        self.server_lsn = 0
        """Everything before has been told, or was none of ours."""

    def create_slot(self, slot: str) -> Created:
        """Make the slot. Its snapshot lives until this connection is asked anything else."""
        row = self._answer(f"CREATE_REPLICATION_SLOT {slot} LOGICAL pgoutput (SNAPSHOT 'export')")
        return Created(row[1], row[2])

    def start(self, slot: str, publication: str) -> None:
        """Tell the log from where the slot was last acknowledged."""
        command = (
            f"START_REPLICATION SLOT {slot} LOGICAL 0/0"
            f" (proto_version '1', publication_names '{publication}')"
        )
        result = self._connection.exec_(command.encode())
        if result.status != pq.ExecStatus.COPY_BOTH:
            raise self._failure(result.error_message)
        self._connection.nonblocking = 1
        self._started = True

    def read(self, until_s: float) -> Told | None:
        """The next message of the log; None if there is none before that moment."""
        while True:
            try:
                length, data = self._connection.get_copy_data(1)
                if length == 0:
                    self._say_if_due()
                    left_s = max(0.0, until_s - time.monotonic())
                    if not self._has_come(min(left_s, SAID_EVERY_S)) and not left_s:
                        return None
                    continue
            except OperationalError as error:
                raise SourceLost(str(error)) from error
            if length < 0:
                raise self._failure(self._connection.get_result().error_message)  # type: ignore[union-attr]
            if data[0] == b"w"[0]:
                _, lsn, _, _ = _DATA.unpack_from(data)
                return Told(lsn, bytes(data[_DATA.size :]))
            self._alive(bytes(data))

    def flushed(self, lsn: int) -> None:
        """Everything before is published: the server need not keep it."""
        if lsn > self._flushed:
            self._flushed = lsn
            self.say()

    def say(self) -> None:
        """Tell the server that we live, and how far we are; before the start it does not ask."""
        if not self._started:
            return
        now_us = time.time_ns() // 1_000 - EPOCH_US
        at = self._flushed
        try:
            self._connection.put_copy_data(_REPLY.pack(b"r", at, at, at, now_us, 0))
            self._connection.flush()
        except OperationalError as error:
            raise SourceLost(str(error)) from error
        self._said_s = time.monotonic()

    def close(self) -> None:
        """Hang up."""
        self._connection.finish()

    def _alive(self, data: bytes) -> None:
        _, end, _, reply = _KEEP_ALIVE.unpack_from(data)
        self.server_lsn = max(self.server_lsn, end)
        if reply:
            self.say()

    def _say_if_due(self) -> None:
        if time.monotonic() - self._said_s > SAID_EVERY_S:
            self.say()

    def _has_come(self, within_s: float) -> bool:
        """Take in what has come; False if nothing has in that time."""
        if not select.select([self._connection.socket], [], [], within_s)[0]:
            return False
        self._connection.consume_input()
        return True

    def _answer(self, command: str) -> list[str]:
        result = self._connection.exec_(command.encode())
        if result.status != pq.ExecStatus.TUPLES_OK:
            raise self._failure(result.error_message)
        values = (result.get_value(0, column) for column in range(result.nfields))
        return [(value or b"").decode() for value in values]

    def _failure(self, message: bytes) -> Exception:
        """What passes is waited for; what does not is told, with what to do."""
        said = " ".join(message.decode(errors="replace").split()) or "it hung up"
        if any(word in said for word in PASSING) or self._connection.status != pq.ConnStatus.OK:
            return SourceLost(said)
        if "all replication slots are in use" in said:
            return Problem(f"{self._where} has no slot to spare: raise max_replication_slots")
        if any(word in said for word in GONE):
            return Problem(
                f"{self._where} has given up what it kept for us ({said}): take a new snapshot"
                " with stockproof cdc replay --snapshot"
            )
        return Problem(f"{self._where} refuses to tell its log: {said}")


def lsn_of(text: str) -> int:
    """`16/B374D848` as a number."""
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def lsn_text(lsn: int) -> str:
    """The other way round."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def _said(name: str, value: object) -> bytes:
    text = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{text}'".encode()
