"""The schema, the field table and the SDK's models know the same keys, down to the leaves."""

from __future__ import annotations

import sys
import typing
from typing import Any, get_args, get_origin

import pytest
from alibabacloud_pai_dlc20201203.models import (
    CreateJobRequest,
    GetJobResponseBody,
    JobItem,
    UpdateJobRequest,
)

from dlcapply.pai import KEYED_LISTS
from dlcapply.planning.fields import FIELDS, OPEN_MAPS, Read
from dlcapply.secrecy import is_secret_field

JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", dict: "object", Any: "any"}


def sdk_leaves(hint: Any, path: str = "", above: tuple[Any, ...] = ()):
    """(path, JSON type) of every leaf; a model inside itself is not followed."""
    if get_origin(hint) is list:
        yield from sdk_leaves(get_args(hint)[0], f"{path}[]", above)
    elif get_origin(hint) is dict:
        yield from sdk_leaves(get_args(hint)[1], f"{path}.*", above)
    elif hint in JSON_TYPES:
        yield path, JSON_TYPES[hint]
    elif hint not in above:
        for key, inner in sdk_keys(hint):
            yield from sdk_leaves(inner, f"{path}.{key}".lstrip("."), (*above, hint))


def sdk_keys(model: Any):
    """(key on the wire, type) of every attribute: the key is the one that appears when it is set."""
    empty = model().to_map()
    for attribute, hint in hints_of(model).items():
        instance = model()
        setattr(instance, attribute, a_value(hint))
        changed = [key for key, value in instance.to_map().items() if value != empty.get(key)]
        assert len(changed) == 1, f"{model.__name__}.{attribute}"
        yield changed[0], hint


def hints_of(model: Any) -> dict[str, Any]:
    return typing.get_type_hints(model.__init__, vars(sys.modules[model.__module__]))


def a_value(hint: Any) -> Any:
    if get_origin(hint) is list:
        return [a_value(get_args(hint)[0])]
    if get_origin(hint) is dict:
        return {"key": a_value(get_args(hint)[1])}
    return {str: "text", int: 7, float: 0.5, bool: True, dict: {"k": "v"}, Any: "any"}.get(hint) or hint()


def schema_leaves(schema: dict[str, Any], defs: dict[str, Any], path: str = ""):
    """(path, JSON type) of every leaf that the schema describes."""
    schema = resolved(schema, defs)
    match schema:
        case {"properties": properties}:
            assert schema["additionalProperties"] is False, path
            for key, inner in properties.items():
                if not key.startswith("$"):  # a word of ours, gone once the layers are merged
                    yield from schema_leaves(inner, defs, f"{path}.{key}".lstrip("."))
        case {"items": items}:
            yield from schema_leaves(items, defs, f"{path}[]")
        case {"type": "object"}:
            yield from schema_leaves(schema.get("additionalProperties", {}), defs, f"{path}.*")
        case _:
            yield path, json_type(schema)


def resolved(schema: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        target = defs[schema["$ref"].rpartition("/")[2]]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
        if "$ref" in target:
            schema["$ref"] = target["$ref"]
    return schema


def json_type(schema: dict[str, Any]) -> str:
    strict = {**schema, **schema.get("else", {})}
    if "enum" in strict:
        return "string" if all(isinstance(value, str) for value in strict["enum"]) else "mixed"
    return strict.get("type", "any")


@pytest.fixture(scope="module")
def sdk():
    return dict(sdk_leaves(CreateJobRequest))


@pytest.fixture(scope="module")
def described(schemas):
    defs = schemas["job"]["$defs"]
    return dict(schema_leaves(defs["Spec"], defs))


def test_the_walk_reaches_the_depths(sdk):
    assert sdk["JobSpecs[].ExtraPodSpec.InitContainers[].SecurityContext.Capabilities.Add[]"] == "string"
    assert sdk["Settings.AdvancedSettings.*"] == "any"
    assert sdk["UserVpc.ExtendedCIDRs[]"] == "string"


def test_the_schema_has_the_keys_of_the_sdk_with_their_types(sdk, described):
    assert described == sdk


def test_the_field_table_has_the_keys_of_the_sdk(sdk):
    assert set(FIELDS) == set(sdk)


def test_each_row_stands_under_its_own_path():
    assert all(field.path == path for path, field in FIELDS.items())


def test_the_table_reads_each_field_where_the_sdk_has_a_key_for_it(sdk):
    shown = [
        {path.replace("ExtendedCidrs", "ExtendedCIDRs") for path, _ in sdk_leaves(model)}
        for model in (JobItem, GetJobResponseBody)
    ]
    places = {
        (True, True): Read.LIST,
        (False, True): Read.GET,
        (True, False): Read.LIST_ONLY,
        (False, False): Read.NEVER,
    }
    expected = {path: places[path in shown[0], path in shown[1]] for path in sdk}
    secrets = {path: Read.NEVER for path in FIELDS if is_secret_field(path)}
    assert {path: field.read for path, field in FIELDS.items()} == expected | secrets


def test_only_keys_of_the_update_call_change_in_place():
    in_place = {path for path, field in FIELDS.items() if field.in_place}
    assert in_place == {"Accessibility", "Description", "Priority"}
    assert in_place <= {key for key, _ in sdk_keys(UpdateJobRequest)}


def test_keyed_lists_and_open_maps_exist(sdk):
    assert {f"{path}[].{key}" for path, keys in KEYED_LISTS.items() for key in keys} <= set(sdk)
    assert {f"{path}.*" for path in OPEN_MAPS} <= set(sdk)
