"""`schema` prints what editors and other tools validate with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parents[2] / "schemas"
NAMES = sorted(path.name.partition(".")[0] for path in SCHEMAS.glob("*.json"))
EXPLAINED_BY_THEIR_NAMES = {"apiVersion", "kind", "type"}


def test_every_shipped_schema_is_listed_with_its_title(project):
    rows = project.run("schema").out.splitlines()
    assert [row.split()[0] for row in rows] == NAMES
    assert {"job", "project", "plan", "apply", "validate", "status", "base", "render"} <= set(NAMES)
    assert rows[NAMES.index("job")].endswith("dlcapply job manifest")


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_printed_whole(project, name):
    """As it is shipped where it is one document; else with what it refers to, so that it needs no network."""
    printed = project.run("schema", name)
    assert (printed.code, printed.err) == (0, "")
    (file,) = SCHEMAS.glob(f"{name}.v?.schema.json")
    shipped = file.read_text("utf-8")
    if name in {"base", "render"}:
        assert json.loads(printed.out)["$id"] == json.loads(shipped)["$id"]
    else:
        assert printed.out == shipped
    schema = json.loads(printed.out)
    Draft202012Validator.check_schema(schema)
    references = list(refs(schema))
    assert all(resolved(schema, reference) is not None for reference in references)


def refs(schema):
    match schema:
        case dict():
            if isinstance(schema.get("$ref"), str):
                yield schema["$ref"]
            for value in schema.values():
                yield from refs(value)
        case list():
            for item in schema:
                yield from refs(item)


def resolved(schema, reference):
    """What the reference means in the document itself; None for one that leads out of it."""
    start, *steps = reference.split("/")
    assert start == "#", reference
    for step in steps:
        schema = schema.get(step)
    return schema


@pytest.mark.parametrize("name", ["base", "render"])
def test_a_bundled_schema_judges_as_the_files_do_together(project, name):
    project.job("a")
    whole = json.loads(project.run("schema", name).out)
    rendered = json.loads(project.run("render", "-o", "json").out)
    good = rendered if name == "render" else rendered["jobs"][0]["manifest"]
    Draft202012Validator(whole).validate(good)
    job = good["jobs"][0]["manifest"] if name == "render" else good
    job["spec"]["JobSpecs"][0]["PodCount"] = "many"
    assert not Draft202012Validator(whole).is_valid(good)


def test_an_unknown_schema_is_wrong_usage_that_names_the_known_ones(project):
    printed = project.run("schema", "jobs")
    assert (printed.code, printed.out) == (64, "")
    assert "there is no schema jobs" in printed.err
    assert all(name in printed.err for name in NAMES)


def enums(schema, name="", description=""):
    """Each key with an enum, as (key, description, values)."""
    if isinstance(schema, dict):
        said = schema.get("description", description)
        if isinstance(schema.get("enum"), list):
            yield name, said, schema["enum"]
        for key, inner in schema.items():
            if key == "properties":
                for inner_name, property_schema in inner.items():
                    yield from enums(property_schema, inner_name)
            else:
                yield from enums(inner, name, said if key in {"else", "then"} else "")
    elif isinstance(schema, list):
        for item in schema:
            yield from enums(item, name)


@pytest.mark.parametrize("name", ["job", "project"])
def test_the_help_on_a_key_explains_each_of_its_values(name):
    schema = json.loads((SCHEMAS / f"{name}.v1.schema.json").read_text("utf-8"))
    unexplained = {
        key: missing
        for key, description, values in enums(schema)
        if key not in EXPLAINED_BY_THEIR_NAMES
        and len(values) > 1
        and (missing := [value for value in values if str(value) not in description])
    }
    assert unexplained == {}
