"""Every file in examples/ is run; the workflows are in tests/workflows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dlcapply.emulator import Emulator, Switches
from dlcapply.manifest.load import LoadRequest, load
from dlcapply.manifest.timezones import zone_of
from dlcapply.model.jobs import OnChange, RunRules
from dlcapply.rendering.plan_documents import plan_document
from tests.builders import ENVIRONMENT, a_job, a_plan, a_run

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A copy of manifests/ in the working directory, all of whose environments are one emulator."""
    folder = tmp_path / "manifests"
    shutil.copytree(ROOT / "manifests", folder, ignore=shutil.ignore_patterns(".dlcapply"))
    monkeypatch.chdir(tmp_path)
    with Emulator(switches=Switches(check_references=False)) as emulator:
        project = folder / "dlcapply.yaml"
        text = project.read_text(encoding="utf-8")
        endpoint = f"    endpoint: http://{emulator.endpoint}\n"
        text = text.replace("    endpoint: emulator\n", "").replace("    region:", f"{endpoint}    region:")
        project.write_text(re.sub(r"    limits:.*\n", "", text), encoding="utf-8")
        yield folder


def _with_policies(repository):
    shutil.copytree(EXAMPLES / "policies", repository / "policies", dirs_exist_ok=True)
    project = repository / "dlcapply.yaml"
    more = 'planPolicies: ["policies/*.plan.schema.json"]\ntimezone: Asia/Shanghai\n'
    project.write_text(project.read_text("utf-8") + more, "utf-8")


def test_the_policies_refuse_what_they_name(repository):
    _with_policies(repository)
    found = {(finding.rule, finding.place.file) for finding in load(LoadRequest(("manifests",))).findings}
    assert found == {("policy:require-team-label", "manifests/jobs/imaging/vit-large-pretrain.yaml")}


FRIDAY_EVENING = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)  # half past five in Shanghai
LARGE = a_job(labels={"team": "imaging"}, JobMaxRunningTimeMinutes=60 * 20_000)
UNLIMITED = a_job(labels={"team": "imaging"}, JobMaxRunningTimeMinutes=None)
REPLACED = a_job(labels={"team": "imaging"}, rules=RunRules(on_change=OnChange.REPLACE), UserCommand="new")


@pytest.mark.parametrize(
    ("name", "job", "asked", "refused_by"),
    [
        ("local", a_job(labels={"team": "imaging"}), {}, set()),
        ("local", a_job(labels={"team": "imaging"}), {"now": FRIDAY_EVENING}, {"no-friday-evening-creates"}),
        ("local", a_job(), {}, {"accelerator-hours-per-team"}),
        ("local", LARGE, {}, {"accelerator-hours-per-team"}),
        ("local", UNLIMITED, {}, {"accelerator-hours-per-team"}),
        ("local", REPLACED, {"live": (a_run(a_job()),)}, set()),
        ("prod", REPLACED, {"live": (a_run(a_job()),)}, {"no-replace-in-prod"}),
    ],
)
def test_the_policies_on_the_plan_refuse_what_they_name(repository, name, job, asked, refused_by):
    _with_policies(repository)
    loaded = load(LoadRequest(("manifests",), environment=name))
    environment, zone = replace(ENVIRONMENT, name=name), zone_of(loaded.environment.timezone)
    plan = a_plan(job, environment=environment, zone=zone, allow_replace=frozenset({"train"}), **asked)
    found = {finding.rule for finding in loaded.plan_policies.findings(plan_document(plan))}
    assert found == {f"policy:{policy}.plan" for policy in refused_by}


@pytest.mark.usefixtures("repository")
def test_the_library_example_prints_a_plan():
    example = [sys.executable, str(EXAMPLES / "library.py"), "manifests"]
    done = subprocess.run(example, capture_output=True, text=True, check=True, env=dict(os.environ))
    lines = done.stdout.splitlines()
    assert len(lines) == 10
    assert lines[0] == "augmentation-search-ray: create, because no run of this job yet"


def test_every_example_is_listed_and_every_listed_one_exists():
    listed = set(re.findall(r"\]\(([^)]+)\)", (EXAMPLES / "README.md").read_text(encoding="utf-8")))
    files = {path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.rglob("*") if path.is_file()}
    assert listed == files - {"README.md"}
