"""Imports point one way: the contracts of pyproject.toml hold, and each of them can be broken."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]

# Where an import is planted, what it imports, and the contract that has to object.
BREACHES = [
    ("scenarios.demand", "strategies.greedy", "The house has one way up"),
    ("inventory_core.domain.stock", "inventory_core.steps.sql", "The inventory system is layered"),
    (
        "strategies.greedy",
        "inventory_core.stores.sql",
        "A strategy knows the domain, the steps and its contract, nothing else of ours",
    ),
    ("strategies.greedy", "strategies.modest", "A strategy never leans on another"),
    (
        "strategies.greedy",
        "time",
        "A strategy touches no clock, dice, thread or store: those are steps",
    ),
    ("reports.table", "scenarios.demand", "Reports read records only"),
    ("scenarios.demand", "redis", "redis only in the stores and in change data capture"),
    ("inventory_core.stores.sql", "pika", "Logs and brokers only in change data capture"),
    (
        "inventory_core.drivers.blocking",
        "psycopg",
        "SQL clients only in the stores and in synchronisation",
    ),
    ("scenarios.demand", "simpy", "simpy only where scenarios are predicted"),
    ("workbench.command_line", "locust", "locust only where scenarios are loaded"),
    ("workbench.command_line", "matplotlib", "matplotlib only in the reports"),
    (
        "warehouse_system.api",
        "inventory_core.domain.stock",
        "The warehouse system is somebody else's: it knows nothing of ours",
    ),
    (
        "product_system.shelf",
        "inventory_core.domain.stock",
        "The product system is somebody else's: it knows messages, and nothing of ours",
    ),
    (
        "inventory_core.services.place",
        "fastapi",
        "Web frameworks only in the API and the warehouse system",
    ),
    (
        "inventory_core.services.place",
        "time",
        "A service is a plan: it touches no clock, dice, thread, store or wire",
    ),
]

# What the contracts allow: in a house with only these, nothing may be reported.
ALLOWED = [
    ("strategies.greedy", "inventory_core.domain.stock"),
    ("strategies.greedy", "inventory_core.steps"),
    ("strategies.modest", "inventory_core.problems"),
    ("reports.table", "scenarios.history"),
    ("reports.table", "matplotlib"),
    ("scenarios.predicting.run", "simpy"),
    ("scenarios.demand", "inventory_core.stores.sql"),
    ("inventory_core.stores.sql", "psycopg"),
    ("workbench.command_line", "reports.table"),
    ("inventory_core.services.place", "inventory_core.records.places"),
    ("inventory_core.api.routes", "fastapi"),
    ("warehouse_system.api", "fastapi"),
    ("product_system.api", "fastapi"),
    ("inventory_core.sync.cdc.rabbitmq", "pika"),
]


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    """Check the packages below `house` against our contracts."""
    command = [*LINT, "--config", str(ROOT / "pyproject.toml"), "--no-cache", "--no-logo"]
    # A terminal of no width would cut the long lines that name the imports.
    environment = os.environ | {"COLUMNS": "400", "PYTHONPATH": str(house)}
    return subprocess.run(
        command, cwd=house, env=environment, capture_output=True, text=True, check=False
    )


def plant(house: Path, importer: str, imported: str) -> None:
    """Write the module `importer`, its packages, and in it one import."""
    *packages, module = importer.split(".")
    folder = house
    for package in packages:
        folder /= package
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
    with (folder / f"{module}.py").open("a") as source:
        source.write(f"import {imported}\n")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house of the same packages as ours, with a module that breaches nothing in each part."""
    for importer, imported in ALLOWED:
        plant(tmp_path, importer, imported)
    for required in ("strategy", "steps", "domain", "records", "drivers"):
        plant(tmp_path, f"inventory_core.{required}.blocking", "dataclasses")
    for module in ("inventory_core.problems", "inventory_core.domain.stock", "scenarios.history"):
        plant(tmp_path, module, "enum")
    plant(tmp_path, "inventory_core.steps.sql", "inventory_core.domain.stock")
    return tmp_path


@pytest.mark.slow
def test_our_imports_keep_every_contract() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
def test_what_the_contracts_allow_is_not_reported(house: Path) -> None:
    result = lint(house)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("importer, imported, contract", BREACHES)
def test_a_planted_breach_is_reported(
    house: Path, importer: str, imported: str, contract: str
) -> None:
    plant(house, importer, imported)
    result = lint(house)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{contract} BROKEN" in result.stdout
    assert f"{importer} -> {imported} (l." in result.stdout


@pytest.mark.slow
def test_a_part_of_the_inventory_system_without_a_layer_is_reported(house: Path) -> None:
    plant(house, "inventory_core.helpers", "enum")
    result = lint(house)
    assert result.returncode == 1
    assert "helpers" in result.stdout


def test_every_contract_has_a_planted_breach() -> None:
    contracts = {contract["name"] for contract in CONFIGURATION["contracts"]}
    assert contracts == {contract for _, _, contract in BREACHES}
