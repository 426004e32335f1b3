"""In a workflow nothing that a manifest, a file's name or an answer says is obeyed by the runner."""

from __future__ import annotations

import json
from xml.etree.ElementTree import canonicalize

import pytest
import yaml

from dlcapply.emulator import Fault, FaultKind
from tests.runners import commands_in

HOSTILE = "::add-mask::x\\n  ::stop-commands::y\\n##[group]z\\n##vso[task.x]y"
JOB = f"""\
apiVersion: dlcapply/v1
kind: Job
metadata: {{name: hostile, labels: {{a: "##[x]"}}}}
spec:
  JobType: PyTorchJob
  Description: "{HOSTILE}"
  UserCommand: "{HOSTILE}"
  Envs: {{A: "{HOSTILE}"}}
  JobSpecs:
    - {{Type: Worker, PodCount: 1, EcsSpec: ecs.gn7i-c8g1.2xlarge, Image: "registry.example.com/a/##[b]:1"}}
"""
WRONG = '::error::a: 1\n"##[group]b": 2\n'


@pytest.fixture
def workflow(project):
    project.environ["GITHUB_ACTIONS"] = "true"
    project.write("jobs/hostile.yaml", JOB)
    return project


def check(printed):
    assert commands_in(printed.out) == []
    assert commands_in(printed.err) == []
    return printed


def test_no_command_prints_a_command_to_the_runner(workflow):
    workflow.job("other")
    for form in ("text", "json"):
        for words in (["validate"], ["plan", "--full"], ["status"]):
            check(workflow.run(*words, "-o", form))
    check(workflow.run("plan", "--out", "::saved"))
    check(workflow.run("show", "::saved"))
    assert check(workflow.run("apply", "--yes", "--full")).code == 0
    workflow.write("jobs/hostile.yaml", JOB.replace("::add-mask::x", "##[section]x"))
    for words in (["plan", "--full"], ["plan"], ["apply", "--yes"], ["apply", "--plan", "::saved", "--yes"]):
        check(workflow.run(*words))


def test_what_is_rendered_means_the_same(workflow):
    texts = yaml.safe_load(JOB)["spec"]
    rendered = check(workflow.run("render", "--origins"))
    assert yaml.safe_load(rendered.out)["spec"]["UserCommand"] == texts["UserCommand"]
    document = json.loads(check(workflow.run("render", "-o", "json")).out)
    assert document["jobs"][0]["manifest"]["spec"]["Envs"] == texts["Envs"]


def test_findings_in_every_form_but_annotations(workflow):
    workflow.write("::error::file=a.yaml", WRONG)
    workflow.write("##[group]b.yaml", WRONG)
    for form in ("text", "json", "sarif", "junit"):
        printed = check(workflow.run("validate", "::error::file=a.yaml", "##[group]b.yaml", "-o", form))
        assert printed.code == 4
        assert "add" in printed.out or "error" in printed.out


def test_documents_say_the_same_in_a_workflow_and_elsewhere(workflow):
    workflow.write("##[group]b.yaml", WRONG)
    said = {}
    for where in ("true", ""):
        workflow.environ["GITHUB_ACTIONS"] = where
        junit = workflow.run("validate", "##[group]b.yaml", "-o", "junit").out
        sarif = workflow.run("validate", "##[group]b.yaml", "-o", "sarif").out
        said[where] = (canonicalize(junit), json.loads(sarif))
    assert said["true"] == said[""]
    assert "##[group]b" in said[""][0]


def test_annotations_are_the_only_commands_and_hold_no_other(workflow):
    workflow.write("::error::file=a.yaml", WRONG)
    printed = workflow.run("validate", "::error::file=a.yaml", "-o", "github")
    rows = printed.out.splitlines()
    assert rows
    assert all(
        row.startswith(("::error file=%3A%3Aerror%3A%3Afile=a.yaml,line=", "::notice ")) for row in rows
    )
    assert commands_in(printed.err) == []


@pytest.mark.parametrize("words", [("no\n::error::x",), ("--::error::x\n::error::",), ("-o", "::error::")])
def test_wrong_usage(workflow, words):
    assert check(workflow.run("plan", *words)).code == 64


def test_what_the_service_answers(workflow):
    workflow.emulator.fault(Fault("CreateJob", FaultKind.ERROR, status=400, code="::error::\n##[group]x"))
    assert check(workflow.run("apply", "--yes")).code == 1
    workflow.run("apply", "--yes")
    (run,) = workflow.emulator.jobs()
    workflow.emulator.change(run["JobId"], Status="##[group]\n::error::x")
    check(workflow.run("plan"))
    check(workflow.run("status"))
    workflow.emulator.change(run["JobId"], Status="Failed", ReasonMessage="a\n::error::##[group]x")
    check(workflow.run("status"))
    check(workflow.run("apply", "--yes", "--wait"))


def test_elsewhere_nothing_is_escaped(workflow):
    del workflow.environ["GITHUB_ACTIONS"]
    workflow.write("::error::file=a.yaml", WRONG)
    assert commands_in(workflow.run("validate", "::error::file=a.yaml").out)
