"""JSON Schema errors -> findings in words for people, by keyword."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.did_you_mean import closest, is_spelling_of
from dlcapply.manifest.findings import finding, listed
from dlcapply.manifest.nodes import Node, Step, deepest, dotted, entries, without_indices, written_in
from dlcapply.manifest.schema.formats import FORMATS
from dlcapply.manifest.schema.hints import form_hint, key_hint, missing_hint, type_hint, value_hint
from dlcapply.manifest.schema.patterns import matches
from dlcapply.secrecy import Holds, held_by, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from jsonschema import ValidationError

    from dlcapply.model.findings import Finding

_TYPES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a map",
    "array": "a list",
    "null": "null",
}
# Below these, a path does not tell which value is a secret.
_HIDDEN = {Holds.PAIRS, Holds.CREDENTIALS}

_NEWER = "if PAI has this"

# keyword: (rule, what the value must do)
_KEYWORDS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "minimum": ("range", lambda limit: f"must be at least {limit}"),
    "maximum": ("range", lambda limit: f"must be at most {limit}"),
    "exclusiveMinimum": ("range", lambda limit: f"must be more than {limit}"),
    "exclusiveMaximum": ("range", lambda limit: f"must be less than {limit}"),
    "multipleOf": ("range", lambda step: f"must be a multiple of {step}"),
    "minLength": (
        "length",
        lambda limit: f"must have at least {limit} characters" if limit > 1 else "is empty",
    ),
    "maxLength": ("length", lambda limit: f"must have at most {limit} characters"),
    "minItems": (
        "length",
        lambda limit: f"must have at least {limit} items" if limit > 1 else "is an empty list",
    ),
    "maxItems": ("length", lambda limit: f"must have at most {limit} items"),
    "minProperties": (
        "length",
        lambda limit: f"must have at least {limit} keys" if limit > 1 else "is an empty map",
    ),
    "maxProperties": ("length", lambda limit: f"must have at most {limit} keys"),
    "uniqueItems": ("not-allowed", lambda _: "must not hold an item twice"),
    "pattern": ("pattern", lambda pattern: f"must match {pattern}"),
    "format": ("format", lambda name: f"must be {FORMATS[name].words if name in FORMATS else name}"),
    "oneOf": ("not-allowed", lambda _: "fits several forms that exclude each other"),
    "not": ("not-allowed", lambda _: "is not allowed like this"),
}


def findings_of(error: ValidationError, document: Node) -> Iterator[Finding]:
    """The findings that one schema error stands for, each at its place in the document."""
    path = tuple(error.absolute_path)
    node = deepest(document, path)
    match error.validator:
        case "additionalProperties":
            yield from _unknown_keys(error, node, path)
        case "required":
            yield from _missing_keys(error, node, path, document)
        case "anyOf" | "oneOf" if error.context:
            for nearest in _nearest_branch(error):
                yield from findings_of(nearest, document)
        case _ if "propertyNames" in error.absolute_schema_path:
            yield _bad_key(error, node, path)
        case "type":
            yield _wrong_type(error, node, path)
        case "enum" | "const":
            yield _wrong_value(error, node, path)
        case _:
            yield _by_keyword(error, node, path)


def _unknown_keys(error: ValidationError, node: Node, path: tuple[Step, ...]) -> Iterator[Finding]:
    schema: Any = error.schema
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for key, child in entries(node).items():
        if key not in known and not any(matches(pattern, key) for pattern in patterns):
            yield unknown_key((*path, key), child, known)


def unknown_key(path: tuple[Step, ...], node: Node, known: Collection[str]) -> Finding:
    """The finding of a key that no schema has; `known` are those that may stand beside it."""
    message = f"{_subject(path[:-1])} has no key {path[-1]}"
    hint = key_hint(path, known) or _known_keys(known) or _newer("key", path)
    return finding("unknown-key", message, node.key_place, path, hint=hint)


def _known_keys(known: Collection[str]) -> str:
    keys = [key for key in known if not key.startswith("$")]
    return f"the keys here are {listed(keys)}" if 0 < len(keys) <= 12 else ""  # noqa: PLR2004


def is_newer(hint: str) -> bool:
    """Whether the hint is about what PAI may have by now, which does not help against a policy."""
    return _NEWER in hint


def _newer(what: str, path: tuple[Step, ...]) -> str:
    """What to do about a key or a value of the spec that resembles none: PAI may have it by now."""
    if path[:1] != ("spec",):
        return ""
    return f"{_NEWER} {what} by now, list it: passthrough: [{without_indices(dotted(path[1:]))}]"


def _missing_keys(
    error: ValidationError, node: Node, path: tuple[Step, ...], document: Node
) -> Iterator[Finding]:
    keys: Any = error.validator_value
    for key in keys:
        if key not in entries(node):
            message, where = f"{_subject(path)} needs the key {key}", written_in(document, node)
            yield finding("missing-key", message, where, path, hint=missing_hint(key))


def _nearest_branch(error: ValidationError) -> list[ValidationError]:
    """The errors of the alternative that fits best: one of the right type, with the fewest errors."""
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)

    def misfit(errors: list[ValidationError]) -> tuple[bool, int]:
        return (any(inner.validator == "type" and not inner.path for inner in errors), len(errors))

    return min(branches.values(), key=misfit)


def _bad_key(error: ValidationError, node: Node, path: tuple[Step, ...]) -> Finding:
    key = str(error.instance)
    _, must = _KEYWORDS.get(str(error.validator), ("", lambda _: "is not allowed"))
    message = f"the key {key!r} in {_subject(path)} {_own_words(error) or must(error.validator_value)}"
    place = entries(node)[key].key_place if key in entries(node) else node.key_place
    return finding("key", message, place, (*path, key), hint=_example(error))


def _wrong_type(error: ValidationError, node: Node, path: tuple[Step, ...]) -> Finding:
    types: Any = error.validator_value
    wanted: list[str] = types if isinstance(types, list) else [types]
    words = " or ".join(_TYPES[name] for name in wanted)
    given = (
        "a fraction" if wanted == ["integer"] and isinstance(node.value, float) else _given(error.instance)
    )
    message = f"{_subject(path)} must be {words}, not {given}"
    return finding(
        "wrong-type",
        message,
        node,
        path,
        hint=_quoted_otherwise(error, node) or _type_hint(wanted, node, path),
    )


def _quoted_otherwise(error: ValidationError, node: Node) -> str:
    """An example, where quoting a number would make no text of the form that is wanted: `10` for `10%`."""
    schema = error.schema if isinstance(error.schema, dict) else {}
    pattern = schema.get("pattern") or schema.get("else", {}).get("pattern") or ""
    is_number = isinstance(node.value, int | float)
    return _example(error) if is_number and pattern and not re.search(pattern, node.text) else ""


def _type_hint(wanted: list[str], node: Node, path: tuple[Step, ...]) -> str:
    is_text = isinstance(node.value, str)
    if node.text.startswith("${{"):
        return f"declare the variable with type {wanted[0]}"
    if "string" in wanted and node.text and not is_text:
        return "quote it" if is_secret(path) else f"quote it: {json.dumps(node.text)}"
    if is_secret(path) and not isinstance(node.value, dict | list):
        return ""
    if is_text and re.fullmatch(r"[-+]?\d+|true|false", node.text) and "array" not in wanted:
        return f"write it without quotes: {node.text}"
    return type_hint(path, node.value, wanted)


def _given(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case None:
            return "nothing"
        case str():
            return "a string"
        case list():
            return "a list"
    return "a map"


def _wrong_value(error: ValidationError, node: Node, path: tuple[Step, ...]) -> Finding:
    words: Any = error.validator_value
    allowed: list[Any] = [words] if error.validator == "const" else words
    shown = listed(word if isinstance(word, str) else json.dumps(word) for word in allowed)
    must = f"must be {'one of ' if len(allowed) > 1 else ''}{shown}" if allowed else "is not allowed"
    message = f"{_subject(path)} {must}"
    if isinstance(node.value, str) and not is_secret(path):
        message += f", not {node.value!r}"
    others = [str(word) for word in allowed if len(allowed) > 1]
    newer = _newer("value", path) if error.validator == "enum" and isinstance(node.value, str) else ""
    hint = value_hint(path, node.value, others) or _source(node)
    if newer and (not hint or _is_merely_like(str(node.value), others)):
        hint = f"{hint} {newer}".strip()
    return finding("value", message, node, path, hint=hint)


def _is_merely_like(word: str, others: Collection[str]) -> bool:
    """Whether the word resembles one of the others, and may be a newer one all the same."""
    match = closest(word, others)
    is_part = word.casefold() in match.casefold()
    return bool(match) and not is_part and not is_spelling_of(word, match)


def _by_keyword(error: ValidationError, node: Node, path: tuple[Step, ...]) -> Finding:
    fallback = ("not-allowed", lambda _: f"breaks the schema's {error.validator or 'rule'}")
    rule, must = _KEYWORDS.get(str(error.validator), fallback)
    message = f"{_subject(path)} {_own_words(error) or must(error.validator_value)}"
    hint = "" if is_secret(path) else form_hint(path, node.value)
    return finding(rule, message, node, path, hint=hint or _source(node) or _example(error))


def _own_words(error: ValidationError) -> str:
    """What the schema itself says of a text without its form; editors show it too."""
    schema = error.schema if isinstance(error.schema, dict) else {}
    return str(schema.get("patternErrorMessage", "")) if error.validator in {"pattern", "not"} else ""


def _source(node: Node) -> str:
    """Where the value of a variable that stands for a whole value comes from."""
    return f"the value is that of {node.text}" if node.text.startswith("${{") else ""


def _example(error: ValidationError) -> str:
    examples = error.schema.get("examples", []) if isinstance(error.schema, dict) else []
    return f"for example {json.dumps(examples[0])}" if examples else ""


def is_secret(path: tuple[Step, ...]) -> bool:
    """True where a value may be a secret, so that no message shows it."""
    names = [step for step in path if isinstance(step, str)]
    return names[:1] != ["run"] and any(held_by(name) in _HIDDEN or is_secret_name(name) for name in names)


def _subject(path: tuple[Step, ...]) -> str:
    """The end of the path, long enough to be recognised."""
    if not path:
        return "the document"
    start = len(path) - 1
    while start > 0 and isinstance(path[start], int):
        start -= 1
    return dotted(path[start:])
