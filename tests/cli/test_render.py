"""`render` prints what would be applied: canonical, masked, and itself valid manifests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from dlcapply.manifest.load import LoadRequest, load

SCHEMAS = Path(__file__).parents[2] / "schemas"


@pytest.fixture
def rendered_schema():
    schemas = [
        json.loads((SCHEMAS / f"{name}.v1.schema.json").read_text("utf-8")) for name in ("job", "render")
    ]
    registry = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in schemas)
    return Draft202012Validator(schemas[1], registry=registry)


def test_jobs_come_by_name_and_are_valid_manifests_themselves(project):
    for name in ("b", "a"):
        project.job(name)
    printed = project.run("render")
    assert (printed.code, printed.err) == (0, "")
    documents = list(yaml.safe_load_all(printed.out))
    assert [document["metadata"]["name"] for document in documents] == ["a", "b"]
    assert documents[0]["spec"]["WorkspaceId"] == "1001"
    assert documents[0]["spec"]["Envs"] == {"LR": "1e-4"}
    before, after = load(LoadRequest()), load(LoadRequest(("-",), stdin=printed.out.encode()))
    assert after.findings == ()
    assert [(job.key, job.spec) for job in after.jobs] == [(job.key, job.spec) for job in before.jobs]


def test_rendering_what_was_rendered_changes_nothing(project):
    project.job("a")
    once = project.run("render").out
    project.write("jobs/a.yaml", once)
    assert project.run("render").out == once


def test_origins_stand_beside_the_values(project):
    project.job("a")
    rows = project.run("render", "--origins").out.splitlines()
    assert "  name: a  # jobs/a.yaml:3" in rows
    assert '  WorkspaceId: "1001"  # dlcapply.yaml:6 (environment)' in rows


def test_json_holds_the_manifests_and_their_origins(project, rendered_schema):
    project.job("a")
    document = json.loads(project.run("render", "-o", "json").out)
    rendered_schema.validate(document)
    assert document["format_version"] == 1
    (job,) = document["jobs"]
    assert list(job) == ["manifest"]
    assert job["manifest"] == yaml.safe_load(project.run("render").out)
    document = json.loads(project.run("render", "-o", "json", "--origins").out)
    rendered_schema.validate(document)
    assert document["jobs"][0]["origins"]["metadata.name"] == "jobs/a.yaml:3"


def test_secrets_are_masked_and_that_is_said(project):
    project.job("a", 'Envs: {LR: "1e-4"}', "Envs: {DB_PASSWORD: hunter2, URL: 'pg://me:hunter2@db'}")
    for arguments in ((), ("--origins",), ("-o", "json")):
        printed = project.run("render", *arguments)
        assert "hunter2" not in printed.out + printed.err
        assert "(masked)" in printed.out
        assert "not for applying" in printed.err


def test_invalid_manifests_are_reported_and_nothing_is_printed(project):
    project.job("a", "PodCount: 1", "PodCount: many")
    printed = project.run("render")
    assert (printed.code, printed.out) == (4, "")
    assert "jobs/a.yaml:11:17" in printed.err


def test_forms_can_go_to_files_beside_yaml_on_stdout(project):
    project.job("a")
    printed = project.run("render", "-o", "json=all.json")
    assert printed.out.startswith("---\napiVersion: dlcapply/v1\n")
    assert json.loads((project.folder / "all.json").read_text())["jobs"]
    assert project.run("render", "-o", "text").code == 64


def test_variables_and_the_selection_count(project):
    project.configure()
    text = (project.folder / "dlcapply.yaml").read_text()
    project.write("dlcapply.yaml", text + "variables: {n: {type: integer, default: 1}}\n")
    project.job("a", "PodCount: 1", "PodCount: ${{ var.n }}")
    project.job("b")
    printed = project.run("render", "--var", "n=3", "--select", "a", "--origins")
    (document,) = yaml.safe_load_all(printed.out)
    assert document["spec"]["JobSpecs"][0]["PodCount"] == 3
    assert "PodCount: 3  # jobs/a.yaml:11, var.n from --var" in printed.out
