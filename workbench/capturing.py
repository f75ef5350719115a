"""`stockproof cdc`: bring what a database commits to the product system, and say how far it is."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from inventory_core.problems import Problem
from inventory_core.sync.cdc.pipeline import Pipeline, load_pipeline
from workbench.capturing_words import BROKER, SOURCE
from workbench.options import Json
from workbench.screen import notices, print_json

app = typer.Typer(
    help="Change data capture: source, filter rules, broker, product system.",
    no_args_is_help=True,
)
PARTS = ("capture", "consumer")


def asked(
    config: Annotated[
        Path | None, typer.Option("--config", help="The pipeline, as a TOML file.")
    ] = None,
    name: Annotated[
        str, typer.Option("--name", help="Names slot, stream and state (else: stock).")
    ] = "",
    sql_url: Annotated[
        str,
        typer.Option(
            "--sql-url",
            envvar=SOURCE,
            help="The source: PostgreSQL, MariaDB (or STOCKPROOF_SQL_URL).",
        ),
    ] = "",
    broker_url: Annotated[
        str,
        typer.Option(
            "--broker-url",
            envvar=BROKER,
            help="redis://, amqp://, nats:// (else a private Valkey).",
        ),
    ] = "",
    product: Annotated[str, typer.Option("--product", help="The product's database file.")] = "",
    data: Annotated[
        str, typer.Option("--data", help="Where the pipeline keeps what it remembers.")
    ] = "",
    table: Annotated[
        list[str] | None,
        typer.Option("--table", help="A table of cells, with its schema (repeat)."),
    ] = None,
) -> Pipeline:
    """The pipeline that the command line means: a file, and options over it."""
    said = {"name": name, "broker": broker_url, "product": product, "data": data}
    said["source"] = sql_url or ("" if config else os.environ.get("STOCKPROOF_SQL_URL", ""))
    return load_pipeline(config, said, table or [])


def _of_a_pipeline(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `asked`; it is called with the pipeline that they mean."""
    shared = inspect.signature(asked).parameters
    own = list(inspect.signature(command).parameters.values())[1:]

    @wraps(command)
    def called(**said: Any) -> None:
        pipeline = asked(**{name: said.pop(name) for name in shared})
        command(pipeline, **said)

    hints = {
        **get_type_hints(asked, include_extras=True),
        **get_type_hints(command, include_extras=True),
    }
    told = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (*shared.values(), *own)]
    called.__annotations__ = {each.name: hints[each.name] for each in told}
    typed = [each.replace(annotation=hints[each.name]) for each in told]
    called.__signature__ = inspect.Signature(typed)  # type: ignore[attr-defined]
    return called


@app.command("run")
@_of_a_pipeline
def run_command(
    pipeline: Pipeline,
    context: typer.Context,
    only: Annotated[
        str, typer.Option("--only", help="capture or consumer; else both, each a process.")
    ] = "",
    audit: Annotated[
        bool, typer.Option("--audit", help="The product also keeps what every row became.")
    ] = False,
    metrics_port: Annotated[
        int,
        typer.Option(
            "--metrics-port",
            min=0,
            max=65_534,
            help="Prometheus: the capture here, the consumer at the next port.",
        ),
    ] = 0,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """Run the pipeline until Ctrl-C or SIGTERM. It survives kill -9 of any part, and goes on."""
    from workbench import capturing_parts

    if only not in ("", *PARTS):
        raise Problem(f"--only is capture or consumer, not {only!r}")
    if only:
        capturing_parts.run_part(only, pipeline, audit, metrics_port, with_parent)
    else:
        capturing_parts.run_both(pipeline, context.obj)


@app.command("status")
@_of_a_pipeline
def status_command(pipeline: Pipeline, as_json: Json = False) -> None:
    """How far capture and product are, what the source keeps, what was set aside.

    Exit status 1 if something wants attention: too much log kept, or dead letters.
    """
    from workbench.capturing_status import show, status_of

    found = status_of(pipeline)
    if as_json:
        print_json(found)
    else:
        show(found)
    if found["warnings"]:
        raise typer.Exit(1)


@app.command("replay")
@_of_a_pipeline
def replay_command(
    pipeline: Pipeline,
    snapshot: Annotated[
        bool, typer.Option("--snapshot", help="Tell every row again, and then go on.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Try the dead letters once more; or have the capture take a new snapshot."""
    from workbench.capturing_status import replayed, snapshot_wanted

    said, sentence = snapshot_wanted(pipeline) if snapshot else replayed(pipeline)
    if as_json:
        print_json(said)
    else:
        notices().print(sentence)
