"""A counterexample as a sequence diagram: who asked what, what got lost, who died, who was told."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from reports.counterexamples import timelines
from reports.sequence import sequence_svg

BUYER = "buyer 1"


def move(kind: str = "answered", actor: str = BUYER, **fields: Any) -> dict[str, Any]:
    return {"actor": actor, "step": "Take(a, 1)", "kind": kind} | fields


def drawn(*moves: dict[str, Any]) -> ET.Element:
    proof = {"strategy": "x", "promises_broken": ["exactly once"], "counterexample": list(moves)}
    (timeline,) = timelines([proof])
    return ET.fromstring(sequence_svg(timeline, "it"))


def words(svg: ET.Element) -> list[str]:
    return [text.text or "" for text in svg.iter("{http://www.w3.org/2000/svg}text")]


def paths(svg: ET.Element, **wanted: str) -> list[ET.Element]:
    found = svg.iter("{http://www.w3.org/2000/svg}path")
    return [p for p in found if all(p.get(k.replace("_", "-")) == v for k, v in wanted.items())]


def crosses(svg: ET.Element) -> list[ET.Element]:
    return paths(svg, stroke_width="2.4")


def test_a_request_and_its_answer_are_two_lines_between_actor_and_stores() -> None:
    svg = drawn(move(answer="True", told="deducted"))
    assert {BUYER, "the stores", "Take(a, 1)", "True", "“deducted”"} <= set(words(svg))
    lines = [p for p in paths(svg, stroke_width="1.3") if "H" in (p.get("d") or "")]
    assert [bool(line.get("stroke-dasharray")) for line in lines] == [False, True]
    assert crosses(svg) == []


@pytest.mark.parametrize("kind, lost", [("request_lost", 1), ("reply_lost", 1), ("waits", 0)])
def test_what_is_lost_on_the_way_ends_at_a_cross(kind: str, lost: int) -> None:
    svg = drawn(move(kind, fault="reply_lost" if lost else ""))
    assert len(crosses(svg)) == lost


@pytest.mark.parametrize("kind", ["dies", "dies_untold"])
def test_a_dead_client_has_a_lifeline_that_ends(kind: str) -> None:
    svg = drawn(move(answer="ok"), move(kind), move(actor="buyer 2", answer="ok"))
    assert len(crosses(svg)) == 1
    lifelines = paths(svg, stroke_width="2")
    assert sum(line.get("stroke-dasharray") is not None for line in lifelines) == 1
    assert any("the client dies" in text for text in words(svg))


def test_time_is_nobody_and_has_no_lifeline() -> None:
    svg = drawn(move(answer="ok"), move("time", "time", step="TIME PASSES to 2000 ms"))
    assert "time" not in words(svg)
    assert "Time passes to 2000 ms" in words(svg)
    assert len(paths(svg, stroke_width="2")) == 2


def test_long_steps_are_broken_into_lines_and_nothing_is_markup() -> None:
    long = "SetIfAbsent(<lock>:a@online, buyer 1, delivery 1, id 0, 2000)"
    svg = drawn(move(step=long, answer="<b>True</b>"))
    assert all(len(text) <= 40 for text in words(svg))
    assert "<b>True</b>" in words(svg)
    assert "".join(words(svg)).replace(" ", "").count("SetIfAbsent(<lock>:a@online") == 1


def test_it_tells_every_move_to_whom_cannot_see_it() -> None:
    svg = drawn(move(answer="ok"), move("dies", step="DIES", fault="client_dies"))
    told = svg.find("{http://www.w3.org/2000/svg}desc")
    assert told is not None
    assert told.text == "1. buyer 1: Take(a, 1), answered ok. 2. buyer 1: the client dies."


def test_everything_lies_within_the_picture() -> None:
    svg = drawn(*(move(actor=f"buyer {n}", answer="ok", told="deducted") for n in range(4)))
    width, height = float(svg.get("width", 0)), float(svg.get("height", 0))
    for text in svg.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 < float(text.get("x", -1)) < width
        assert 0 < float(text.get("y", -1)) < height
    ends = [float(y) for p in paths(svg) for y in re.findall(r"V([\d.]+)", p.get("d") or "")]
    assert max(ends) <= height
