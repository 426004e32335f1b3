"""Defaults < parent < file, each value at its own place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcapply.manifest.compose.merge import compose
from dlcapply.manifest.nodes import Node, deepest, plain
from dlcapply.manifest.yaml.reader import read


def node(source: str, file: str = "file") -> Node:
    (document,) = read(source.encode(), file).documents
    return document


def layered(document: str, parent: str = "{}", defaults: str = "{}", **values: object):
    """(what is composed, the findings): each value is a variable's."""
    known = {name: node(json.dumps(value), "variables") for name, value in values.items()}
    under = {"parent": node(parent, "parent"), "defaults": node(defaults, "defaults")}
    return compose(node(document), known, **under)


def composed(*layers: str, **values: object) -> object:
    result, findings = layered(*layers, **values)
    assert findings == ()
    return plain(result)


def test_the_file_wins_over_the_parent_over_the_defaults() -> None:
    layers = ("spec: {A: file}", "spec: {A: parent, B: parent}", "spec: {A: d, B: d, C: d}")
    assert composed(*layers) == {"spec": {"A": "file", "B": "parent", "C": "d"}}


def test_maps_merge_deeply_and_other_lists_are_replaced() -> None:
    layers = ("spec: {S: {T: {x: 1}}, L: [3]}", "spec: {S: {T: {x: 0, y: 2}}, L: [1, 2]}")
    assert composed(*layers) == {"spec": {"S": {"T": {"x": 1, "y": 2}}, "L": [3]}}


def test_null_removes_a_key_wherever_it_stands() -> None:
    layers = ("{spec: {A: ~, S: {x: ~}, N: {z: ~}, L: [{q: ~}]}}", "{spec: {A: 1, S: {x: 1, y: 2}}}")
    assert composed(*layers) == {"spec": {"S": {"y": 2}, "N": {}, "L": [{}]}}


def test_roles_merge_by_type_in_the_parents_order() -> None:
    document = "spec: {JobSpecs: [{Type: Worker, PodCount: 4}, {Type: Extra}]}"
    parent = "spec: {JobSpecs: [{Type: Master, PodCount: 1}, {Type: Worker, PodCount: 1, Image: i}]}"
    assert composed(document, parent) == {
        "spec": {
            "JobSpecs": [
                {"Type": "Master", "PodCount": 1},
                {"Type": "Worker", "PodCount": 4, "Image": "i"},
                {"Type": "Extra"},
            ]
        }
    }


def test_data_sources_merge_by_mount_path() -> None:
    document = "spec: {DataSources: [{MountPath: /a, MountAccess: RO}]}"
    parent = "spec: {DataSources: [{MountPath: /b, Uri: b}, {MountPath: /a, Uri: a}]}"
    assert composed(document, parent) == {
        "spec": {
            "DataSources": [
                {"MountPath": "/b", "Uri": "b"},
                {"MountPath": "/a", "Uri": "a", "MountAccess": "RO"},
            ]
        }
    }


def test_roles_whose_type_is_a_variable_merge_with_those_it_stands_for() -> None:
    parent = "spec: {JobSpecs: [{Type: Worker, PodCount: 1, Image: i}]}"
    document = "spec: {JobSpecs: [{Type: '${{ var.role }}', PodCount: 4}]}"
    merged = {"PodCount": 4, "Image": "i"}
    assert composed(document, parent, role="Worker") == {
        "spec": {"JobSpecs": [{"Type": "${{ var.role }}", **merged}]}
    }
    part = document.replace("${{ var.role }}", "W${{ var.rest }}")
    assert composed(part, parent, rest="orker")["spec"]["JobSpecs"] == [
        {"Type": "W${{ var.rest }}", **merged}
    ]
    assert composed(parent, document, role="Worker")["spec"]["JobSpecs"] == [
        {"Type": "Worker", "PodCount": 1, "Image": "i"}
    ]


def test_a_type_that_has_no_value_merges_with_none() -> None:
    layer = "spec: {JobSpecs: [{Type: '${{ var.role }}'}]}"
    assert len(composed(layer, layer)["spec"]["JobSpecs"]) == 2
    assert len(composed(layer, layer, role=3)["spec"]["JobSpecs"]) == 2


@pytest.mark.parametrize("other", ["/mnt/a/", "/mnt//a", "/mnt/./a", "//mnt/a", "/${{ var.mount }}/a"])
def test_mount_paths_are_compared_as_mounts(other: str) -> None:
    document = f"spec: {{DataSources: [{{MountPath: '{other}', MountAccess: RO}}]}}"
    parent = "spec: {DataSources: [{MountPath: /mnt/a, Uri: a}]}"
    assert composed(document, parent, mount="mnt")["spec"]["DataSources"] == [
        {"MountPath": other, "MountAccess": "RO", "Uri": "a"}
    ]


def test_data_sources_without_a_mount_path_merge_by_what_they_are_of() -> None:
    document = "spec: {DataSources: [{DataSourceId: d-1, MountAccess: RO}, {Uri: u, Options: o}]}"
    parent = "spec: {DataSources: [{DataSourceId: d-1}, {Uri: u}, {MountPath: d-1, Uri: x}]}"
    assert composed(document, parent)["spec"]["DataSources"] == [
        {"DataSourceId": "d-1", "MountAccess": "RO"},
        {"Uri": "u", "Options": "o"},
        {"MountPath": "d-1", "Uri": "x"},
    ]


ROLES = "spec: {JobSpecs: [{Type: Master, PodCount: 1}, {Type: Worker, PodCount: 2}]}"
WORKER = {"Type": "Worker", "PodCount": 2}


def test_a_removal_takes_an_inherited_item_away() -> None:
    removal = "spec: {JobSpecs: [{Type: Master, $remove: true}]}"
    assert composed(removal, ROLES) == {"spec": {"JobSpecs": [WORKER]}}
    assert composed("spec: {}", removal, ROLES) == {"spec": {"JobSpecs": [WORKER]}}
    assert composed(removal, "{}", ROLES) == {"spec": {"JobSpecs": [WORKER]}}


def test_a_removal_is_found_by_the_key_that_is_meant() -> None:
    removal = "spec: {JobSpecs: [{Type: '${{ var.role }}', $remove: true}]}"
    assert composed(removal, ROLES, role="Master") == {"spec": {"JobSpecs": [WORKER]}}
    mounts = "spec: {DataSources: [{MountPath: /a, Uri: a}, {DataSourceId: d-1}, {MountPath: /b, Uri: b}]}"
    removals = "spec: {DataSources: [{MountPath: /a/, $remove: true}, {DataSourceId: d-1, $remove: true}]}"
    assert composed(removals, mounts) == {"spec": {"DataSources": [{"MountPath": "/b", "Uri": "b"}]}}


def test_a_file_can_describe_anew_what_its_parent_removed() -> None:
    removal = "spec: {JobSpecs: [{Type: Master, $remove: true}]}"
    assert composed("spec: {JobSpecs: [{Type: Master, Image: i}]}", removal, ROLES) == {
        "spec": {"JobSpecs": [WORKER, {"Type": "Master", "Image": "i"}]}
    }


@pytest.mark.parametrize(
    ("items", "message", "hint"),
    [
        ("{Type: Mastre, $remove: true}", "there is no Type Mastre to remove", "did you mean Master?"),
        (
            "{Type: PS, $remove: true}",
            "there is no Type PS to remove",
            "leave it out: no parent and no defaults have it",
        ),
        (
            "{Type: Master, $remove: yes}",
            "$remove must be true",
            "leave the item out to keep what is inherited",
        ),
        (
            "{$remove: true}",
            "$remove stands without the key of an item",
            "for example {Type: Master, $remove: true}",
        ),
        (
            "{Type: Master, PodCount: 2, $remove: true}",
            "an item to remove takes no PodCount",
            "write {Type: Master, $remove: true}",
        ),
        (
            "{Type: Master, $remove: true}, {Type: Master, PodCount: 3}",
            "Type Master is removed and described in one list",
            "keep one of the two",
        ),
    ],
)
def test_a_removal_that_is_none_is_one_finding(items: str, message: str, hint: str) -> None:
    result, (finding,) = layered(f"spec: {{JobSpecs: [{items}]}}", ROLES)
    assert (finding.rule, finding.message, finding.hint) == ("removal", message, hint)
    assert (finding.place.file, finding.path) == ("file", "spec.JobSpecs[0].$remove")
    assert "$remove" not in str(plain(result))


@pytest.mark.parametrize("key", ["JobSpecs: [{Type: W", "DataSources: [{MountPath: /a"])
def test_a_removal_without_a_layer_below_removes_nothing(key: str) -> None:
    removal = f"spec: {{{key}, $remove: true}}]}}"
    for layers in ((removal,), ("{}", "{}", removal)):
        result, (finding,) = layered(*layers)
        assert finding.message.startswith("there is no ")
        assert "$remove" not in str(plain(result))


def test_items_without_a_key_and_repeated_ones_are_kept_for_the_rules() -> None:
    document = "spec: {JobSpecs: [{Type: W, P: 1}, {Type: W, P: 2}, {X: 1}, 5, {Type: 3}]}"
    parent = "spec: {JobSpecs: [{Type: W, P: 0}, {Y: 1}]}"
    assert composed(document, parent) == {
        "spec": {
            "JobSpecs": [{"Type": "W", "P": 1}, {"Y": 1}, {"Type": "W", "P": 2}, {"X": 1}, 5, {"Type": 3}]
        }
    }


def test_lists_are_keyed_in_spec_only() -> None:
    layers = (
        "{JobSpecs: [{Type: W}], spec: {S: {JobSpecs: [1]}}}",
        "{JobSpecs: [{Type: M}], spec: {S: {JobSpecs: [2]}}}",
    )
    assert composed(*layers) == {"JobSpecs": [{"Type": "W"}], "spec": {"S": {"JobSpecs": [1]}}}


def test_a_value_of_another_kind_replaces() -> None:
    assert composed("spec: {JobSpecs: no, S: 1}", "spec: {JobSpecs: [{Type: W}], S: {x: 1}}") == {
        "spec": {"JobSpecs": "no", "S": 1}
    }


def test_the_parents_name_and_extends_do_not_get_through() -> None:
    parent = "{metadata: {name: parent, labels: {a: b}}, extends: x}"
    assert composed("{extends: y, spec: {}}", parent) == {"metadata": {"labels": {"a": "b"}}, "spec": {}}


def test_each_value_keeps_its_own_place() -> None:
    result, _ = layered("spec:\n  A: 1\n", "spec:\n\n  B: 2\n", "spec: {C: 3}")
    places = [str(deepest(result, ("spec", key)).place) for key in "ABC"]
    assert places == ["file:2:6", "parent:3:6", "defaults:1:11"]
    assert str(result.place) == "file:1:1"


JSON = st.recursive(
    st.integers() | st.text("ab", max_size=2),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from("abc"), below, max_size=3),
    max_leaves=8,
)
MAPS = st.dictionaries(st.sampled_from("abc"), JSON, max_size=3)


def from_json(value: object) -> Node:
    (document,) = read(repr(value).encode(), "f").documents
    return document


@settings(deadline=None)
@given(MAPS)
def test_a_file_alone_composes_to_itself(document: dict[str, object]) -> None:
    composed, findings = compose(from_json(document), {})
    assert (plain(composed), findings) == (document, ())


def leaves(value: object, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], object]:
    """What the value holds besides maps, by path."""
    if not isinstance(value, dict):
        return {path: value}
    return {key: leaf for name, below in value.items() for key, leaf in leaves(below, (*path, name)).items()}


@settings(deadline=None)
@given(MAPS, MAPS)
def test_all_of_the_file_is_in_the_result_and_nothing_that_no_layer_holds(document, parent) -> None:
    composed, _ = compose(from_json(document), {}, parent=from_json(parent))
    result = leaves(plain(composed))
    assert leaves(document).items() <= result.items()
    assert result.keys() <= leaves(document).keys() | leaves(parent).keys()
