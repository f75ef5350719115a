"""Schemathesis attacks the API with what its own document allows, and with what it does not.

Every check is on. Orders, payments and stock are made from the examples too, so that the attack
also meets things that exist.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode

from inventory_core.stores.service import ServiceAddress
from tests.api.conftest import KEYS
from tests.api.front import QUICK, Front, fronted

pytestmark = [pytest.mark.live, pytest.mark.slow]
