"""`stockproof migrate`: a service's tables, brought to the version that this Stockproof needs."""

from __future__ import annotations

import os
from typing import Annotated, Protocol

import typer

from inventory_core.problems import Problem
from workbench.options import AllowHost, Json
from workbench.screen import print_json, results

SCHEMA = "stockproof_service"
OTHERS = ("mysql", "mariadb", "sqlite")


class Tables(Protocol):
    """Tables that have a version, in whichever database."""

    def version(self) -> str | None:
        """The version that is there; None if there is nothing."""

    def migrate(self) -> None:
        """Bring them to the newest."""


def migrate_command(
    sql_url: Annotated[
        str,
        typer.Option(
            "--sql-url",
            help="PostgreSQL (or STOCKPROOF_SQL_URL), mysql://, mariadb:// or sqlite:///FILE.",
        ),
    ] = "",
    schema: Annotated[
        str, typer.Option("--schema", help="The service's schema (PostgreSQL only).")
    ] = SCHEMA,
    allow_host: AllowHost = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say which migrations would run; run none.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring the tables of a service to this version, from nothing or from an older release.

    Data are kept. There is no way down: make a backup first.
    """
    from inventory_core.stores.migrations import known

    url = sql_url or os.environ.get("STOCKPROOF_SQL_URL", "")
    if not url:
        raise Problem("say which database to migrate: --sql-url postgresql://USER@HOST/DATABASE")
    tables = _tables(url, schema, tuple(allow_host or ()))
    before = tables.version()
    steps = known()
    if before is not None and before not in steps:
        raise Problem(
            f"the tables are of version {before}, which this stockproof does not know: use a newer"
            " stockproof"
        )
    wanted = steps[steps.index(before) + 1 :] if before else steps
    if wanted and not dry_run:
        tables.migrate()
    _say(before, wanted, "" if dry_run else steps[-1], as_json)


def _tables(url: str, schema: str, allowed: tuple[str, ...]) -> Tables:
    """The tables at a URL; servers elsewhere have to be allowed by name."""
    if url.partition(":")[0].partition("+")[0] in OTHERS:
        from inventory_core.stores.migrations.databases import Database

        database = Database(url)
        _check_host(database.host, allowed)
        return database
    from inventory_core.stores.addresses import check_allowed, check_url
    from inventory_core.stores.sql.service_schema import ServiceSchema
    from inventory_core.strategy import Needs

    check_url(url, Needs.SQL, "the SQL URL")
    check_allowed(url, allowed)
    return ServiceSchema(url, schema)


def _check_host(host: str, allowed: tuple[str, ...]) -> None:
    from inventory_core.stores.addresses import is_loopback

    if host and not is_loopback(host) and host.lower() not in {name.lower() for name in allowed}:
        raise Problem(f"{host} is not this machine: say --allow-host {host} if that is meant")


def _say(before: str | None, wanted: tuple[str, ...], after: str, as_json: bool) -> None:
    """What was there, what ran, what is there. `after` is empty if nothing was to run."""
    if as_json:
        content = {"before": before, "migrations": list(wanted), "after": after or before}
        print_json({**content, "dry_run": not after})
        return
    screen = results()
    screen.print(f"there: {f'version {before}' if before else 'nothing'}")
    if not wanted:
        screen.print("nothing to do")
        return
    screen.print(f"{'ran' if after else 'would run'}: {', '.join(wanted)}")
    if after:
        screen.print(f"now: version {after}")
