"""`docker-compose.yml`: on loopback only, each service pinned and with a health check of its own.

There need not be a Docker here, so nothing is started: what is read is what its users get.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from inventory_core.stores.addresses import check_allowed, check_url
from inventory_core.strategy import Needs

FILE = Path(__file__).parents[1] / "docker-compose.yml"
PORTS = {"postgresql": 5432, "mariadb": 3306, "valkey": 6379, "rabbitmq": 5672, "nats": 4222}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="PyYAML reads the file, and is not installed")
    found: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))["services"]
    return found


def test_every_server_is_there_on_its_usual_port_of_this_machine_alone(
    services: dict[str, Any],
) -> None:
    assert set(services) == set(PORTS)
    for name, port in PORTS.items():
        published = services[name]["ports"]
        assert f"127.0.0.1:{port}:{port}" in published
        assert all(each.startswith("127.0.0.1:") for each in published)


def test_every_image_is_pinned_to_a_major_version_and_names_no_registry(
    services: dict[str, Any],
) -> None:
    for service in services.values():
        name, _, version = service["image"].partition(":")
        assert re.fullmatch(r"\d+(\.\d+)?(-\w+)?", version), service["image"]
        assert "." not in name.partition("/")[0]


def test_every_service_says_when_it_is_healthy(services: dict[str, Any]) -> None:
    for service in services.values():
        check = service["healthcheck"]
        assert check["test"][0] == "CMD"
        assert check["retries"] > 0


def test_the_urls_of_its_first_lines_are_ones_that_we_take(services: dict[str, Any]) -> None:
    said = dict(re.findall(r"export (\w+)=(\S+)", FILE.read_text("utf-8")))
    sql, kv = said["STOCKPROOF_SQL_URL"], said["STOCKPROOF_REDIS_URL"]
    check_url(sql, Needs.SQL, "it")
    check_url(kv, Needs.KV, "it")
    check_allowed(sql, ())
    check_allowed(kv, ())
    settings = services["postgresql"]["environment"]
    who = f"{settings['POSTGRES_USER']}:{settings['POSTGRES_PASSWORD']}"
    assert f"//{who}@" in sql
    assert sql.endswith(f"/{settings['POSTGRES_DB']}")
