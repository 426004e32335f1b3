"""Why a policy on the plan would not do what its author means: names that no plan has, limits without effect.

A JSON Schema says nothing against a key that is not there, nor against a null where a number has a maximum:
a misspelt policy would say yes to every plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.manifest.did_you_mean import did_you_mean
from dlcapply.manifest.rules.policy_objections import Objection
from dlcapply.manifest.schema.keywords import INNER_MAPS, within
from dlcapply.manifest.schema.shipped import PLAN, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.manifest.nodes import Step
    from dlcapply.manifest.rules.policy_outline import Outline, Schema

    Path = tuple[Step, ...]

# What applies to the values of a list, and to those of a map whose keys are anybody's.
_OF_ITEMS = frozenset({"items", "contains", "prefixItems", "unevaluatedItems"})
_OF_VALUES = frozenset({"additionalProperties", "patternProperties", "unevaluatedProperties"})
_UPPER_LIMITS = ("maximum", "exclusiveMaximum")


def plan_objections(outline: Outline) -> Iterator[Objection]:
    """What is wrong with the schema as a policy on the plan, beside what is wrong with any policy."""
    paths = {id(schema): path for path, schema in outline.places.items()}
    waiting: list[tuple[Schema, Any]] = [(outline.root, shipped(PLAN))]
    seen: set[tuple[int, int]] = set()
    while waiting:
        schema, plan = waiting.pop()
        if (id(schema), id(plan)) in seen or not isinstance(schema, dict):
            continue
        seen.add((id(schema), id(plan)))
        yield from _against(schema, paths[id(schema)], plan)
        waiting += [(other, plan) for other in outline.same(schema)]
        waiting += _below(schema, plan)


def _below(schema: dict[str, Any], plan: dict[str, Any]) -> Iterator[tuple[Schema, Any]]:
    """The schemas for what is in the value, each with what the plan's own schema says of that."""
    for (keyword, *step), inner in within(schema):
        described = _described(plan, str(keyword), step)
        if described is not None:
            yield inner, described


def _described(plan: dict[str, Any], keyword: str, step: list[Step]) -> Any:
    """What the plan's schema says of the values that the keyword is about; None where it leaves them open."""
    form = _form(plan)
    if keyword in _OF_ITEMS:
        return form.get("items")
    known = form.get("properties", {})
    if keyword == "properties" and step[0] in known:
        return known[step[0]]
    values = form.get("additionalProperties")
    is_open = keyword == "properties" or keyword in _OF_VALUES
    return values if is_open and isinstance(values, dict) else None


def _form(plan: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value where it may be null too: what it is otherwise."""
    forms = plan.get("anyOf", ())
    return next((form for form in forms if form.get("type") != "null"), plan)


def _against(schema: dict[str, Any], path: Path, plan: dict[str, Any]) -> Iterator[Objection]:
    yield from _unknown_keys(schema, path, _form(plan))
    yield from _unknown_values(schema, path, plan)
    for keyword in _UPPER_LIMITS:
        if keyword in schema and _may_be_null(plan) and "type" not in schema:
            message = f"{keyword} says nothing against null, which stands for what nothing bounds"
            yield Objection((*path, keyword), message, "add type: number beside it", at_key=True)


def _unknown_keys(schema: dict[str, Any], path: Path, form: dict[str, Any]) -> Iterator[Objection]:
    known = form.get("properties")
    if not known or isinstance(form.get("additionalProperties"), dict):
        return
    written, required = _map(schema.get("properties")), _list(schema.get("required"))
    named: list[tuple[Path, Any]] = [((*path, "properties", key), key) for key in written]
    named += [((*path, "required", index), key) for index, key in enumerate(required)]
    for where, key in named:
        if key not in known:
            hint = did_you_mean(str(key), known) or f"the keys there are {', '.join(known)}"
            is_key = where[-2] in INNER_MAPS
            yield Objection(where, f"a plan has no key {key} there", hint, at_key=is_key)


def _unknown_values(schema: dict[str, Any], path: Path, plan: dict[str, Any]) -> Iterator[Objection]:
    """Constants of which the plan's schema knows that no plan has them."""
    known: list[Any] = plan.get("enum", [])
    written: list[tuple[Path, Any]] = [((*path, "const"), schema["const"])] if "const" in schema else []
    written += [((*path, "enum", index), value) for index, value in enumerate(_list(schema.get("enum")))]
    for where, value in written if known else ():
        if value not in known:
            words = ", ".join(str(word) for word in known if word is not None)
            hint = did_you_mean(str(value), [word for word in known if word]) or f"the values are {words}"
            yield Objection(where, f"no plan has the value {value!r} there", hint)


def _may_be_null(plan: dict[str, Any]) -> bool:
    kind = plan.get("type")
    return isinstance(kind, list) and "null" in kind


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
