"""Schemathesis attacks the API with what its own document allows, and with what it does not."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from inventory_core.stores.service import ServiceAddress
from tests.api.conftest import KEYS
from tests.api.front import QUICK, fronted

pytestmark = [pytest.mark.live, pytest.mark.slow]
SEED = "20261111"
EXAMPLES = "3"
"""Of each operation, beside the examples and the edges that the document itself names."""


def test_every_check_holds(stores: ServiceAddress):
    with fronted(stores, KEYS, replace(QUICK, rate_burst=1_000_000)) as front:
        attack = [sys.executable, "-m", "schemathesis.cli", "run", f"{front.url}/openapi.json"]
        attack += ["--header", f"Authorization: Bearer {KEYS['admin']}"]
        attack += ["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"]
        attack += ["--max-examples", EXAMPLES, "--seed", SEED, "--generation-deterministic"]
        attack += ["--no-color", "--continue-on-failure"]
        done = subprocess.run(attack, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
