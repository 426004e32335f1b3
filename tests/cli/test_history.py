"""`history` tells every run of a job, newest first: ours, told apart from others', and what changed."""

import json

import pytest
from jsonschema import Draft202012Validator

from dlcapply.manifest.schema.shipped import schema_texts

SCHEMA = Draft202012Validator(json.loads(schema_texts()["history"]))


def told(project, *words):
    printed = project.run("history", *words, "-o", "json")
    assert printed.code == 0, printed.err
    document = json.loads(printed.out)
    SCHEMA.validate(document)
    return document


def apply(project, *words):
    code = project.run("apply", "--yes", *words).code
    project.emulator.turn(3600)
    return code


def job_ids(project):
    return [job["JobId"] for job in project.emulator.jobs()]


@pytest.fixture
def lived(project):
    """A job that succeeded, failed under another spec, and was asked for again, under another name."""
    project.job("short-job")
    apply(project)
    project.job("short-job", "python train.py", "exit 137", more="run: {token: '2'}\n")
    apply(project)
    project.write("jobs/short-job.yaml", "")
    (project.folder / "jobs/short-job.yaml").unlink()
    text = "metadata: {name: short-new, formerly: [short-job]}"
    project.job("short-new", "metadata: {name: short-new}", text)
    assert apply(project) == 0
    return project


def test_a_history_is_of_all_names_and_says_what_changed(lived):
    document = told(lived, "short-new")
    first, second, *_ = job_ids(lived)
    assert document["names"] == ["short-new", "short-job"]
    assert document["complete"] is True
    newest, oldest = document["runs"]
    assert (newest["job_id"], oldest["job_id"]) == (second, first)
    assert (newest["status"], oldest["status"]) == ("Failed", "Succeeded")
    assert newest["previous"] == first
    assert newest["same_spec"] is False
    assert newest["reason"]["message"] == "Container exited with code 137: killed, or out of memory."
    assert [(one["path"], one["can_change"]) for one in newest["changes"]] == [("UserCommand", "result")]
    assert (newest["token"], oldest["token"]) == ("2", "1")
    assert oldest["first"] is True
    assert oldest["run_seconds"] == 3
    assert oldest["accelerator_hours"] == pytest.approx(3 / 3600)
    assert told(lived, "short-job") == told(lived, first) == document


def test_what_listings_lack_is_asked_for_and_what_nothing_shows_is_named(project):
    keep = 'Envs: {LR: "1e-4"}'
    uri = "DataSources: [{{Uri: oss://data.oss-cn-hangzhou.aliyuncs.com/{}/, MountPath: /mnt/d}}]"
    for more in (uri.format("a"), uri.format("b"), f"{uri.format('b')}\n  Options: a=1"):
        project.job("short-job", keep, f"{keep}\n  {more}")
        assert apply(project) == 0
    before = len(project.emulator.requests)
    hidden, shown, first = told(project, "short-job")["runs"]
    (change,) = shown["changes"]
    assert change["path"] == "DataSources[/mnt/d].Uri"
    assert change["before"].endswith("/a/")
    assert [(one["path"], one["kind"], one["before"]) for one in hidden["changes"]] == [
        ("fields that are never read back", "unreadable", None)
    ]
    assert first["changes"] == []
    asked = [entry.operation for entry in project.emulator.requests[before:]]
    assert asked.count("GetJob") == 3  # each run once, and only those whose marks tell of more


def test_text_and_markdown_say_the_same(lived):
    first, second = job_ids(lived)
    lines = lived.run("history", "short-new").out.splitlines()
    assert lines[1] == "short-new, formerly short-job: 2 runs, all there are"
    assert f"    another spec than {first}, run.token 1 → 2" in lines
    assert '      UserCommand: "python train.py" → "exit 137"  (can change the result)' in lines
    assert lines[-1] == "    the first run"
    markdown = lived.run("history", "short-new", "-o", "markdown").out
    assert f"<code>{first} → {second}</code>: 1 field" in markdown


def test_others_runs_of_the_name_are_counted_or_shown_as_theirs(project):
    project.job("train")
    apply(project)
    (ours,) = job_ids(project)
    clone = project.emulator.clone(ours)
    (theirs,) = project.emulator.seed({"DisplayName": "train", "Status": "Failed"})
    project.emulator.seed({"DisplayName": "train-2"}, {"DisplayName": "TRAIN"})
    document = told(project, "train")
    assert [run["job_id"] for run in document["runs"]] == [ours]
    assert document["others"] == 2
    everybody = {run["job_id"]: run for run in told(project, "train", "--all")["runs"]}
    assert everybody.keys() == {ours, clone, theirs}
    assert {run["job_id"] for run in told(project, theirs)["runs"]} == {ours, clone, theirs}
    assert [run["job_id"] for run in told(project, ours)["runs"]] == [ours]
    assert everybody[clone]["whose"] == f"a clone of {ours}"
    assert everybody[theirs]["whose"] == "not ours"
    assert everybody[ours]["previous"] is None  # what others ran is no state of this job
    marks = {"dlcapply-owner": "vision/local"}
    project.emulator.turn(60)
    (again,) = project.emulator.seed({"DisplayName": "train", "Settings": {"Tags": marks}})
    odd = {"Tags": marks | {"dlcapply-from": ["x"]}}
    project.emulator.change(again, Status="Failed", Settings=odd)
    newest = told(project, "train", "--all", "--limit", "1")["runs"][0]
    assert (newest["job_id"], newest["previous"], newest["first"]) == (again, ours, False)
    text = project.run("history", "train").out
    assert "2 more runs of this name are not this job's: --all shows them" in text
    assert f"{ours}, run.token 1 → (none)" in text


def test_without_project_and_manifests_every_run_of_the_name_is_told(project, tmp_path, monkeypatch):
    project.job("train")
    apply(project)
    project.emulator.seed({"DisplayName": "train", "Status": "Stopped", "ReasonCode": "JobStoppedByUser"})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (project.folder / "dlcapply.yaml").unlink()
    monkeypatch.chdir(elsewhere)
    place = ("--region", "cn-hangzhou", "--workspace", "1001", "--endpoint")
    document = told(project, "train", *place, f"http://{project.emulator.endpoint}")
    stopped, ours = document["runs"]
    assert (stopped["whose"], ours["whose"]) == ("nobody's mark", "vision/local")
    assert stopped["stopped_by"] == "a person or a program"
    printed = project.run("history", "nothing", *place, f"http://{project.emulator.endpoint}")
    assert printed.code == 1
    assert "there is no job, and no run, called nothing" in printed.err


def test_who_stopped_a_run_is_told_as_far_as_it_is_known(project):
    project.job("train")
    apply(project)
    project.job("train", more="run: {state: stopped}\n")
    project.environ |= {"GITHUB_SHA": "1234567abc", "GITHUB_ACTOR": "mia"}
    apply(project)
    (run,) = told(project, "train")["runs"]
    assert run["stopped_by"] == "dlcapply, from here (1234567abc mia)"


def test_a_run_of_which_only_the_journal_knows_is_told(project):
    project.job("short-job")
    apply(project)
    (job_id,) = job_ids(project)
    project.emulator.change(job_id, DisplayName="something-else")
    (gone,) = told(project, "short-job")["runs"]
    assert (gone["job_id"], gone["status"]) == (job_id, "not listed")


def test_thousands_of_runs_cost_a_page(project):
    ours = {"Settings": {"Tags": {"dlcapply-owner": "vision/local"}}}
    one = {"DisplayName": "train", "Status": "Succeeded", "UserCommand": "x"}
    project.emulator.seed(*[one | ours] * 300, *[one | {"DisplayName": "big-train"}] * 150)
    before = len(project.emulator.requests)
    document = told(project, "train", "--limit", "5")
    assert len(document["runs"]) == 5
    assert document["complete"] is False
    asked = [entry.operation for entry in project.emulator.requests[before:]]
    assert asked.count("ListJobs") == 2  # a page of another's names, and one of its own


def test_a_claimed_run_and_a_deleted_one_say_so(project):
    project.job("train")
    body = {"DisplayName": "train", "Status": "Stopped", "JobType": "PyTorchJob"}
    claimed, deleted = project.emulator.seed(body, body | {"GmtCreateTime": "2026-11-01T00:00:00Z"})
    for job_id in (claimed, deleted):
        assert project.run("adopt", "train", "--job-id", job_id).code == 0
    project.emulator.change(deleted, IsDeleted=True)
    notes = {run["job_id"]: run["notes"] for run in told(project, "train")["runs"]}
    assert notes[claimed] == ["counts as this job's by a claim"]
    assert notes[deleted] == ["deleted: PAI keeps its row alone", "counts as this job's by a claim"]


def test_a_broken_manifest_elsewhere_costs_nothing(project):
    project.job("train")
    apply(project)
    project.write("jobs/broken.yaml", "kind: [Job\n")
    assert len(told(project, "train")["runs"]) == 1


def test_history_and_status_say_the_same_of_a_run(lived):
    for run in told(lived, "short-new")["runs"]:
        (row,) = json.loads(lived.run("status", run["job_id"], "-o", "json").out)["jobs"]
        same = ("status", "created", "started", "ended", "queued_seconds", "run_seconds")
        assert {key: run[key] for key in same} == {key: row[key] for key in same}
        assert run["accelerator_hours"] == pytest.approx(row["accelerator_hours"], abs=1e-3)
