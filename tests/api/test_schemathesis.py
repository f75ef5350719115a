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


def test_every_check_holds(stores: ServiceAddress):
    with fronted(stores, KEYS, replace(QUICK, rate_burst=1_000_000)) as front:
        attack = [sys.executable, "-m", "schemathesis.cli", "run", f"{front.url}/openapi.json"]
        attack += ["--header", f"Authorization: Bearer {KEYS['admin']}", "--checks", "all"]
        # The key is in the header above; without this it would be left out and there at once.
        attack += ["--generation-with-security-parameters", "false"]
        attack += ["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES]
        attack += ["--generation-deterministic", "--no-color", "--continue-on-failure"]
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
