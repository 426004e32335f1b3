"""The shipped JSON Schemas: read, compiled once, and what they say against a document."""

from __future__ import annotations

import json
from functools import cache, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcapply.manifest.effort import Effort
from dlcapply.manifest.findings import finding
from dlcapply.manifest.nodes import deepest, dotted
from dlcapply.manifest.schema.bundle import bundled
from dlcapply.manifest.schema.messages import findings_of
from dlcapply.manifest.schema.validators import Validator

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from jsonschema import ValidationError
    from jsonschema_rs import ValidationError as Refusal

    from dlcapply.manifest.nodes import Node, Step
    from dlcapply.model.findings import Finding

JOB = "job.v1.schema.json"
PROJECT = "project.v1.schema.json"
PLAN = "plan.v1.schema.json"
CLAIMS = "claims.v1.schema.json"
SAVED_PLAN = "saved-plan.v2.schema.json"
SCENARIO = "scenario.v1.schema.json"
DRIFT = "drift.v1.schema.json"
PRICES = "prices.v1.schema.json"

_BEFORE_SUBSTITUTION = ({"$ref": "#/$defs/Template"}, {"$ref": "#/$defs/Variable"})
_NO_LINE_BREAK = {"type": "string", "pattern": "\\n"}
_ANNOTATIONS = {
    "title",
    "description",
    "examples",
    "default",
    "deprecated",
    "$comment",
    "patternErrorMessage",
}


def schema_findings(
    document: Node, name: str, value: Any, *, told: Collection[str] = (), effort: Effort | None = None
) -> Iterator[Finding]:
    """What the shipped schema says against the document, in words for people; never nothing if it refuses it.

    `value` is the document without its places; `told` are the paths of what rules have already found.
    """
    if validator(name).accepts(value):
        return
    silent, effort = True, effort or Effort()
    for error in validator(name).errors(value, effort):
        for found in () if (is_told := _is_told(error, told)) else findings_of(error, document):
            silent = False
            yield found
        silent = silent and not is_told
    if silent:
        yield unexplained(validator(name).refusal(value, effort), document)


def unexplained(refusal: Refusal | None, document: Node) -> Finding:
    """The finding where an error has no words: what was refused stays refused."""
    if refusal is None:
        return finding(
            "not-allowed", "this breaks the schema in a way that would take too long to explain", document
        )
    path = tuple(refusal.instance_path)
    keyword = refusal.kind.name or "format"
    message = f"{dotted(path) or 'the document'} breaks the schema's {keyword}, perhaps among other things"
    return finding("not-allowed", message, deepest(document, path), path)


def _is_told(error: ValidationError, told: Collection[str]) -> bool:
    """Whether a rule has said it already, and better: exclusions, CIDR blocks, and the keys of tags."""
    path = tuple(error.absolute_path)
    match (error.validator, *path):
        case ("oneOf", "spec", "JobSpecs" | "DataSources", int()) if not isinstance(error.instance, dict):
            return True  # its type is a finding of its own
        case ("pattern", *_) if _forbids_line_breaks(error.schema) and "\n" in str(error.instance):
            return True  # so is the line break, for engines whose `$` lets the last one pass
        case (
            ("oneOf", "spec", "JobSpecs" | "DataSources", int())
            | ("not", *_, "SpotSpec" | "AdvancedSettings")
            | ("const", "spec", "Settings", "DataJuicerConfig", _)
            | ("pattern", "spec", "UserVpc", "ExtendedCIDRs", int())
        ):
            return _is_among(path, told)
        case (_, "metadata", "labels") | (_, "spec", "Settings", "Tags"):
            is_key = "propertyNames" in error.absolute_schema_path
            return is_key and _is_among((*path, str(error.instance)), told)
    return False


def _forbids_line_breaks(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("not") == _NO_LINE_BREAK


def _is_among(path: tuple[Step, ...], told: Collection[str]) -> bool:
    """Whether something was told at the path or below it."""
    start = dotted(path)
    return any(other == start or other.startswith((f"{start}.", f"{start}[")) for other in told)


@cache
def validator(name: str) -> Validator:
    """The validator of the shipped schema."""
    return Validator(shipped(name))


def has_key(path: Iterable[str]) -> bool:
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
    packaged = Path(__file__).parents[2] / "schemas"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "schemas"


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
