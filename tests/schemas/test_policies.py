"""Each policy in manifests/policies refuses what it is there for, at its line and in its own words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dlcapply.manifest.load import LoadRequest, load

FOLDER = Path(__file__).parents[2] / "manifests" / "policies"
POLICIES = sorted(FOLDER.glob("*.schema.json"))
PROJECT = """\
apiVersion: dlcapply/v1
kind: Project
metadata: {name: vision}
manifests: ["*.yaml"]
policies: ["policies/*.schema.json"]
environments: {local: {region: cn-hangzhou, workspaceId: "1001"}}
"""
GOOD = """\
apiVersion: dlcapply/v1
kind: Job
metadata: {name: a, labels: {team: vision, shared: search}}
spec:
  JobType: PyTorchJob
  ResourceId: quota1
  JobMaxRunningTimeMinutes: 14400
  Accessibility: PUBLIC
  UserCommand: python train.py
  JobSpecs:
    - Type: Worker
      PodCount: 16
      ResourceConfig: {GPU: "8"}
      Image: vision-registry-vpc.cn-hangzhou.cr.aliyuncs.com/vision/train:3
"""
# policy: (what is written instead, at which line, what the message says)
BAD = [
    ("labels", ("team: vision, ", ""), 3, "the label team"),
    ("labels", ("team: vision", "team: Vision Team"), 3, "in lower case"),
    ("labels", (", labels: {team: vision, shared: search}", ""), 3, "carries labels"),
    ("gpus", ("PodCount: 16", "PodCount: 17"), 12, "at most 16 pods"),
    ("gpus", ('GPU: "8"', 'GPU: "3"'), 13, "1, 2, 4 or 8 GPUs"),
    ("registries", ("vision-registry-vpc.", "other-registry."), 14, "from PAI's own registry or"),
    ("public", (", shared: search", ""), 8, "says for whom"),
    ("running-time", ("14400", "14401"), 7, "more than ten days"),
    ("running-time", ("  JobMaxRunningTimeMinutes: 14400\n", ""), 5, "when it is stopped"),
]


@pytest.fixture
def findings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(FOLDER, tmp_path / "policies")
    (tmp_path / "dlcapply.yaml").write_text(PROJECT)

    def found(text):
        (tmp_path / "a.yaml").write_text(text)
        return [item for item in load(LoadRequest()).findings if item.rule.startswith("policy:")]

    return found


def test_a_good_job_passes_them_all(findings):
    assert findings(GOOD) == []


@pytest.mark.parametrize(("policy", "change", "line", "words"), BAD, ids=lambda value: str(value)[:24])
def test_a_bad_job_has_one_finding_at_its_line(findings, policy, change, line, words):
    assert change[0] in GOOD
    (finding,) = [item for item in findings(GOOD.replace(*change)) if item.rule == f"policy:{policy}"]
    assert (finding.place.file, finding.place.line) == ("a.yaml", line)
    assert words in finding.message


def test_two_violations_are_two_findings(findings):
    found = findings(GOOD.replace("PodCount: 16", "PodCount: 17").replace('GPU: "8"', 'GPU: "3"'))
    assert [item.place.line for item in found] == [12, 13]


def test_every_policy_is_tried():
    assert {path.name.removesuffix(".schema.json") for path in POLICIES} == {policy for policy, *_ in BAD}


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.name)
def test_a_policy_is_a_schema_with_a_title(path):
    schema = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["title"]
