"""The pytest plugin: `--stockproof-strategy package.module:Class` runs the whole suite for it.

It is registered by installing Stockproof, so it imports nothing until the option is given.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

OPTION = "--stockproof-strategy"
SUITE = Path(__file__).parent
PROOF = SUITE / "test_promises.py"
MARKERS = ("live: needs real servers", "slow: takes more than a quarter of a second")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one option."""
    parser.getgroup("stockproof").addoption(
        OPTION,
        action="append",
        default=[],
        metavar="PACKAGE:CLASS",
        help="prove this strategy and try it on every stack; may be said more than once",
    )


def named(config: pytest.Config) -> list[str]:
    """The strategies that were named."""
    found: list[str] = config.getoption(OPTION, default=[])
    return found


def pytest_configure(config: pytest.Config) -> None:
    """Send pytest to the suite; a strategy that cannot be loaded is told in one sentence."""
    if not named(config):
        return
    from inventory_core.problems import Problem
    from inventory_core.strategy import registry

    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    here = str(config.invocation_params.dir)
    if here not in sys.path:
        sys.path.insert(0, here)  # as `python -m pytest` has it
    try:
        for name in named(config):
            registry.find_strategy(name)
    except Problem as problem:
        raise pytest.UsageError(str(problem)) from None
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args[:] = [str(SUITE)]
    elif not any(_is_ours(argument) for argument in config.args):
        config.args.append(str(SUITE))  # beside the tests that were named


def _is_ours(argument: str) -> bool:
    """Is this the suite, or a part of it?"""
    return Path(argument.partition("::")[0]).resolve().is_relative_to(SUITE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """All of ours are proved by a command of their own, not one by one in here."""
    return True if collection_path == PROOF and not named(config) else None
