"""The canonical form composes to itself, in one order of keys, and says where each value came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcapply.manifest.canonical import Composed, composed_of, effective
from dlcapply.manifest.check import CheckContext
from dlcapply.manifest.compose.extends import Parents
from dlcapply.manifest.compose.list_keys import KEYED, key_of
from dlcapply.manifest.compose.merge import compose
from dlcapply.manifest.compose.variables import substituted
from dlcapply.manifest.nodes import Node, leaves, plain
from dlcapply.manifest.yaml.reader import read
from dlcapply.manifest.yaml.writer import to_yaml
from tests.manifest.trees import Tree, manifest


def node(value: object) -> Node:
    (document,) = read(json.dumps(value).encode(), "f.yaml").documents
    return document


def in_order(value: dict) -> dict:
    """The order of items that are told apart by a key means nothing."""
    spec = value.get("spec", {})
    sources = sorted(spec.get("DataSources", ()), key=lambda source: json.dumps(source, sort_keys=True))
    return {**value, "spec": {**spec, "DataSources": sources}}


VALUES = {"b": "/b", "sign": "${{ var.b }}"}
KNOWN = {name: node(value) for name, value in VALUES.items()}
SCALARS = st.sampled_from([None, 1, 2, "x", "y", True, "${{ var.b }}", "a $${{ $${{ }} ${{ var.sign }}"])
TREES = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        SCALARS,
        lambda below: (
            st.dictionaries(st.sampled_from("abc"), below, max_size=3) | st.lists(below, max_size=2)
        ),
        max_leaves=6,
    ),
    max_size=3,
)
PATHS = ["/a", "/b", "/b/", "${{ var.b }}", "/c", "$${{ var.b }}", "/${{ var.sign }}"]
SOURCES = st.builds(lambda tree, path: tree | {"MountPath": path}, TREES, st.sampled_from(PATHS)) | st.builds(
    lambda tree, dataset: tree | {"DataSourceId": dataset}, TREES, st.sampled_from(["d-1", "d-2"])
)


def key(source: dict) -> tuple[str, str] | None:
    return key_of(node(source), KEYED["spec", "DataSources"], KNOWN)


SPECS = st.builds(
    lambda tree, sources: tree | ({"DataSources": sources} if sources else {}),
    TREES,
    st.lists(SOURCES, max_size=4, unique_by=key),
)


@given(SPECS, SPECS, SPECS)
def test_composing_what_was_composed_changes_nothing(defaults: dict, parent: dict, spec: dict) -> None:
    context = CheckContext(Parents(Path()), defaults=node({"spec": defaults}), values=KNOWN)
    layers = compose(node({"spec": spec}), KNOWN, parent=node({"spec": parent}), defaults=context.defaults)
    composed, findings = substituted(layers[0], KNOWN)
    assert findings == layers[1] == ()
    written = composed_of(composed, "f.yaml", context).document
    again, removals = compose(node(plain(written)), KNOWN, defaults=context.defaults)
    replaced, findings = substituted(again, KNOWN)
    assert removals == findings == ()
    assert in_order(plain(replaced)) == in_order(plain(composed))


@given(SPECS, SPECS, st.sets(st.integers(0, 3)))
def test_what_a_file_removes_of_the_defaults_stays_removed(defaults: dict, spec: dict, gone: set) -> None:
    kept = {key(source) for source in spec.get("DataSources", ())}
    removals = [
        {name: source[name], "$remove": True}
        for index, source in enumerate(defaults.get("DataSources", ()))
        if index in gone and key(source) not in kept
        for name in source.keys() & {"MountPath", "DataSourceId"}
    ]
    sources = [*removals, *spec.get("DataSources", ())]
    test_composing_what_was_composed_changes_nothing.hypothesis.inner_test(
        defaults, {}, spec | ({"DataSources": sources} if sources else {})
    )


@pytest.fixture
def project(tree: Tree) -> Tree:
    tree.project(
        """
        variables: {workers: {type: integer, default: 2}, unused: {type: string, default: x}}
        defaults:
          spec: {Priority: 3, Settings: {EnableRDMA: true, Tags: {team: vision}}}
        environments:
          local: {region: cn-hangzhou, workspaceId: "1001"}
        """
    )
    tree.write("bases/base.yaml", manifest("base", "  Envs: {B: base, A: base}\n"))
    tree.write(
        "jobs/a.yaml",
        """\
apiVersion: dlcapply/v1
kind: Job
spec:
  Settings: {Tags: null}
  Description: "${{ var.workers }} nodes"
  ResourceId: quota1
  JobSpecs:
    - {ResourceConfig: {GPU: "1"}, EcsSpec: null, PodCount: "${{ var.workers }}", Type: Worker}
extends: ../bases/base.yaml
metadata: {name: a}
""",
    )
    return tree


def composed(tree: Tree, **asked) -> Composed:
    loaded = tree.load(keeps_composed=True, **asked)
    assert loaded.findings == ()
    (one,) = loaded.composed
    return one


def keys(value: dict) -> Iterator[str]:
    for key, below in value.items():
        yield key
        if isinstance(below, dict):
            yield from keys(below)


def test_keys_stand_in_the_order_of_the_schema_and_maps_of_names_by_name(project: Tree) -> None:
    value = plain(composed(project).document)
    assert [key for key in keys(value) if key != "WorkspaceId"] == [
        *("apiVersion", "kind", "metadata", "name", "spec", "JobType", "JobSpecs", "UserCommand"),
        *("JobMaxRunningTimeMinutes", "ResourceId", "Priority", "Description", "Envs", "A", "B"),
        *("Settings", "Tags", "EnableRDMA"),
    ]
    assert list(value["spec"]["JobSpecs"][0]) == ["Type", "PodCount", "Image", "ResourceConfig"]


def test_what_the_file_takes_from_the_defaults_is_null_and_absent_in_the_job(project: Tree) -> None:
    value = plain(composed(project).document)
    assert value["spec"]["Settings"] == {"Tags": None, "EnableRDMA": True}
    assert effective(value)["spec"]["Settings"] == {"EnableRDMA": True}


def test_it_loads_to_the_same_job(project: Tree) -> None:
    text = to_yaml(plain(composed(project).document))
    (before,), (after,) = project.load().jobs, project.load("-", stdin=text).jobs
    assert (after.key, after.spec, after.rules, after.labels, after.env_from) == (
        *(before.key, before.spec, before.rules, before.labels, before.env_from),
    )


def test_each_value_names_the_file_and_line_it_was_written_at_and_the_way_it_took(project: Tree) -> None:
    one = composed(project, variables={"workers": "4"})
    origins = {path: one.sources.of(leaf) for path, leaf in leaves(one.document)}
    assert origins["metadata.name"] == "jobs/a.yaml:10"
    assert origins["spec.Envs.A"] == "bases/base.yaml:10 (extends)"
    assert origins["spec.Priority"] == "dlcapply.yaml:7 (defaults)"
    assert origins["spec.WorkspaceId"] == "dlcapply.yaml:9 (environment)"
    assert origins["spec.Settings.Tags"] == "removes dlcapply.yaml:7 (defaults)"
    assert origins["spec.JobSpecs[0].PodCount"] == "jobs/a.yaml:8, var.workers from --var"
    assert origins["spec.Description"] == "jobs/a.yaml:5, var.workers from --var"
    by_default = composed(project)
    origins = {path: by_default.sources.of(leaf) for path, leaf in leaves(by_default.document)}
    assert origins["spec.Description"] == "jobs/a.yaml:5, var.workers from dlcapply.yaml:5"


def test_composed_manifests_are_kept_only_where_asked_for(project: Tree) -> None:
    assert project.load().composed == ()
