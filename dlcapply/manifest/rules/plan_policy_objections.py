"""Why a policy on the plan would not do what its author means: names that no plan has, limits without effect.

A JSON Schema says nothing against a key that is not there, against a null where a number has a maximum, nor
about a value of another type than its keywords are for: a misspelt policy would say yes to every plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.manifest.did_you_mean import did_you_mean
from dlcapply.manifest.rules.policy_objections import Objection
from dlcapply.manifest.schema.keywords import INNER_MAPS, within
from dlcapply.manifest.schema.patterns import matches
from dlcapply.manifest.schema.shipped import PLAN, shipped
from dlcapply.manifest.schema.validators import Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.manifest.nodes import Step
    from dlcapply.manifest.rules.policy_outline import Outline, Schema

    Path = tuple[Step, ...]

# What applies to the values of a list, and to those of a map whose keys are anybody's.
_OF_ITEMS = frozenset({"items", "contains", "prefixItems", "unevaluatedItems"})
_OF_VALUES = frozenset({"additionalProperties", "patternProperties", "unevaluatedProperties"})
_UPPER_LIMITS = ("maximum", "exclusiveMaximum")
_LIMITS = ("minimum", "exclusiveMinimum", *_UPPER_LIMITS)
# The types of values that a keyword is about; of any other it says nothing.
_ABOUT = {
    **dict.fromkeys(("pattern", "minLength", "maxLength"), "string"),
    **dict.fromkeys((*_LIMITS, "multipleOf"), "number"),
    **dict.fromkeys(("items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"), "array"),
    **dict.fromkeys(("properties", "required", "additionalProperties", "patternProperties"), "object"),
    **dict.fromkeys(("propertyNames", "minProperties", "maxProperties"), "object"),
}
_IN_WORDS = {
    "array": "a list",
    "boolean": "a boolean",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "a map",
    "string": "a string",
}


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
    yield from _about_others(schema, path, _types(plan))
    yield from _out_of_reach(schema, path, plan)
    for keyword in _UPPER_LIMITS:
        if keyword in schema and _may_be_null(plan) and "type" not in schema:
            message = f"{keyword} says nothing against null, which stands for what nothing bounds"
            yield Objection((*path, keyword), message, "add type: number beside it", at_key=True)


def _unknown_keys(schema: dict[str, Any], path: Path, form: dict[str, Any]) -> Iterator[Objection]:
    """Names that no plan has there, and those of which a map with anybody's keys has none."""
    known = form.get("properties", {})
    pattern = form.get("propertyNames", {}).get("pattern", "")
    is_open = isinstance(form.get("additionalProperties"), dict)
    if not (pattern if is_open else known):
        return
    written, required = _map(schema.get("properties")), _list(schema.get("required"))
    named: list[tuple[Path, Any]] = [((*path, "properties", key), key) for key in written]
    named += [((*path, "required", index), key) for index, key in enumerate(required)]
    for where, key in named:
        if not (matches(pattern, str(key)) if is_open else key in known):
            hint = did_you_mean(str(key), known) or f"the keys there are {_keys_there(form)}"
            is_key = where[-2] in INNER_MAPS
            yield Objection(where, f"a plan has no key {key} there", hint, at_key=is_key)


def _keys_there(form: dict[str, Any]) -> str:
    examples = (f"such as {key}" for example in form.get("examples", ()) for key in example)
    return ", ".join(form.get("properties", ())) or next(examples, "others")


def _unknown_values(schema: dict[str, Any], path: Path, plan: dict[str, Any]) -> Iterator[Objection]:
    """Constants of which the plan's schema knows that no plan has them."""
    written: list[tuple[Path, Any]] = [((*path, "const"), schema["const"])] if "const" in schema else []
    written += [((*path, "enum", index), value) for index, value in enumerate(_list(schema.get("enum")))]
    described = Validator(plan) if written else None
    for where, value in written if described else ():
        if described and not described.accepts(value):
            words = [word for word in plan.get("enum", ()) if word]
            hint = did_you_mean(str(value), words) or _values_there(plan)
            yield Objection(where, f"no plan has the value {value!r} there", hint)


def _about_others(schema: dict[str, Any], path: Path, types: frozenset[str]) -> Iterator[Objection]:
    """Keywords for values of another type than a plan has there."""
    for keyword in schema if types else ():
        about = _ABOUT.get(keyword)
        if about and about not in _widened(types):
            message = f"{keyword} says nothing about {_in_words(types)}, which a plan has there"
            hint = "what each of its values must be stands under items" if "array" in types else ""
            yield Objection((*path, keyword), message, hint, at_key=True)


def _out_of_reach(schema: dict[str, Any], path: Path, plan: dict[str, Any]) -> Iterator[Objection]:
    """Types, limits and patterns that no value of a plan can meet."""
    types, asked = _types(plan), _types({"type": schema.get("type")})
    unmet = ["type"] if types and asked and not _widened(types) & _widened(asked) else []
    unmet += [keyword for keyword in _LIMITS if not _can_be_met(keyword, schema.get(keyword), plan)]
    words = [word for word in plan.get("enum", ()) if isinstance(word, str)]
    unmet += ["pattern"] if words and not _is_found(schema.get("pattern"), words) else []
    for keyword in unmet:
        message = f"no plan has a value there for {keyword} {schema[keyword]}"
        yield Objection((*path, keyword), message, _values_there(plan))


def _can_be_met(keyword: str, limit: Any, plan: dict[str, Any]) -> bool:
    bound = plan.get("maximum" if "inimum" in keyword else "minimum")
    if bound is None or not isinstance(limit, int | float):
        return True
    return bool(limit <= bound if "inimum" in keyword else limit >= bound)


def _is_found(pattern: Any, words: list[str]) -> bool:
    """Whether it is found in any of the words; one that can't be asked is told as such elsewhere."""
    from jsonschema_rs import ValidationError

    try:
        return not isinstance(pattern, str) or any(matches(pattern, word) for word in words)
    except ValidationError:
        return True


def _types(plan: dict[str, Any]) -> frozenset[str]:
    """The types of the values there, as far as the plan's schema says."""
    written = [form.get("type") for form in plan.get("anyOf", (plan,))]
    names = [name for one in written for name in (one if isinstance(one, list) else [one])]
    return frozenset(name for name in names if isinstance(name, str))


def _widened(types: frozenset[str]) -> frozenset[str]:
    return types | ({"integer", "number"} if types & {"integer", "number"} else frozenset())


def _in_words(types: frozenset[str]) -> str:
    return " or ".join(_IN_WORDS[name] for name in sorted(types, key=lambda name: (name == "null", name)))


def _values_there(plan: dict[str, Any]) -> str:
    if known := [str(word) for word in plan.get("enum", ()) if word is not None]:
        return f"the values are {', '.join(known)}"
    bounds = f" from {plan['minimum']} to {plan['maximum']}" if {"minimum", "maximum"} <= plan.keys() else ""
    return f"a value there is {_in_words(_types(plan))}{bounds}" if _types(plan) else ""


def _may_be_null(plan: dict[str, Any]) -> bool:
    kind = plan.get("type")
    return isinstance(kind, list) and "null" in kind


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
