"""Schemathesis attacks the API with what its own document allows, and with what it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from inventory_core.stores.service import ServiceAddress
from tests.api.conftest import KEYS
from tests.api.front import QUICK, fronted

pytestmark = [pytest.mark.live, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
EXAMPLES = "3"
"""Of each operation, beside the examples and the edges that the document itself names."""
WALKS = "60"
"""From operation to operation, by the links that the document has."""


def attacked(stores: ServiceAddress, *how: str) -> None:
    """Every check of Schemathesis holds."""
    with fronted(stores, KEYS, replace(QUICK, rate_burst=1_000_000)) as front:
        attack = [sys.executable, "-m", "schemathesis.cli", "run", f"{front.url}/openapi.json"]
        attack += ["--header", f"Authorization: Bearer {KEYS['admin']}", "--checks", "all"]
        # The key is in the header above; without this it would be left out and there at once.
        attack += ["--generation-with-security-parameters", "false"]
        attack += ["--generation-deterministic", "--no-color", "--continue-on-failure", *how]
        done = subprocess.run(
            attack,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
            cwd=ROOT,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.api.attack_hooks"},
        )
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]


def test_every_check_holds(stores: ServiceAddress):
    attacked(stores, "--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES)


def test_every_check_holds_on_the_way_from_one_operation_to_the_next(stores: ServiceAddress):
    attacked(stores, "--phases", "stateful", "--max-examples", WALKS)
