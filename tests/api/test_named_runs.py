"""The run that a word means, and where it is looked for."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

import dlcapply
from dlcapply.api.load import load_for_runs
from dlcapply.api.options import TargetOptions
from dlcapply.api.runs.named import named_run
from dlcapply.errors import InvalidManifestsError
from dlcapply.model.runs import Ownership

OWNER = {"dlcapply-owner": "vision/local"}


def seed(project, name, status, *, tags=OWNER, **keys):
    (job_id,) = project.emulator.seed(
        {"DisplayName": name, "Status": status, "WorkspaceId": "1001", "Settings": {"Tags": tags}, **keys}
    )
    project.emulator.turn(60)
    return job_id


@contextmanager
def opened(clock, **target):
    manifests = load_for_runs(TargetOptions(**target), {})
    with dlcapply.connect(manifests, clock=clock) as service:
        yield manifests, service


def meant(clock, word, job_id="", **target):
    with opened(clock, **target) as (manifests, service):
        return named_run(manifests, service, word, job_id=job_id)


def test_the_run_of_ours_that_goes_on_is_meant_and_others_are_named(project, clock):
    project.job("train", more="")
    seed(project, "train", "Failed")
    ours = seed(project, "train", "Running")
    theirs = seed(project, "train", "Running", tags={})
    seed(project, "train", "Stopped")
    found = meant(clock, "train")
    assert (found.run.job_id, found.ownership, found.job.name) == (ours, Ownership.OURS, "train")
    assert [run.job_id for run in found.others] == [theirs]


def test_without_one_that_goes_on_the_newest_of_ours_is_meant_whoever_came_later(project, clock):
    seed(project, "train", "Succeeded")
    newest = seed(project, "train", "Failed")
    seed(project, "train", "Succeeded", tags={"dlcapply-owner": "nlp/local"})
    assert meant(clock, "train").run.job_id == newest


def test_a_stranger_is_meant_where_nothing_of_the_name_is_ours(project, clock):
    theirs = seed(project, "Train", "Running", tags={})
    seed(project, "train-2", "Running")
    found = meant(clock, "Train")
    assert (found.run.job_id, found.ownership, found.is_ours) == (theirs, Ownership.UNMARKED, False)


def test_a_run_is_meant_by_its_id_and_a_former_name_belongs_to_the_job(project, clock):
    project.job("train", "metadata: {name: train}", "metadata: {name: train, formerly: [old]}")
    old = seed(project, "old", "Succeeded")
    assert meant(clock, "train").run.job_id == old
    assert meant(clock, old).name == "train"
    assert meant(clock, "train", job_id=old).run.job_id == old
    other = seed(project, "other", "Succeeded")
    with pytest.raises(dlcapply.DlcapplyError, match=f"{other} is no run of train"):
        meant(clock, "train", job_id=other)


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("trian", "did you mean train"),
        ("dlc0000000000", "status --all"),
        ("a/b\x1b", "status --all"),
        ("train", "dlcapply plan shows"),
    ],
)
def test_what_means_nothing_says_what_there_is(project, clock, word, says):
    project.job("train")
    with pytest.raises(dlcapply.DlcapplyError) as caught:
        meant(clock, word)
    assert says in caught.value.hint


def test_a_broken_manifest_costs_itself_alone(project, clock):
    project.job("train")
    project.job("broken", "PodCount: 1", "PodCount: many")
    job_id = seed(project, "train", "Running")
    with opened(clock) as (manifests, service):
        assert [job.name for job in manifests.jobs] == ["train"]
        assert [finding.place.file for finding in manifests.findings] == ["jobs/broken.yaml"]
        assert named_run(manifests, service, "train").run.job_id == job_id
        assert service.now() == clock.now().replace(microsecond=0)


def test_region_and_workspace_are_enough_where_the_project_is_broken_or_missing(project, clock):
    job_id = seed(project, "train", "Running")
    where = {"region": "cn-hangzhou", "workspace": "1001", "endpoint": f"http://{project.emulator.endpoint}"}
    project.write("dlcapply.yaml", "kind: [")
    with pytest.raises(InvalidManifestsError):
        load_for_runs(TargetOptions(), {})
    assert meant(clock, "train", **where).run.job_id == job_id
    (project.folder / "dlcapply.yaml").unlink()
    project.write("other.yaml", "apiVersion: dlcapply/v1\nkind: Job\n")
    assert meant(clock, "train", **where).ownership is Ownership.FOREIGN
    with pytest.raises(dlcapply.UsageError):
        load_for_runs(TargetOptions(), {})


def test_a_run_that_is_called_by_the_id_of_another_is_not_taken_for_it(project, clock):
    ours = seed(project, "train", "Running")
    theirs = seed(project, ours, "Succeeded", tags={})
    assert meant(clock, ours).run.job_id == ours
    seed(project, "dlc-bench", "Succeeded")
    assert meant(clock, "dlc-bench").run.name == "dlc-bench"
    project.job(ours)
    assert meant(clock, ours).run.job_id == theirs
