"""The options that several commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Junit = Annotated[
    Path | None, typer.Option("--junit", help="Also write the verdicts as JUnit XML to this file.")
]
Strategies = Annotated[
    list[str] | None,
    typer.Option("--strategy", help="Only this strategy (may be said more than once)."),
]
StackName = Annotated[
    str | None, typer.Option("--stack", help="Run on this stack (see: list stacks).")
]
Seconds = Annotated[
    float | None, typer.Option("--seconds", min=0.05, help="How long each run takes.")
]
Repeat = Annotated[
    int | None, typer.Option("--repeat", min=1, help="How often each strategy is run.")
]
Seed = Annotated[
    int | None, typer.Option("--seed", min=0, max=2**32 - 1, help="Where the dice start.")
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a key of the scenario: --set demand.connections=4"),
]
Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault", help="Bring about a fault: client_dies, or server_killed,at_s=2 (see scenarios)."
    ),
]
Connections = Annotated[
    int | None, typer.Option("--connections", min=1, help="Connections of each worker process.")
]
Processes = Annotated[int | None, typer.Option("--processes", min=1, help="Worker processes.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="The folder for the records (else under runs/).")
]
SqlUrl = Annotated[
    str, typer.Option("--sql-url", help="Your PostgreSQL or MariaDB (or STOCKPROOF_SQL_URL).")
]
PostgresqlUrl = Annotated[
    str, typer.Option("--sql-url", help="Your PostgreSQL (or STOCKPROOF_SQL_URL).")
]
RedisUrl = Annotated[
    str, typer.Option("--redis-url", help="Your Redis or Valkey (or STOCKPROOF_REDIS_URL).")
]
ServersName = Annotated[
    str, typer.Option("--servers", help="Your servers of this name in stockproof.toml.")
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="The file with your servers (else stockproof.toml).")
]
SchemaName = Annotated[
    str, typer.Option("--schema", help="Our schema and key prefix there (else a fresh name).")
]
AllowHost = Annotated[
    list[str] | None,
    typer.Option("--allow-host", help="Use this server although it is not this machine."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be created and removed; do nothing.")
]
