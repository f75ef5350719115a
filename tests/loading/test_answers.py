"""An answer over HTTP in the words of the records, and jobs that survive the wire."""

from __future__ import annotations

import json

import pytest

from inventory_core.stores.addresses import Address
from scenarios.demand import make_demand
from scenarios.loading.answers import digest_of, word_of
from scenarios.loading.job import Front, LoadJob
from scenarios.loading.visits import request_of, visit_of
from scenarios.scenario import load_scenario, scenario_names


def problem(outcome: str, reason: str = "") -> bytes:
    return json.dumps({"outcome": outcome} | ({"reason": reason} if reason else {})).encode()


@pytest.mark.parametrize(
    "status, body, replayed, word",
    [
        (201, b'{"state":"held"}', False, "deducted"),
        (201, b'{"state":"held"}', True, "replayed"),
        (201, b'{"state":"unheld"}', False, "placed"),
        (200, problem("paid"), False, "paid"),
        (200, problem("cancelled"), False, "rolled_back"),
        (409, problem("refused", "out_of_stock"), False, "refused"),
        (409, problem("refused", "limit_per_buyer"), False, "limit_per_buyer"),
        (409, problem("refused", "cancelled_before"), True, "already_rolled_back"),
        (409, problem("in_progress"), False, "contended"),
        (409, problem("already_paid"), False, "already_paid"),
        (422, problem("mismatched"), False, "mismatched"),
        (422, problem("invalid"), False, "error"),
        (404, problem("not_found"), False, "not_found"),
        (429, b"", False, "contended"),
        (503, problem("too_busy"), False, "contended"),
        (503, problem("contended"), False, "unknown"),
        (503, problem("unknown"), False, "unknown"),
        (500, b"<html>", False, "unknown"),
        (401, problem(""), False, "error"),
        (0, b"", False, "unknown"),
    ],
)
def test_an_answer_means_what_the_service_says_and_no_more(
    status: int, body: bytes, replayed: bool, word: str
) -> None:
    assert word_of(status, body, replayed=replayed) == word


def test_only_lasting_answers_have_a_fingerprint() -> None:
    assert digest_of("deducted", b"one") == digest_of("replayed", b"one")
    assert digest_of("deducted", b"one") != digest_of("replayed", b"two")
    assert digest_of("contended", b"one") == 0
    assert digest_of("deducted", b"") != 0


@pytest.mark.parametrize("name", scenario_names())
def test_a_job_is_the_same_after_its_way_over_the_wire(name: str) -> None:
    front = Front("http://127.0.0.1:1", "web", "east", ("one", "two"), "p-")
    job = LoadJob(load_scenario(name), 7, 1.5, 2, 8, front, "noop", Address("postgresql"))
    assert LoadJob.heard(job.told()) == job


def test_a_delivery_and_its_duplicate_are_the_same_request() -> None:
    scenario = load_scenario("oversell_attempts", ["demand.duplicates=1"])
    demand = make_demand(scenario, 7, 1.0)
    front = Front("http://127.0.0.1:1", "web", "east/hill/oak", (), "p-")
    requests: dict[str, set[str | None]] = {}
    for delivery in demand.deliveries(0, 0, 1, 1)[0]:
        visit = visit_of(delivery, 0, open_loop=False)
        if visit.kind == "deduct":
            requests.setdefault(delivery.number, set()).add(request_of(visit, front).body)
    others = {number for number, bodies in requests.items() if len(bodies) > 1}
    wishes = scenario.demand
    assert 0 < len(others) < 2 * wishes.other_body * len(requests), "only other bodies differ"
