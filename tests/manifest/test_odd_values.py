"""Any value at any place of any file that we read ends in findings or in a job, never in an exception."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator

import pytest

from dlcapply.errors import DlcapplyError
from dlcapply.manifest.schema.shipped import CLAIMS, JOB, PROJECT, shipped
from tests.manifest.trees import Tree

pytestmark = pytest.mark.sweep

# More than one of each kind that YAML, JSON or a command line can bring.
ODD: dict[str, object] = {
    "null": None,
    "true": True,
    "false": False,
    "zero": 0,
    "negative": -1,
    "huge": 10**300,
    "fraction": 1.5,
    "whole fraction": 60.0,
    "large fraction": 1e308,
    "not a number": ".nan",
    "empty": "",
    "blank": " ",
    "long": "x" * 70_000,
    "line break": "a\nb\n",
    "control": "a\x1b[31m\x07",
    "unicode": "\U0001f600\u202e\u00e9\ufffd",
    "half a pair": "\ud83d",
    "variable": "${{ var.none }}",
    "opening": "${{",
    "conflict": "<<<<<<< HEAD",
    "list": [],
    "list of lists": [[[]]],
    "list of text": ["a"],
    "list of nothing": [None],
    "map": {},
    "map of nothing": {"": None},
    "map of maps": {"Type": {"name": {}}},
    "removal": {"$remove": True},
    "list of removals": [{"Type": "Worker", "$remove": [True]}],
}
JOB_DOCUMENT = {
    "apiVersion": "dlcapply/v1",
    "kind": "Job",
    "metadata": {"name": "train"},
    "spec": {
        "DisplayName": "train",
        "JobType": "PyTorchJob",
        "UserCommand": "python train.py",
        "JobMaxRunningTimeMinutes": 60,
        "JobSpecs": [
            {"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.c6.large", "Image": "registry.example.com/a:1"}
        ],
    },
}
PROJECT_DOCUMENT = {
    "apiVersion": "dlcapply/v1",
    "kind": "Project",
    "metadata": {"name": "vision"},
    "manifests": ["jobs/*.yaml"],
    "variables": {"role": {"type": "string", "default": "Worker"}},
    "defaults": {"spec": {"Priority": 1, "JobSpecs": [{"Type": "${{ var.role }}", "PodCount": 1}]}},
    "environments": {"local": {"region": "cn-hangzhou", "workspaceId": "1001"}},
}
CLAIMS_DOCUMENT = {
    "apiVersion": "dlcapply/v1",
    "kind": "Claims",
    "runs": {"dlc1": {"name": "train", "marks": {"owner": "a/b"}}},
}
Path_ = tuple[str | int, ...]


def places(schema: object, path: Path_ = ()) -> Iterator[Path_]:
    """Every place that the schema knows: of a list its first item, of an open map one key."""
    if not isinstance(schema, dict):
        return
    yield path
    for key, inner in schema.get("properties", {}).items():
        yield from places(inner, (*path, key))
    for key in ("additionalProperties", "patternProperties"):
        if isinstance(schema.get(key), dict) and schema[key]:
            yield from places(schema[key], (*path, "local"))
    if "items" in schema:
        yield from places(schema["items"], (*path, 0))
    for part in [*schema.get("allOf", ()), *(schema[key] for key in ("then", "else") if key in schema)]:
        yield from places(part, path)


def with_value(document: object, path: Path_, value: object) -> object:
    """The document with the value at the path, and with whatever the way there needs."""
    if not path:
        return value
    step, *rest = path
    if isinstance(step, int):
        items = list(document) if isinstance(document, list) else []
        return [with_value(items[0] if items else None, tuple(rest), value), *items[1:]]
    entries = dict(document) if isinstance(document, dict) else {}
    return {**entries, step: with_value(entries.get(step), tuple(rest), value)}


def cases(name: str) -> list[tuple[Path_, str]]:
    """All places with all values where DLCAPPLY_LONG is set, else each place with one value of its turn."""
    known = list(dict.fromkeys(places(shipped(name))))
    if os.environ.get("DLCAPPLY_LONG"):
        return [(path, word) for path in known for word in ODD]
    words = list(ODD)
    return [(path, words[(7 * index) % len(words)]) for index, path in enumerate(known)]


def written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


@pytest.fixture
def project(tree: Tree) -> Tree:
    tree.write("dlcapply.yaml", written(PROJECT_DOCUMENT))
    tree.write("jobs/a.yaml", written(JOB_DOCUMENT))
    return tree


def judged(tree: Tree, **asked) -> bool:
    """Whether the files load without an error, if they don't raise anything but what is expected."""
    try:
        loaded = tree.load(keeps_composed=True, **asked)
    except DlcapplyError:
        return False
    for item in loaded.findings:
        assert item.place
        assert item.message.isprintable()
        assert item.hint.isprintable()
    return bool(loaded.jobs)


@pytest.mark.parametrize(
    ("name", "file", "document"),
    [
        (JOB, "jobs/a.yaml", JOB_DOCUMENT),
        (JOB, "bases/a.yaml", JOB_DOCUMENT),
        (PROJECT, "dlcapply.yaml", PROJECT_DOCUMENT),
        (CLAIMS, "dlcapply.claims.yaml", CLAIMS_DOCUMENT),
    ],
    ids=["manifest", "parent", "project", "claims"],
)
def test_a_value_of_any_kind_at_any_place(project: Tree, name: str, file: str, document: dict) -> None:
    if file.startswith("bases"):
        project.write("jobs/a.yaml", written({**JOB_DOCUMENT, "extends": "../bases/a.yaml"}))
    for path, word in cases(name):
        project.write(file, written(with_value(copy.deepcopy(document), path, ODD[word])))
        judged(project)


def test_a_value_of_any_kind_in_the_defaults(project: Tree) -> None:
    for path, word in cases(JOB):
        defaults = {"defaults": with_value({"spec": {}}, path, ODD[word])}
        project.write("dlcapply.yaml", written({**PROJECT_DOCUMENT, **defaults}))
        judged(project)


@pytest.mark.parametrize("word", ODD)
def test_a_value_of_any_kind_as_a_file_a_variable_and_an_option(project: Tree, word: str) -> None:
    use = with_value(JOB_DOCUMENT, ("spec", "JobSpecs", 0, "Type"), "${{ var.role }}")
    project.write("jobs/a.yaml", written(use))
    for content in (ODD[word], {"role": ODD[word]}, {str(ODD[word]): "a"}):
        project.write("vars.yaml", written(content))
        judged(project, variable_files=("vars.yaml",))
    if isinstance(ODD[word], str):
        judged(project, variables={"role": ODD[word]})
        judged(project, variables={ODD[word]: "a"})
        judged(project, environment=ODD[word], select=(ODD[word],))


@pytest.mark.parametrize("word", ODD)
def test_a_value_of_any_kind_as_a_policy(project: Tree, word: str) -> None:
    project.write("dlcapply.yaml", written({**PROJECT_DOCUMENT, "policies": ["p/*"]}))
    for content in (ODD[word], {"properties": ODD[word]}, {"description": ODD[word], "not": {}}):
        project.write("p/a.yaml", written(content))
        judged(project)


def test_what_is_odd_and_yet_valid_stays_valid(project: Tree) -> None:
    project.write("jobs/a.yaml", written(with_value(JOB_DOCUMENT, ("spec", "Description"), ODD["unicode"])))
    assert judged(project)
