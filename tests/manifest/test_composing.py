"""Defaults < parent < file, each value at its own place."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dlcapply.manifest.composing import compose
from dlcapply.manifest.nodes import Node, deepest, plain
from dlcapply.manifest.reading import read


def node(source: str, file: str = "file") -> Node:
    (document,) = read(source.encode(), file).documents
    return document


def composed(document: str, parent: str = "{}", defaults: str = "{}") -> object:
    return plain(compose(node(document), parent=node(parent, "parent"), defaults=node(defaults, "defaults")))


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
    result = compose(
        node("spec:\n  A: 1\n"),
        parent=node("spec:\n\n  B: 2\n", "parent"),
        defaults=node("spec: {C: 3}", "defaults"),
    )
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
    assert plain(compose(from_json(document))) == document


def leaves(value: object, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], object]:
    """What the value holds besides maps, by path."""
    if not isinstance(value, dict):
        return {path: value}
    return {key: leaf for name, below in value.items() for key, leaf in leaves(below, (*path, name)).items()}


@settings(deadline=None)
@given(MAPS, MAPS)
def test_all_of_the_file_is_in_the_result_and_nothing_that_no_layer_holds(document, parent) -> None:
    result = leaves(plain(compose(from_json(document), parent=from_json(parent))))
    assert leaves(document).items() <= result.items()
    assert result.keys() <= leaves(document).keys() | leaves(parent).keys()
