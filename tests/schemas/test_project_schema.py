from __future__ import annotations

from copy import deepcopy

import pytest


@pytest.fixture
def project(schemas):
    return deepcopy(schemas["project"]["examples"][0])


def test_the_example_is_a_project(project, problems):
    assert problems(project, "project") == []


@pytest.mark.parametrize("key", ["pricing", "manifest", "environment"])
def test_unknown_keys_are_refused(project, problems, key):
    assert problems({**project, key: {}}, "project") == ["$ additionalProperties"]


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ({"type": "integer", "default": 1, "description": "Pods", "enum": [1, 2]}, []),
        ({"type": "string", "pattern": "^[0-9]+Gi$"}, []),
        ({"default": 1}, ["$.variables.x required"]),
        ({"type": "list"}, ["$.variables.x.type enum"]),
        ({"type": "integer", "default": "1"}, ["$.variables.x.default type"]),
        ({"type": "string", "default": 1}, ["$.variables.x.default type"]),
        ({"type": "boolean", "default": "no"}, ["$.variables.x.default type"]),
        ({"type": "number", "default": 1e-4, "enum": ["a"]}, ["$.variables.x.enum[0] type"]),
        ({"type": "string", "pattern": "("}, ["$.variables.x.pattern format"]),
    ],
)
def test_variables_are_declared_with_a_type(project, problems, declaration, expected):
    assert problems({**project, "variables": {"x": declaration}}, "project") == expected


def test_variables_have_names_that_a_manifest_can_use(project, problems):
    declared = {**project, "variables": {"pod-count": {"type": "integer"}}}
    assert problems(declared, "project") == ["$.variables pattern"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"endpoint": "http://127.0.0.1:8080", "variables": {"workers": 8, "lr": "1e-4"}}, []),
        (
            {
                "limits": {
                    "gpuHours": 4000.5,
                    "cpuHours": 90000,
                    "creates": 20,
                    "stops": 3,
                    "stopsPercent": 30,
                    "unbounded": "allow",
                }
            },
            [],
        ),
        ({"workspaceId": 1001}, ["$.environments.local.workspaceId type"]),
        ({"region": "Hangzhou"}, ["$.environments.local.region pattern"]),
        ({"variables": {"workers": [8]}}, ["$.environments.local.variables.workers type"]),
        ({"limits": {"stopsPercent": 101}}, ["$.environments.local.limits.stopsPercent maximum"]),
        ({"limits": {"creates": -1}}, ["$.environments.local.limits.creates minimum"]),
        ({"limits": {"unbounded": True}}, ["$.environments.local.limits.unbounded enum"]),
        ({"limits": {"gpuhours": 1}}, ["$.environments.local.limits additionalProperties"]),
    ],
)
def test_environments(project, problems, changes, expected):
    project["environments"]["local"] |= changes
    assert problems(project, "project") == expected


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("error", []),
        ("warning", []),
        ("off", []),
        (False, ["$.rules.role enum"]),
        ("info", ["$.rules.role enum"]),
    ],
)
def test_a_rule_has_one_of_three_levels(project, problems, level, expected):
    assert problems({**project, "rules": {"role": level}}, "project") == expected


@pytest.mark.parametrize("key", ["region", "workspaceId"])
def test_an_environment_names_its_region_and_workspace(project, problems, key):
    del project["environments"]["local"][key]
    assert problems(project, "project") == ["$.environments.local required"]


@pytest.mark.parametrize("name", ["a/b", "", "a" * 64, "-a"])
def test_project_and_environment_names_make_an_owner(project, problems, name):
    project["metadata"]["name"] = name
    assert problems(project, "project") == ["$.metadata.name pattern"]
    project["metadata"]["name"] = "vision"
    project["environments"][name] = project["environments"]["local"]
    assert problems(project, "project") == ["$.environments pattern"]


def test_defaults_take_the_sections_of_a_manifest_but_no_name(project, problems):
    defaults = {
        "metadata": {"labels": {"team": "vision"}},
        "run": {"retries": 1},
        "envFrom": [{"name": "KEY", "fromEnv": "KEY"}],
        "spec": {"JobMaxRunningTimeMinutes": "${{ var.minutes }}"},
        "passthrough": ["Settings.QuotaInstanceTypes"],
    }
    assert problems({**project, "defaults": defaults}, "project") == []
    named = {**defaults, "metadata": {"name": "all"}, "extends": "base.yaml"}
    assert problems({**project, "defaults": named}, "project") == [
        "$.defaults additionalProperties",
        "$.defaults.metadata additionalProperties",
    ]
