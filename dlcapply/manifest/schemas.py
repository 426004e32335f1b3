"""The shipped JSON Schemas, compiled once."""

from __future__ import annotations

import json
from functools import cache, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.bundling import bundled
from dlcapply.manifest.judging import Predicate, accepting, explaining
from dlcapply.manifest.wording import worded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jsonschema import Draft202012Validator, ValidationError

    from dlcapply.manifest.nodes import Node
    from dlcapply.model import Finding

JOB = "job.v1.schema.json"
PROJECT = "project.v1.schema.json"
PLAN = "plan.v1.schema.json"
CLAIMS = "claims.v1.schema.json"
SAVED_PLAN = "saved-plan.v1.schema.json"
SCENARIO = "scenario.v1.schema.json"

_BEFORE_SUBSTITUTION = ({"$ref": "#/$defs/Template"}, {"$ref": "#/$defs/Variable"})
_ANNOTATIONS = {
    "title",
    "description",
    "examples",
    "default",
    "deprecated",
    "$comment",
    "patternErrorMessage",
}


def check(document: Node, name: str, value: Any) -> Iterator[Finding]:
    """What the shipped schema says against the document, in words for people.

    `value` is the document without its places.
    """
    if acceptor(name)(value):
        return
    for error in validator(name).iter_errors(value):
        if not _is_worded_by_a_rule(error):
            yield from worded(error, document)


def _is_worded_by_a_rule(error: ValidationError) -> bool:
    """True for what the rules say better: exclusions, CIDR blocks, and the keys of tags."""
    match (error.validator, *error.absolute_path):
        case (
            ("oneOf", "spec", "JobSpecs" | "DataSources", int())
            | ("not", *_, "SpotSpec" | "AdvancedSettings")
            | ("const", "spec", "Settings", "DataJuicerConfig", _)
            | ("pattern", "spec", "UserVpc", "ExtendedCIDRs", int())
        ):
            return True
        case (_, "metadata", "labels") | (_, "spec", "Settings", "Tags"):
            return "propertyNames" in error.absolute_schema_path
    return False


@cache
def acceptor(name: str) -> Predicate:
    """The shipped schema as a predicate that is fast."""
    return accepting(shipped(name))


@cache
def validator(name: str) -> Draft202012Validator:
    """The shipped schema as a validator that says what is wrong."""
    return explaining(shipped(name))


def knows(path: Iterable[str]) -> bool:
    """Whether the schema of manifests has a key at the path, which passes over lists."""
    return _has(shipped(JOB), tuple(path))


def _has(schema: Any, keys: tuple[str, ...]) -> bool:
    if not keys:
        return True
    inner = schema.get("properties", {}).get(keys[0])
    return (
        (inner is not None and _has(inner, keys[1:]))
        or isinstance(schema.get("additionalProperties"), dict)
        or ("items" in schema and _has(schema["items"], keys))
        or any(_has(part, keys) for part in schema.get("allOf", ()))
    )


@cache
def shipped(name: str) -> Any:
    """The schema of that file name, ready to be compiled."""
    schema = json.loads((_folder() / name).read_text("utf-8"))
    return _inlined(schema, schema.get("$defs", {}))


def _folder() -> Path:
    """Where the schemas are: in the wheel, or in the checkout."""
    packaged = Path(__file__).parents[1] / "schemas"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "schemas"


def schema_texts() -> dict[str, str]:
    """Every shipped schema by its short name: `job`, `project`, `plan` and so on.

    As it is written, except that what refers to another one holds its definitions too.
    """
    texts = {path.name: path.read_text("utf-8") for path in sorted(_folder().glob("*.json"))}
    return {name.partition(".")[0]: _whole(text, texts) for name, text in texts.items()}


def _whole(text: str, texts: Mapping[str, str]) -> str:
    schema = json.loads(text)
    whole = bundled(schema, lambda file: json.loads(texts[file]))
    return text if whole == schema else json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The schema without references and without its room for `${{ }}`: none is left after composing.

    The shipped schemas have no recursive definition.
    """
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    parts = [definitions[schema[key].rpartition("/")[2]] for key in schema.keys() & {"$ref"}]
    own = {key: value for key, value in schema.items() if key not in {"$ref", "$defs"}}
    if own.get("if") in _BEFORE_SUBSTITUTION:
        parts.append(own.pop("else"))
        del own["if"]
    inlined = {key: _inlined(value, definitions) for key, value in own.items()}
    return reduce(_joined, (_inlined(part, definitions) for part in parts), inlined)


def _joined(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """One schema that demands both, flat where no keyword changes its meaning by that."""
    keywords = schema.keys() - _ANNOTATIONS
    if keywords & part.keys() or ("additionalProperties" in part and "properties" in schema):
        return {**schema, "allOf": [*schema.get("allOf", []), part]}
    return {**part, **schema}
