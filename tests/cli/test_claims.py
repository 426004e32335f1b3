"""`adopt` and `release`: runs that no tag can mark any more are claimed in a file that is reviewed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

FILE = "dlcapply.claims.yaml"
BODY = {
    "DisplayName": "train",
    "WorkspaceId": "1001",
    "JobType": "PyTorchJob",
    "UserCommand": "python train.py",
    "JobMaxRunningTimeMinutes": 60,
    "Envs": {"LR": "1e-4"},
    "JobSpecs": [
        {
            "Type": "Worker",
            "PodCount": 1,
            "EcsSpec": "ecs.gn7i-c8g1.2xlarge",
            "Image": "registry.example.com/team/train:1",
        }
    ],
    "Status": "Running",
}


@pytest.fixture
def stray(project):
    """A project whose job somebody has started by hand."""
    project.job("train")
    (project.job_id,) = project.emulator.seed(BODY)
    return project


def claims():
    return yaml.safe_load(Path(FILE).read_text("utf-8"))["runs"]


def tagged(project, job_id, **tags):
    project.emulator.change(job_id, Settings={"Tags": tags})


def test_an_adopted_run_is_the_jobs_own(stray):
    blocked = stray.run("plan")
    adopted = stray.run("adopt", "train")
    planned = stray.run("plan", "--detailed-exitcode")

    assert (blocked.code, "dlcapply adopt train" in blocked.out) == (3, True)
    assert adopted.out == f"train: {stray.job_id} (Running) is adopted, in {FILE}: commit it, then plan.\n"
    assert (planned.code, "No changes" in planned.out) == (0, True)
    assert claims()[stray.job_id]["name"] == "train"
    assert claims()[stray.job_id]["marks"]["owner"] == "vision/local"
    assert stray.run("validate").code == 0
    assert stray.writes == []


def test_a_job_id_in_place_of_a_path_is_answered_with_the_option_that_names_a_run(stray):
    for command in ("adopt", "release"):
        printed = stray.run(command, "train", stray.job_id)
        assert printed.code == 64
        assert f"hint: a run is named by --job-id {stray.job_id}" in printed.err
    assert stray.run("adopt", "train", "--job-id", stray.job_id).code == 0


def test_an_adopted_run_is_updated_stopped_and_followed_like_any_other(stray):
    stray.run("adopt", "train")
    stray.job("train", "JobMaxRunningTimeMinutes", "Description: new\n  JobMaxRunningTimeMinutes")
    assert "1 updated" in stray.run("apply", "--yes").out
    stray.job("train", "python train.py", "python other.py")
    assert stray.run("plan").code == 3
    stray.job("train", more="run: {state: stopped}\n")
    assert "1 stopped" in stray.run("apply", "--yes").out
    stray.job("train", 'LR: "1e-4"', 'LR: "3e-4"')
    assert "1 created" in stray.run("apply", "--yes").out
    assert stray.run("plan", "--detailed-exitcode").code == 0
    assert stray.writes == ["UpdateJob", "StopJob", "CreateJob"]


def test_an_adopted_run_whose_manifest_is_gone_is_an_orphan(stray):
    stray.job("other")
    stray.run("adopt", "train")
    Path("jobs/train.yaml").unlink()
    assert f"no manifest declares {stray.job_id}" in stray.run("plan").out
    assert stray.run("apply", "--yes", "--prune").code == 0
    assert stray.statuses("train") == ["Stopped"]


def test_a_finished_run_that_is_adopted_counts_as_done(stray):
    stray.emulator.change(stray.job_id, Status="Succeeded")
    assert stray.run("adopt", "train").code == 64
    assert stray.run("adopt", "train", "--job-id", stray.job_id).code == 0
    assert "No changes" in stray.run("apply", "--yes").out
    stray.job("train", more='run: {token: "2"}\n')
    assert "> train  rerun" in stray.run("plan").out
    assert stray.writes == []


def test_a_run_that_differs_is_adopted_only_once_the_manifest_says_what_it_has(stray):
    stray.job("train", 'LR: "1e-4"', 'LR: "3e-4"')
    refused = stray.run("adopt", "train")
    assert (refused.code, Path(FILE).exists()) == (5, False)
    assert "differs from the manifest in Envs.LR" in refused.err
    stray.job("train")
    assert stray.run("adopt", "train").code == 0


def test_a_clone_is_adopted_without_what_it_copied(project):
    project.job("train")
    project.run("apply", "--yes")
    (first,) = project.emulator.jobs()
    clone = project.emulator.clone(first["JobId"])
    beside = project.run("adopt", "train")
    assert (beside.code, "under way already" in beside.err) == (5, True)
    project.emulator.change(first["JobId"], Status="Stopped")
    assert project.run("adopt", "train").code == 0
    assert "No changes" in project.run("plan").out
    project.job("train", more="run: {state: stopped}\n")
    assert f"run.state is stopped, and {clone}" in project.run("plan").out
    project.run("apply", "--yes")
    assert project.statuses("train") == ["Stopped", "Stopped"]


def test_anothers_run_needs_their_name(stray):
    tagged(stray, stray.job_id, **{"dlcapply-owner": "audio/prod"})
    refused = stray.run("adopt", "train")
    assert (refused.code, "belongs to audio/prod" in refused.err) == (5, True)
    assert stray.run("adopt", "train", "--from", "text/prod").code == 5
    assert stray.run("adopt", "train", "--from", "audio/prod").code == 0
    assert claims()[stray.job_id]["from"] == {"owner": "audio/prod"}
    planned = stray.run("plan")
    assert "No changes" in planned.out
    assert f"train: {stray.job_id} (Running) is ours by a claim; its marks say audio/prod" in planned.out


THEIRS = {"dlcapply-owner": "audio/prod", "dlcapply-env": "API_KEY", "dlcapply-protect": "true"}


def claim(project, **more):
    """A claim as a pull request might bring it."""
    run = {"name": "train", "marks": {"owner": "vision/local", "token": "1"}, **more}
    document = {"apiVersion": "dlcapply/v1", "kind": "Claims", "runs": {project.job_id: run}}
    project.write(FILE, yaml.safe_dump(document))


def test_a_claim_that_names_nobody_takes_nothing_from_another(stray):
    tagged(stray, stray.job_id, **THEIRS)
    stray.job("other")
    claim(stray)
    stray.job("train", more="run: {state: stopped}\n")
    planned, applied = stray.run("plan"), stray.run("apply", "--yes")
    assert (planned.code, applied.code, stray.writes) == (3, 3, ["CreateJob"])
    assert f"the claim on {stray.job_id} (Running), from nobody, is void" in planned.out
    assert "the run carries the marks of audio/prod" in planned.out
    assert f"{FILE}:" in planned.out
    Path("jobs/train.yaml").unlink()
    assert stray.run("apply", "--yes", "--prune").code == 0
    assert (stray.writes, stray.statuses("train")) == (["CreateJob"], ["Running"])


def test_a_protected_run_of_another_is_not_stopped_whatever_is_claimed(stray):
    tagged(stray, stray.job_id, **THEIRS)
    stray.job("other")
    claim(stray, **{"from": {"owner": "audio/prod"}})
    stray.job("train", more="run: {state: stopped}\n")
    planned = stray.run("plan", "--detailed-exitcode")
    assert stray.run("apply", "--yes").code == 3
    assert "protected by its own marks" in planned.out
    assert planned.out.index("its marks say audio/prod") < planned.out.index("train  blocked")
    Path("jobs/train.yaml").unlink()
    assert stray.run("apply", "--yes", "--prune").code == 3
    assert (stray.writes, stray.statuses("train")) == (["CreateJob"], ["Running"])


def test_prune_stops_no_run_that_is_anothers_by_its_marks(stray):
    tagged(stray, stray.job_id, **{"dlcapply-owner": "audio/prod"})
    stray.job("other")
    claim(stray, **{"from": {"owner": "audio/prod"}})
    Path("jobs/train.yaml").unlink()
    pruned = stray.run("apply", "--yes", "--prune")
    assert (pruned.code, stray.statuses("train")) == (3, ["Running"])
    assert "its marks say audio/prod" in pruned.out


def test_what_a_run_had_from_the_environment_stays_secret_under_every_claim(stray):
    stray.emulator.change(stray.job_id, Envs={"LR": "1e-4", "FOO": "hush-hush"})
    tagged(stray, stray.job_id, **{"dlcapply-owner": "vision/local", "dlcapply-env": "FOO"})
    shown = []
    for marks in ({}, {"owner": "vision/local"}, {"owner": "vision/local", "env": "LR"}, {"owner": "a/b"}):
        claim(stray, marks=marks, **{"from": {"owner": "vision/local"}})
        shown += [stray.run("plan", "--full").out, stray.run("plan", "-o", "json").out]
    assert all("Envs.FOO" in text for text in shown[2:6])
    assert "hush" not in "".join(shown)


def test_what_came_from_the_environment_stays_secret_by_name_alone(project):
    project.configure(more="}\nidentity: name\nvariables: {")
    project.environ["SOURCE"] = "hush-hush"
    project.job("train", more="envFrom: [{name: FOO, fromEnv: SOURCE}]\n")
    assert project.run("apply", "--yes").code == 0
    project.job("train")
    text = project.run("plan", "--full").out + project.run("plan", "--full", "-o", "json").out
    assert ("hush" in text, "Envs.FOO" in text) == (False, True)


def test_a_claim_that_is_void_is_mended_by_adopting_again(stray):
    tagged(stray, stray.job_id, **{"dlcapply-owner": "audio/prod"})
    claim(stray)
    assert stray.run("plan").code == 3
    assert stray.run("adopt", "train", "--from", "audio/prod").code == 0
    assert "No changes" in stray.run("plan").out


def test_from_is_refused_where_nobody_owns_the_run(stray):
    assert stray.run("adopt", "train", "--from", "audio/prod").code == 5


def test_several_runs_need_a_job_id(stray):
    stray.emulator.seed(BODY)
    unclear = stray.run("adopt", "train")
    assert (unclear.code, "--job-id" in unclear.err) == (64, True)
    assert stray.run("adopt", "train", "--job-id", "dlcnone").code == 64
    assert stray.run("adopt", "train", "--job-id", stray.job_id).code == 0


def test_an_older_run_that_has_ended_is_adopted_and_counts_for_the_spec_of_the_manifest(project):
    project.job("short")
    (old,) = project.emulator.seed({**BODY, "DisplayName": "short", "Status": "Succeeded"})
    project.emulator.turn(60)
    project.run("apply", "--yes")
    project.emulator.turn(60)
    project.job("short", 'LR: "1e-4"', 'LR: "3e-4"')
    assert "1 to rerun" in project.run("plan").out
    assert project.run("adopt", "short", "--job-id", old).code == 0
    planned = project.run("plan", "--full")
    assert (planned.code, f"{old} (Succeeded) has succeeded with this very spec" in planned.out) == (0, True)


@pytest.mark.parametrize("command", ["adopt", "release"])
def test_claims_need_a_project_marks_and_a_name_that_is_there(stray, command):
    assert stray.run(command, "nobody").code == 64
    stray.configure(more="}\nidentity: name\nvariables: {")
    assert stray.run(command, "train").code == 64
    Path("dlcapply.yaml").unlink()
    where = ["--region", "cn-hangzhou", "--workspace", "1001", "--owner", "me"]
    bare = stray.run(command, "train", "jobs/train.yaml", *where, "--endpoint", stray.emulator.endpoint)
    assert (bare.code, "project" in bare.err) == (64, True)


def test_a_released_run_is_left_alone_by_everything(project):
    project.job("train")
    project.job("kept")
    project.run("apply", "--yes")
    Path("jobs/train.yaml").unlink()
    released = project.run("release", "train")
    assert (released.code, "is released" in released.out) == (0, True)
    planned = project.run("plan", "--prune", "--detailed-exitcode")
    assert (planned.code, "orphan" in planned.out) == (0, False)
    project.job("train")
    assert project.run("plan").code == 3
    assert project.writes == ["CreateJob", "CreateJob"]
    assert project.run("adopt", "train").code == 0
    assert project.run("plan", "--detailed-exitcode").code == 0


def test_only_a_run_of_ours_that_is_under_way_is_released(stray):
    assert stray.run("release", "train").code == 64
    assert not Path(FILE).exists()


def test_claims_of_other_runs_stay(stray):
    stray.run("adopt", "train")
    stray.job("other")
    (other,) = stray.emulator.seed({**BODY, "DisplayName": "other"})
    stray.run("adopt", "other")
    assert sorted(claims()) == sorted([stray.job_id, other])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("runs: {dlc1: {name: a}}", "marks"),
        ("runs: {dlc1: {name: a, marks: {force: x}}}", "force"),
        ("runs: [", "YAML"),
        ("runs: {}\nmore: 1", "more"),
    ],
)
def test_a_file_of_claims_with_a_mistake_stops_every_command_at_its_line(stray, text, words):
    Path(FILE).write_text(f"apiVersion: dlcapply/v1\nkind: Claims\n{text}\n", "utf-8")
    for command in (["validate"], ["plan"], ["apply", "--yes"], ["adopt", "train"]):
        printed = stray.run(*command)
        assert printed.code == 4
        assert f"{FILE}:" in printed.out + printed.err
        assert words in printed.out + printed.err


def test_claims_are_no_manifests(stray):
    stray.run("adopt", "train")
    text = Path("dlcapply.yaml").read_text("utf-8").replace("jobs/*.yaml", "**/*.yaml")
    Path("dlcapply.yaml").write_text(text, "utf-8")
    assert stray.run("validate").code == 0
    assert stray.run("validate", ".").code == 0


def test_a_claim_that_can_not_be_written_leaves_the_file_as_it_was(stray):
    Path(FILE).mkdir()
    assert stray.run("adopt", "train").code in {1, 4}
    assert [path.name for path in Path().glob("*.part")] == []


def test_a_claim_holds_no_secret(stray):
    stray.emulator.change(stray.job_id, Envs={"LR": "1e-4", "API_KEY": "hush-hush"})
    stray.job("train", more="envFrom: [{name: API_KEY, fromEnv: SOURCE}]\n")
    printed = stray.run("adopt", "train")
    assert printed.code == 0
    assert "hush" not in printed.out + Path(FILE).read_text("utf-8")
    stray.job("train")
    assert "hush" not in stray.run("plan", "--full").out


def test_a_released_run_that_ended_is_no_run_of_the_job(project):
    """The journal still knows that its create was done here."""
    project.job("short")
    project.run("apply", "--yes")
    project.run("release", "short")
    project.emulator.turn(60)
    assert "1 created" in project.run("apply", "--yes").out
    assert project.writes == ["CreateJob", "CreateJob"]
    assert project.run("plan", "--detailed-exitcode").code == 0


def test_a_finished_run_of_ours_that_is_named_counts_as_done_for_an_edited_manifest(project):
    project.job("short")
    project.run("apply", "--yes")
    project.emulator.turn(60)
    project.job("short", 'LR: "1e-4"', 'LR: "3e-4"')
    assert "> short  rerun" in project.run("plan").out
    (run,) = project.emulator.jobs()
    assert project.run("adopt", "short", "--job-id", run["JobId"]).code == 0
    assert project.run("plan", "--detailed-exitcode").code == 0
    assert project.writes == ["CreateJob"]


def test_a_misspelt_name_is_guessed(stray):
    assert "did you mean train?" in stray.run("adopt", "trian").err


def test_by_name_alone_claims_mean_nothing(stray):
    stray.configure(more="}\nidentity: name\nvariables: {")
    before = stray.run("plan", "-o", "json")
    claim(stray, marks={"owner": "vision/local", "spec": "v2:0", "protect": "true"})
    assert (before.code, stray.run("plan", "-o", "json").out) == (0, before.out)
    stray.job("train", more="run: {state: stopped}\n")
    assert stray.run("apply", "--yes").code == 0
    assert stray.writes == ["StopJob"]
