"""The flattened schema judges as the shipped one does, and says it in words for people."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcapply.manifest.effort import Effort
from dlcapply.manifest.nodes import Node, deepest, plain
from dlcapply.manifest.schema.messages import findings_of, is_secret
from dlcapply.manifest.schema.shipped import JOB, PROJECT, schema_findings, validator
from dlcapply.manifest.schema.validators import Validator
from dlcapply.manifest.yaml.reader import read

ROOT = Path(__file__).parents[3]
VALID = [
    document
    for path in sorted((ROOT / "tests/documents/valid").glob("*.yaml"))
    for document in map(plain, read(path.read_bytes(), path.name).documents)
]
AS_WRITTEN = Validator(json.loads((ROOT / "schemas" / JOB).read_text("utf-8")))


def paths(value: object, path: tuple = ()) -> list[tuple]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner for key, child in below for inner in paths(child, (*path, key)))]


@st.composite
def mutated(draw: st.DrawFn) -> object:
    """A valid manifest with one value replaced, removed or added."""
    document = copy.deepcopy(draw(st.sampled_from(VALID)))
    path = draw(st.sampled_from(paths(document)))
    value = draw(st.sampled_from([5, -1, 1.5, "x", "", True, [], {}, {"x": 1}, [1], "10Gi", "PRIVATE"]))
    if not path:
        return value
    parent = document
    for step in path[:-1]:
        parent = parent[step]
    match draw(st.sampled_from(["replace", "remove", "add"])):
        case "replace":
            parent[path[-1]] = value
        case "remove":
            del parent[path[-1]]
        case "add" if isinstance(parent, dict):
            parent["Added"] = value
    return document


@settings(deadline=None)
@given(mutated())
def test_the_flattened_schema_agrees_with_the_shipped_one(document: object) -> None:
    accepted = validator(JOB).accepts(document)
    assert accepted == AS_WRITTEN.accepts(document)
    assert accepted == (not list(validator(JOB).errors(document, Effort())))


@settings(deadline=None)
@given(mutated())
def test_every_schema_finding_has_a_place_and_one_line(document: object) -> None:
    (node,) = read(yaml.safe_dump(document).encode(), "f.yaml").documents or (None,)
    for item in schema_findings(node, JOB, plain(node)) if node else ():
        assert item.place
        assert item.place.file == "f.yaml"
        assert item.message
        assert "\n" not in item.message


def messages(schema: dict, source: str) -> list[tuple[str, str, str]]:
    node = one(source)
    return [
        (item.rule, item.message, item.hint)
        for error in Validator(schema).errors(plain(node), Effort())
        for item in findings_of(error, node)
    ]


def one(source: str) -> Node:
    (node,) = read(source.encode(), "f").documents
    return node


@pytest.mark.parametrize(
    ("schema", "source", "expected"),
    [
        (
            {"properties": {"a": {"type": "string"}}},
            "a: 12.0",
            ("wrong-type", "a must be a string, not a number", 'quote it: "12.0"'),
        ),
        (
            {"properties": {"a": {"type": "string", "pattern": "^[0-9]+%$", "examples": ["10%"]}}},
            "a: 12",
            ("wrong-type", "a must be a string, not a number", 'for example "10%"'),
        ),
        (
            {"properties": {"a": {"type": ["string", "boolean"]}}},
            "a: [1]",
            ("wrong-type", "a must be a string or true or false, not a list", ""),
        ),
        (
            {"properties": {"a": {"type": "integer"}}},
            'a: "8"',
            ("wrong-type", "a must be a whole number, not a string", "write it without quotes: 8"),
        ),
        (
            {"properties": {"a": {"type": "object"}}},
            "a: b",
            ("wrong-type", "a must be a map, not a string", ""),
        ),
        (
            {"properties": {"a": {"type": "integer"}}},
            "a: {}",
            ("wrong-type", "a must be a whole number, not a map", ""),
        ),
        (
            {"properties": {"a": {"type": "integer"}}},
            "a: ~",
            ("wrong-type", "a must be a whole number, not nothing", ""),
        ),
        ({"type": "string"}, "a: 1", ("wrong-type", "the document must be a string, not a map", "")),
        (
            {"properties": {"a": {"enum": ["one", "two"]}}},
            "a: One",
            ("value", "a must be one of one, two, not 'One'", "did you mean one?"),
        ),
        ({"properties": {"a": {"enum": [1, 2]}}}, "a: 3", ("value", "a must be one of 1, 2", "")),
        ({"properties": {"a": {"const": 1}}}, "a: 2", ("value", "a must be 1", "")),
        (
            {"properties": {"alpha": {}}, "additionalProperties": False},
            "alhpa: 1",
            ("unknown-key", "the document has no key alhpa", "did you mean alpha?"),
        ),
        (
            {"properties": {"alpha": {}}, "additionalProperties": False},
            "zz: 1",
            ("unknown-key", "the document has no key zz", "the keys here are alpha"),
        ),
        (
            {"patternProperties": {"^x": {}}, "additionalProperties": False},
            "{x1: 1, zz: 1}",
            ("unknown-key", "the document has no key zz", ""),
        ),
        ({"required": ["a", "b"]}, "{a: 1}", ("missing-key", "the document needs the key b", "")),
        (
            {"properties": {"a": {"items": {"required": ["b"]}}}},
            "a: [{}]",
            ("missing-key", "a[0] needs the key b", ""),
        ),
        (
            {"properties": {"a": {"minimum": 1, "examples": [3]}}},
            "a: 0",
            ("range", "a must be at least 1", "for example 3"),
        ),
        ({"properties": {"a": {"exclusiveMaximum": 1}}}, "a: 1", ("range", "a must be less than 1", "")),
        ({"properties": {"a": {"exclusiveMinimum": 1}}}, "a: 1", ("range", "a must be more than 1", "")),
        ({"properties": {"a": {"multipleOf": 2}}}, "a: 1", ("range", "a must be a multiple of 2", "")),
        ({"properties": {"a": {"minLength": 1}}}, "a: ''", ("length", "a is empty", "")),
        (
            {"properties": {"a": {"maxLength": 1}}},
            "a: bb",
            ("length", "a must have at most 1 characters", ""),
        ),
        ({"properties": {"a": {"minItems": 2}}}, "a: []", ("length", "a must have at least 2 items", "")),
        ({"properties": {"a": {"maxItems": 0}}}, "a: [1]", ("length", "a must have at most 0 items", "")),
        ({"properties": {"a": {"minProperties": 1}}}, "a: {}", ("length", "a is an empty map", "")),
        ({"maxProperties": 0}, "a: 1", ("length", "the document must have at most 0 keys", "")),
        (
            {"properties": {"a": {"uniqueItems": True}}},
            "a: [1, 1]",
            ("not-allowed", "a must not hold an item twice", ""),
        ),
        (
            {"propertyNames": {"pattern": "^a"}},
            "b: 1",
            ("key", "the key 'b' in the document must match ^a", ""),
        ),
        (
            {"propertyNames": {"enum": ["a"]}},
            "b: 1",
            ("key", "the key 'b' in the document is not allowed", ""),
        ),
        ({"not": {"required": ["a"]}}, "a: 1", ("not-allowed", "the document is not allowed like this", "")),
        ({"contains": {"const": 1}}, "[2]", ("not-allowed", "the document breaks the schema's contains", "")),
        (
            {"properties": {"a": {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 5}]}}},
            "a: 3",
            ("range", "a must be at least 5", ""),
        ),
        (
            {"oneOf": [{"required": ["a"]}, {"type": "string"}]},
            "b: 1",
            ("missing-key", "the document needs the key a", ""),
        ),
        (
            {"oneOf": [{}, {}]},
            "b: 1",
            ("not-allowed", "the document fits several forms that exclude each other", ""),
        ),
    ],
)
def test_a_schema_error_is_worded_for_people(
    schema: dict, source: str, expected: tuple[str, str, str]
) -> None:
    assert messages(schema, source) == [expected]


@pytest.mark.parametrize(
    "path",
    [
        ("spec", "JobSpecs", 0, "ImageConfig", "Username"),
        ("spec", "Envs", "DB_PASSWORD"),
        ("spec", "CustomEnvs", 0, "Value"),
        ("spec", "CredentialConfig", "AliyunEnvRoleKey"),
    ],
)
def test_messages_do_not_show_secrets(path: tuple) -> None:
    assert is_secret(path)
    schema: dict = {"type": "string"}
    document: object = 123456
    for step in reversed(path):
        schema = {"items": schema} if isinstance(step, int) else {"properties": {step: schema}}
        document = [document] if isinstance(step, int) else {step: document}
    ((_, message, hint),) = messages(schema, json.dumps(document))
    assert "123456" not in message + hint
    assert hint == "quote it"
    enum = json.loads(json.dumps(schema).replace('"type": "string"', '"enum": ["a"]'))
    ((_, message, hint),) = messages(enum, json.dumps(document).replace("123456", '"hunter2"'))
    assert "hunter2" not in message + hint


def test_a_path_that_ends_early_leads_to_the_last_value_on_it() -> None:
    document = one("a: [1]")
    assert deepest(document, ("a", 0, "x")).value == 1
    assert deepest(document, ("a", 7)) is deepest(document, ("a",))


def test_run_settings_are_no_secrets() -> None:
    assert not is_secret(("run", "token"))
    assert not is_secret(("spec", "Envs", "EPOCHS"))


def test_the_shipped_schemas_are_compiled_once() -> None:
    assert validator(JOB) is validator(JOB)
    assert validator(PROJECT).accepts(
        {"apiVersion": "dlcapply/v1", "kind": "Project", "metadata": {"name": "a"}}
    )
