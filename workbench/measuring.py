"""`stockproof measure`: strategies live, one beside the other; or in one of three other ways.

--against     two sides in slices that take turns: is the new one slower?
--find-knee   the rate is raised until buyers wait too long
--curve       closed loops of several client counts, and the scaling law that fits them
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, get_type_hints

import typer

from inventory_core.problems import Problem
from scenarios.measuring.slices import SLICE_MS
from workbench.comparing import Asked, asked, carry_out

AgainstName = Annotated[
    str,
    typer.Option(
        "--against",
        help="Take turns with this strategy, the base, in slices of 50 ms; --strategy names the"
        " new side. Status 1 if the new side is slower: significantly, and by --material or more.",
    ),
]
AgainstSets = Annotated[
    list[str] | None,
    typer.Option(
        "--against-set",
        help="What differs at the base: a key of the scenario (demand.pool=4), of the limits"
        " (limits.tries=3), or servers.sql_url, servers.redis_url, servers.stack.",
    ),
]
Material = Annotated[
    str, typer.Option("--material", help="The difference that counts between two sides.")
]
SliceMs = Annotated[
    float, typer.Option("--slice-ms", min=5, max=5_000, help="With --against: a turn's length.")
]
FindKnee = Annotated[
    bool,
    typer.Option("--find-knee", help="Raise an open loop's rate until buyers wait too long."),
]
KneeMs = Annotated[
    float,
    typer.Option(
        "--knee-ms", min=0.1, help="With --find-knee: too long is a p99 of accepted above this."
    ),
]
Curve = Annotated[
    str,
    typer.Option(
        "--curve", help="Closed loops of so many clients, with a fitted scaling law: 1,2,4,8,16."
    ),
]


@dataclass(frozen=True, slots=True)
class Way:
    """In which way it is to be measured."""

    against: str
    against_set: tuple[str, ...]
    material: float
    slice_ms: float
    find_knee: bool
    knee_ms: float
    curve: tuple[int, ...]

    @property
    def turns(self) -> bool:
        """Is it two sides that take turns?"""
        return bool(self.against or self.against_set)


def way(
    against: AgainstName = "",
    against_set: AgainstSets = None,
    material: Material = "5%",
    slice_ms: SliceMs = SLICE_MS,
    find_knee: FindKnee = False,
    knee_ms: KneeMs = 50.0,
    curve: Curve = "",
) -> Way:
    """Read the options that `measure` alone has."""
    found = Way(
        against,
        tuple(against_set or ()),
        share_of(material),
        slice_ms,
        find_knee,
        knee_ms,
        _counts(curve),
    )
    if found.turns + found.find_knee + bool(found.curve) > 1:
        raise Problem("choose one of --against, --find-knee and --curve")
    return found


def share_of(text: str) -> float:
    """`5%` and `0.05` are the same share."""
    number = text.strip().removesuffix("%")
    try:
        share = float(number) / (100 if number != text.strip() else 1)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise Problem(f"--material {text} is no share; write a percentage such as 5%")
    return share


def _counts(text: str) -> tuple[int, ...]:
    try:
        counts = tuple(sorted({int(each) for each in text.split(",")})) if text else ()
    except ValueError:
        counts = (0,)
    if any(count < 1 for count in counts):
        raise Problem(f"--curve {text} names no client counts; write some such as 1,2,4,8,16")
    return counts


def _measure(wish: Asked, how: Way) -> None:
    if how.turns:
        from workbench.taking_sides import compare_sides

        compare_sides(wish, how)
    elif how.find_knee or how.curve:
        from workbench.stepping import find_knees, fit_curves

        if how.find_knee:
            find_knees(wish, how.knee_ms)
        else:
            fit_curves(wish, how.curve)
    else:
        carry_out(wish, prove=False)


def _with_the_options_of(*parts: Callable[..., Any]) -> Callable[[Callable[..., Any]], Any]:
    """A command that takes the options of several functions."""
    parameters: list[Parameter] = []
    for part in parts:
        types = get_type_hints(part, include_extras=True)
        own = signature(part).parameters.values()
        parameters += [each.replace(annotation=types[each.name]) for each in own]

    def dressed(command: Callable[..., Any]) -> Callable[..., Any]:
        command.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {each.name: each.annotation for each in parameters}
        return command

    return dressed


@_with_the_options_of(asked, way)
def measure_command(**options: Any) -> None:
    """Measure strategies live, audit every unit, and give a verdict for each."""
    how = way(**{name: options.pop(name) for name in signature(way).parameters})
    _measure(asked(**options), how)
