"""The repository in manifests/ is one that can be copied."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from dlcapply.manifest.load import load
from dlcapply.manifest.load_request import LoadRequest

ROOT = Path(__file__).parents[2] / "manifests"
BASES = sorted(ROOT.glob("bases/*.yaml"))
JOBS = sorted(ROOT.glob("jobs/**/*.yaml"))


def read(path: Path):
    return yaml.safe_load(path.read_text("utf-8"))


def names(paths):
    return [path.relative_to(ROOT).as_posix() for path in paths]


def test_the_project_is_valid(problems):
    assert problems(read(ROOT / "dlcapply.yaml"), "project") == []


@pytest.mark.parametrize("path", BASES, ids=names(BASES))
def test_bases_are_valid(problems, path):
    assert problems(read(path), "base") == []


@pytest.mark.parametrize("path", JOBS, ids=names(JOBS))
def test_jobs_are_valid_and_named_like_their_files(problems, path):
    assert problems(read(path)) == []
    assert read(path)["metadata"]["name"] == path.stem


@pytest.mark.parametrize("path", [ROOT / "dlcapply.yaml", *BASES, *JOBS], ids=lambda path: path.name)
def test_the_first_line_leads_editors_to_the_schema(path):
    kind = "project" if path.name == "dlcapply.yaml" else path.relative_to(ROOT).parts[0].removesuffix("s")
    line = path.read_text("utf-8").splitlines()[0]
    match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", line)
    assert match
    assert (path.parent / match[1]).resolve() == ROOT.parent / "schemas" / f"{kind}.v1.schema.json"


def test_the_project_finds_every_job():
    (glob,) = read(ROOT / "dlcapply.yaml")["manifests"]
    assert sorted(ROOT.glob(glob)) == JOBS
    assert len({path.stem for path in JOBS}) == len(JOBS)


@pytest.mark.parametrize("environment", ["local", "staging", "prod"])
def test_every_environment_gets_every_job_without_a_finding(environment):
    loaded = load(LoadRequest(paths=(str(ROOT),), environment=environment))
    assert loaded.findings == ()
    assert sorted(job.name for job in loaded.jobs) == sorted(path.stem for path in JOBS)


def test_every_parent_is_a_base_and_every_base_a_parent():
    jobs = {path: read(path) for path in JOBS}
    parents = {(path.parent / job["extends"]).resolve() for path, job in jobs.items() if "extends" in job}
    assert parents == set(BASES)


def test_every_variable_is_declared_and_used():
    text = "".join(path.read_text("utf-8") for path in (*BASES, *JOBS))
    used = set(re.findall(r"\$\{\{ *var\.(\w+) *\}\}", text))
    assert used == set(read(ROOT / "dlcapply.yaml")["variables"])


def test_the_frameworks_are_all_there():
    types = {read(path)["spec"].get("JobType") for path in (*BASES, *JOBS)} - {None}
    assert types == {"PyTorchJob", "TFJob", "XGBoostJob", "MPIJob", "RayJob"}
