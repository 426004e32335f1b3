"""A misspelt key is one finding, at every level, and hides nothing else that is wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator

import pytest
from alibabacloud_pai_dlc20201203.models import CreateJobRequest, ListJobsResponseBody

from dlcapply.errors import InvalidManifestsError
from dlcapply.manifest.schema.answer_keys import ANSWERED
from dlcapply.manifest.schema.shipped import JOB, validator
from tests.manifest.trees import Tree, manifest, rules
from tests.schemas.test_sdk_coverage import GetJobResponseBody, JobItem, sdk_keys

WHOLE = {
    "apiVersion": "dlcapply/v1",
    "kind": "Job",
    "metadata": {"name": "train", "labels": {"team": "vision"}},
    "run": {"state": "present", "notAfter": "2030-01-01T00:00:00Z"},
    "envFrom": [{"name": "A", "fromEnv": "A"}],
    "waivers": [{"rule": "image-tag-latest", "reason": "on purpose, for this one"}],
    "spec": {
        "JobType": "TFJob",
        "UserCommand": "python train.py",
        "JobMaxRunningTimeMinutes": 60,
        "ResourceId": "quota1",
        "Envs": {"LR": "1"},
        "JobSpecs": [
            {
                "Type": "Worker",
                "PodCount": 1,
                "ResourceConfig": {"CPU": "4", "Memory": "8Gi"},
                "Image": "registry.example.com/train:1",
            }
        ],
        "DataSources": [{"DataSourceId": "d-1", "MountPath": "/a"}, {"Uri": "oss://b/c/", "MountPath": "/b"}],
        "CodeSource": {"CodeSourceId": "code-1", "MountPath": "/c"},
        "UserVpc": {"VpcId": "v", "SwitchId": "s", "SecurityGroupId": "g", "ExtendedCIDRs": ["10.0.0.0/8"]},
        "Settings": {"EnableRDMA": True, "Tags": {"a": "b"}},
    },
}
OPEN = {"labels", "Envs", "Tags"}


BODY = "this is the body of CreateJob alone, not a manifest"


def keys(value: object, path: tuple = ()) -> Iterator[tuple]:
    """The path of every key that the schema names."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield (*path, key)
            if key not in OPEN:
                yield from keys(below, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from keys(item, (*path, index))


def renamed(path: tuple, name: str) -> dict:
    document = copy.deepcopy(WHOLE)
    holder: object = document
    for step in path[:-1]:
        holder = holder[step]
    entries = list(holder.items())
    holder.clear()
    holder.update((name if key == path[-1] else key, value) for key, value in entries)
    return document


def snake(key: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in key).lstrip("_")


def missing_a_letter(key: str) -> str:
    return key[:-2] + key[-1] if len(key) > 4 else key


@pytest.mark.parametrize("spelling", [str.upper, snake, missing_a_letter])
@pytest.mark.parametrize("path", list(keys(WHOLE)), ids=lambda path: ".".join(map(str, path)))
def test_one_misspelt_key_is_one_finding(tree: Tree, path: tuple, spelling) -> None:
    assert validator(JOB).accepts(WHOLE)
    name = spelling(path[-1])
    if name in {path[-1], "spec"} or (path == ("apiVersion",) and spelling is not missing_a_letter):
        return
    tree.write("a.yaml", json.dumps(renamed(path, name)))
    found = [(item.rule, item.hint) for item in tree.load("a.yaml", needs_environment=False).findings]
    assert found == [("unknown-key", f"did you mean {path[-1]}?")]


def test_what_stands_under_a_misspelt_key_is_judged_where_only_its_spelling_is_wrong(tree: Tree) -> None:
    tree.write("a.yaml", manifest("a").replace("JobSpecs", "job_specs").replace("PodCount: 1", "podcount: x"))
    found = tree.load("a.yaml", needs_environment=False)
    assert [rule for rule, _ in rules(found)] == ["unknown-key", "unknown-key", "wrong-type"]


def test_what_stands_under_a_guess_is_not_judged(tree: Tree) -> None:
    tree.write("a.yaml", manifest("a", "  Prioritty: high\n"))
    found = tree.load("a.yaml", needs_environment=False)
    assert [rule for rule, _ in rules(found)] == ["unknown-key"]


def test_a_key_that_is_there_twice_in_two_spellings_stays_unknown(tree: Tree) -> None:
    tree.write("a.yaml", manifest("a", "  jobType: TFJob\n"))
    (finding,) = tree.load("a.yaml", needs_environment=False).findings
    assert (finding.rule, finding.hint) == ("unknown-key", "did you mean JobType?")


def test_a_key_that_is_passed_through_is_not_guessed_at(tree: Tree) -> None:
    tree.write("a.yaml", manifest("a", "  Prioritty: high\npassthrough: [Prioritty]\n"))
    loaded = tree.load("a.yaml", region="cn-hangzhou", workspace="1001")
    assert [rule for rule, _ in rules(loaded)] == ["passthrough"]
    assert loaded.jobs[0].spec["Prioritty"] == "high"


@pytest.mark.parametrize("key", ["name: a", "displayName: a"])
def test_a_key_at_the_wrong_level_is_one_finding(tree: Tree, key: str) -> None:
    tree.write("a.yaml", manifest("a").replace("metadata: {name: a}", key))
    (finding,) = tree.load("a.yaml", needs_environment=False).findings
    assert (finding.rule, finding.hint) == ("unknown-key", "the name stands in metadata.name")


def test_the_keys_of_answers_are_those_of_the_sdk() -> None:
    answered = {key for model in (JobItem, GetJobResponseBody) for key, _ in sdk_keys(model)}
    taken = {key for key, _ in sdk_keys(CreateJobRequest)}
    assert answered - taken | {key for key, _ in sdk_keys(ListJobsResponseBody)} == ANSWERED


@pytest.mark.parametrize("key", sorted(ANSWERED))
def test_a_key_of_answers_is_left_out_and_never_passed_through(tree: Tree, key: str) -> None:
    tree.write("a.yaml", manifest("a", f"  {key}: x\n"))
    (finding,) = tree.load("a.yaml", needs_environment=False).findings
    assert finding.rule == "unknown-key"
    assert finding.hint.endswith("leave it out")
    tree.write("a.yaml", manifest("a", f"  {key}: x\npassthrough: [{key}]\n"))
    loaded = tree.load("a.yaml", needs_environment=False)
    assert [rule for rule, _ in rules(loaded)] == ["unknown-key", "passthrough-known"]
    assert "passthrough" not in loaded.findings[0].hint


@pytest.mark.parametrize(
    ("content", "rule", "message"),
    [
        (
            "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: {}}}",
            "value",
            "this is Job of batch/v1, not a manifest of dlcapply",
        ),
        (
            "{apiVersion: kubeflow.org/v1, kind: PyTorchJob}",
            "value",
            "this is PyTorchJob of kubeflow.org/v1, not a manifest of dlcapply",
        ),
        (
            "{JobType: PyTorchJob, JobSpecs: []}",
            "missing-key",
            BODY,
        ),
        ("{job_type: PyTorchJob}", "missing-key", BODY),
        ("{JobId: dlc1, JobType: TFJob}", "missing-key", "this is an answer of GetJob, not a manifest"),
        ("{Jobs: [], TotalCount: 0}", "missing-key", "this is an answer of ListJobs, not a manifest"),
    ],
)
def test_what_is_something_else_is_one_finding(tree: Tree, content: str, rule: str, message: str) -> None:
    tree.write("a.yaml", content)
    (finding,) = tree.load("a.yaml", needs_environment=False).findings
    assert (finding.rule, finding.message) == (rule, message)
    assert finding.hint.startswith("write apiVersion: dlcapply/v1, kind: Job")


@pytest.mark.parametrize(
    "content", ["{apiVersion: dlcapply/v2}", "{apiVersion: dlcaply/v1}", "{kind: Job}", "{}"]
)
def test_what_is_meant_to_be_a_manifest_is_judged_as_one(tree: Tree, content: str) -> None:
    tree.write("a.yaml", content)
    assert len(tree.load("a.yaml", needs_environment=False).findings) > 1


def test_misspelt_keys_of_the_project_are_one_finding_each(tree: Tree) -> None:
    environments = "{l: {Region: cn-hangzhou, workspace_id: '1'}}"
    content = f"apiversion: dlcapply/v1\nKind: Project\nmetadata: {{Name: a}}\nenvironments: {environments}\n"
    tree.write("dlcapply.yaml", content)
    with pytest.raises(InvalidManifestsError) as caught:
        tree.load()
    assert [item.rule for item in caught.value.findings] == 5 * ["unknown-key"]


@pytest.mark.parametrize("key", ["Envs", "Settings", "JobSpecs"])
def test_an_empty_key_is_no_key_that_moved(tree: Tree, key: str) -> None:
    value = "[{'': 1}]" if key == "JobSpecs" else "{'': 1}"
    text = manifest("a").partition("  JobSpecs")[0] if key == "JobSpecs" else manifest("a")
    tree.write("a.yaml", f"{text}  {key}: {value}\n")
    loaded = tree.load("a.yaml", region="cn-hangzhou", workspace="1001")
    assert loaded.findings
    assert loaded.jobs == ()
