"""What was proved, one row a strategy, and the sentence above the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.load import Comparison
from reports.wording import ABSENT, count, figure, listed, many, number_word, started


@dataclass(frozen=True, slots=True)
class ProofRow:
    """A proof as it is shown. `kind` is good, bad or partial: how the cell is coloured."""

    strategy: str
    control: bool
    kind: str
    said: str
    broken: str
    cases: str
    schedules: str
    states: str
    states_per_s: str


def proof_rows(proofs: Sequence[Mapping[str, Any]]) -> list[ProofRow]:
    """The rows, in the order in which they were proved, controls last."""
    ordered = sorted(proofs, key=lambda proof: bool(proof.get("control")))
    return [_row(proof) for proof in ordered]


def proof_title(comparison: Comparison) -> str:
    """What the proofs found, in one sentence. The floor promises nothing, so it is not counted."""
    if not comparison.proofs:
        return "Nothing was proved"
    floor = set(comparison.rows.loc[comparison.rows["floor"], "strategy"])
    proofs = [proof for proof in comparison.proofs if proof.get("strategy") not in floor]
    rivals = [proof for proof in proofs if not proof.get("control")]
    controls = [proof for proof in proofs if proof.get("control")]
    held = sum(bool(proof.get("holds")) for proof in rivals)
    caught = sum(is_caught(proof) for proof in controls)
    parts = []
    if rivals:
        parts.append(
            f"{_of(held, len(rivals), 'strategy', 'strategies')} {'keeps' if held == 1 else 'keep'}"
            " every promise under every interleaving"
        )
    if controls:
        verb = "is" if caught == 1 else "are"
        parts.append(f"{_of(caught, len(controls), 'control', 'controls')} {verb} caught")
    return started(", and ".join(parts)) or "Nothing was proved that promises anything"


def is_caught(control: Mapping[str, Any]) -> bool:
    """A control is caught when the proof found the promises that it is meant to break."""
    return bool(control.get("stands", control.get("promises_broken")))


def _of(some: int, all_of_them: int, thing: str, things: str) -> str:
    """`all seven strategies`, `both controls`, `two of three controls`, `none of two controls`."""
    if some == all_of_them:
        every = {1: f"the one {thing}", 2: f"both {things}"}
        return every.get(some, f"all {number_word(some)} {things}")
    some_of = number_word(some) if some else "none"
    return f"{some_of} of {many(all_of_them, thing, things)}"


def _row(proof: Mapping[str, Any]) -> ProofRow:
    control, holds = bool(proof.get("control")), bool(proof.get("holds"))
    if control:
        kind, said = ("good", "✓ caught") if is_caught(proof) else ("bad", "✗ not caught")
    else:
        kind, said = ("good", "✓ holds") if holds else ("bad", "✗ broken")
    if proof.get("bounded"):
        kind, said = ("partial" if kind == "good" else kind), f"{said}, cut short by a bound"
    return ProofRow(
        strategy=str(proof.get("strategy", "")),
        control=control,
        kind=kind,
        said=said,
        broken="; ".join(_promises(proof)) or ABSENT,
        cases=count(_cases(proof)),
        schedules=_large(proof.get("schedules")),
        states=count(proof.get("states")),
        states_per_s=figure(proof.get("states_per_s"), 3),
    )


def _promises(proof: Mapping[str, Any]) -> Iterator[str]:
    """What it breaks; what it keeps without promising it; why there was nothing to prove."""
    if broken := proof.get("promises_broken"):
        yield listed([str(promise) for promise in broken])
    if kept := proof.get("under_promised"):
        yield f"under-promised: {listed([str(promise) for promise in kept])}"
    if why := proof.get("skipped"):
        yield str(why)


def _cases(proof: Mapping[str, Any]) -> int | None:
    """How many cases were explored; a record may list them or count them."""
    cases = proof.get("cases")
    return len(cases) if isinstance(cases, list) else cases


def _large(value: Any) -> str:
    """Schedules are counted, not walked: their numbers can be longer than a line."""
    if isinstance(value, int) and value >= 10**9:
        return f"{value:.2e}".replace("e+0", " × 10^").replace("e+", " × 10^")
    return count(value)
