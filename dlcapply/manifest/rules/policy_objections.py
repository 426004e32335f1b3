"""Why a policy would not do what its author means: keywords without an effect, references without an end."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.did_you_mean import did_you_mean
from dlcapply.manifest.schema.keywords import DIALECT, ELSEWHERE, EVALUATED, KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.manifest.nodes import Step
    from dlcapply.manifest.rules.policy_outline import Outline, Schema

# How many schemas in a row may apply to the same value: each stands on the stack of whoever evaluates them.
_MAX_CHAIN = 64
# Keywords that are evaluated beside one of others only.
_BESIDE = {
    "if": ("then", "else"),
    "then": ("if",),
    "else": ("if",),
    "minContains": ("contains",),
    "maxContains": ("contains",),
}


@dataclass(frozen=True, slots=True)
class Objection:
    """What is wrong at a path of a schema."""

    path: tuple[Step, ...]
    message: str
    hint: str = ""
    at_key: bool = False


def objections(outline: Outline) -> Iterator[Objection]:
    """What is wrong with the schema as a policy: what has no effect, and what never ends."""
    if not outline.root.keys() & EVALUATED:
        yield Objection((), "this policy checks nothing", "see docs/validation.md for examples")
    dialect = outline.root.get("$schema", DIALECT)
    if not isinstance(dialect, str) or dialect.removesuffix("#") != DIALECT:
        yield Objection(("$schema",), "policies are read as JSON Schema 2020-12", f"write {DIALECT}")
    for path, schema in outline.places.items():
        if isinstance(schema, dict):
            yield from _keywords(path, schema)
            yield from _references(outline, path, schema)
    yield from _rings(outline)


def _keywords(path: tuple[Step, ...], schema: dict[str, Any]) -> Iterator[Objection]:
    for key in schema:
        if key in ELSEWHERE:
            yield Objection(
                (*path, key), f"JSON Schema 2020-12 does not evaluate {key}", ELSEWHERE[key], at_key=True
            )
        elif key not in KNOWN and not key.startswith("x-"):
            hint = (
                did_you_mean(key, KNOWN)
                or "a keyword that is not known checks nothing; x-… may stand anywhere"
            )
            yield Objection((*path, key), f"JSON Schema has no keyword {key}", hint, at_key=True)
        elif key in _BESIDE and schema.keys().isdisjoint(_BESIDE[key]):
            beside = " or ".join(_BESIDE[key])
            yield Objection(
                (*path, key), f"{key} checks nothing without {beside} beside it", f"add {beside}", at_key=True
            )
        elif path and key in {"$id", "$schema"}:
            yield Objection(
                (*path, key), f"{key} stands at the top of a policy only", "leave it out", at_key=True
            )


def _references(outline: Outline, path: tuple[Step, ...], schema: dict[str, Any]) -> Iterator[Objection]:
    for keyword, target in outline.targets(schema):
        if target is None:
            message = "this policy refers to a schema that is not in it"
            yield Objection((*path, keyword), message, "for example #/$defs/NAME")


def _rings(outline: Outline) -> Iterator[Objection]:
    """One objection where a schema leads to itself for the same value, or to too many others."""
    depths: dict[int, float] = {}
    for path, schema in outline.places.items():
        if _depth(outline, schema, depths, 1) > _MAX_CHAIN:
            message = f"this schema leads to itself, or to more than {_MAX_CHAIN} others, for the same value"
            yield Objection(path, message, "a schema may refer to itself for what is in the value")
            return


def _depth(outline: Outline, schema: Schema, known: dict[int, float], above: int) -> float:
    if not isinstance(schema, dict):
        return 1
    if above > _MAX_CHAIN:
        return inf
    if id(schema) not in known:
        known[id(schema)] = inf  # for whoever comes back to it on the way down
        below = [_depth(outline, other, known, above + 1) for other in outline.same(schema)]
        known[id(schema)] = 1 + max(below, default=0)
    return known[id(schema)]
