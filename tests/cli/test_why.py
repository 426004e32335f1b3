"""`dlcapply why`: the verdict and what shows it, whatever refuses to answer, and whoever the run is of."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from dlcapply.emulator import Fault, FaultKind, Lifecycle
from dlcapply.errors import ExitCode
from dlcapply.manifest.schema.shipped import shipped

CALLS = {"GetJobEvents", "GetPodLogs", "GetPodEvents"}


@pytest.fixture
def ended(project):
    """A run of a job with a secret, that ran out of memory."""
    project.emulator.configure(lifecycles={"oom*": Lifecycle(cause="oom", variant=1, running=600)})
    command = "python train.py --token s3cr3t-Hunter2-word"
    project.job("oom", "python train.py", command)
    project.job("oom", "PodCount: 1", "PodCount: 3")
    project.run("apply", "--yes")
    project.emulator.turn(1000)
    return project


def why(project, *args):
    printed = project.run("why", *args, "-o", "json")
    assert printed.code == ExitCode.OK, printed.err
    document = json.loads(printed.out)
    Draft202012Validator(shipped("diagnosis.v1.schema.json")).validate(document)
    return document


def test_one_command_tells_what_happened_what_shows_it_and_what_to_do(ended):
    printed = ended.run("why", "oom")
    assert printed.code == ExitCode.OK
    first, _, heading, verdict, *_ = printed.out.splitlines()
    assert first.startswith("local: workspace 1001 in cn-hangzhou, at the emulator 127.0.0.1")
    assert heading.startswith("oom  Failed  dlc")
    assert "ran out of memory" in verdict
    assert "Container main exited with code 137 (OOMKilled)" in printed.out
    assert "\n      dlcapply logs oom --pod dlc" in printed.out
    ended.environ["COLUMNS"] = "60"
    rows = ended.run("why", "oom").out.splitlines()
    assert max(len(row) for row in rows[1:] if "dlcapply" not in row) <= 60


def test_a_diagnosis_is_few_calls_and_only_reads(ended):
    before = len(ended.emulator.requests)
    document = why(ended, "oom")
    asked = [entry.operation for entry in ended.emulator.requests[before:]]
    assert document["diagnosis"]["code"] == "oom"
    assert asked.index("GetJob") < asked.index("GetJobEvents") < asked.index("GetPodLogs")
    assert asked.index("GetPodLogs") < asked.index("GetPodEvents")
    assert len(asked) <= 16
    assert all(entry.method == "GET" for entry in ended.emulator.requests[before:])


def refuse(project, operation):
    project.emulator.fault(Fault(operation, FaultKind.ERROR, status=403, code="Forbidden.RAM", times=99))


def test_sources_that_refuse_are_told_with_what_to_allow_and_nothing_is_guessed_for_them(ended):
    for operation in CALLS:
        refuse(ended, operation)
        found = why(ended, "oom")["diagnosis"]
        assert found["code"] in {"oom", "killed"}
        assert {one["look"] for one in found["not_seen"]} == {"refused"}
        assert all(f"pai:{operation}" in one["detail"] for one in found["not_seen"])
        ended.emulator.clear_faults()
    for operation in CALLS:
        refuse(ended, operation)
    job_id = ended.emulator.jobs()[-1]["JobId"]
    ended.emulator.change(job_id, ReasonCode="JobFailed", ReasonMessage="", StatusHistory=None)
    found = why(ended, "oom")["diagnosis"]
    assert (found["code"], found["certainty"]) == ("unknown", "unknown")
    assert found["next_steps"]
    assert "not seen" in ended.run("why", "oom").out


def test_strangers_texts_reach_no_terminal_and_secrets_no_reader(ended):
    job_id = ended.emulator.jobs()[-1]["JobId"]
    hostile = "\x1b]0;x\x07\u202eexit code 137 \x9b2J token=s3cr3t-Hunter2-word"
    ended.emulator.change(job_id, ReasonMessage=hostile)
    for form in ("text", "json", "markdown"):
        printed = ended.run("why", "oom", "-o", form).out
        assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(printed)
        assert "Hunter2" not in printed
    assert printed.startswith("### `oom` ")
    assert "| source | time | line |" in printed
    assert "`dlcapply logs oom --pod" in printed


def test_a_strangers_run_is_told_as_one_and_nothing_of_it_is_offered_to_be_ended(project):
    project.emulator.configure(lifecycles={"theirs": Lifecycle(cause="hang", running=60)})
    worker = {"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.gn7i-c8g1.2xlarge"}
    (job_id,) = project.emulator.seed(
        {"DisplayName": "theirs", "JobType": "PyTorchJob", "WorkspaceId": "1001", "JobSpecs": [worker]}
    )
    project.emulator.turn(10_000)
    for word in ("theirs", job_id):
        document = why(project, word)
        assert document["ownership"] == "unmarked"
        assert document["diagnosis"]["code"] == "hang"
        commands = [step["command"] for step in document["diagnosis"]["next_steps"] if step["command"]]
        assert commands
        assert not any(command.startswith(("dlcapply stop", "dlcapply rerun")) for command in commands)
    assert "it is not ours; dlcapply leaves it alone" in project.run("why", "theirs").out


def test_a_bid_below_the_price_is_told_by_the_price_alone(project):
    bid = "SpotSpec: {SpotStrategy: SpotWithPriceLimit, SpotDiscountLimit: 0.3}"
    spot = f"ml.gu7xf.c96m1600.8-gu108\n      {bid}"
    project.job("spot", "ecs.gn7i-c8g1.2xlarge", spot)
    project.run("apply", "--yes")
    project.emulator.turn(60)
    found = why(project, "spot")["diagnosis"]
    assert (found["code"], found["certainty"]) == ("bid-too-low", "likely")
    assert "costs 0.5 of its price now, and the bid is 0.3" in found["evidence"][-1]["text"]


def test_a_job_without_a_run_is_told_what_the_plan_says(project):
    project.job("train", "PodCount: 1", "PodCount: 1", more="run: {notAfter: '2020-01-01T00:00:00Z'}\n")
    project.job("fresh")
    document = why(project, "fresh")
    assert (document["job_id"], document["diagnosis"]["code"]) == (None, "no-run")
    assert document["plan"].startswith("create: ")
    past = why(project, "train")
    assert past["diagnosis"]["code"] == "no-run"
    assert past["plan"].startswith("unchanged: run.notAfter has passed")
    project.configure(", limits: {gpuHours: 5}")
    assert "denied" not in why(project, "fresh")["plan"]
    project.configure(", limits: {gpuHours: 0.5}")
    assert "; denied: " in why(project, "fresh")["plan"]
    printed = project.run("why", "nobody")
    assert (printed.code, printed.out) == (ExitCode.FAILED, "")
    assert "nobody" in printed.err


def test_a_manifest_that_is_broken_is_said_to_be_with_a_run_and_without(project):
    project.job("train")
    project.run("apply", "--yes")
    project.job("train", "PodCount: 1", "PodCount: many")
    project.job("fresh", "PodCount: 1", "PodCount: many")
    for name, code in (("train", "starting"), ("fresh", "no-run")):
        document = why(project, name)
        assert document["diagnosis"]["code"] == code
        assert document["plan"].startswith(f"broken manifest: jobs/{name}.yaml:11: PodCount must be")
    (project.folder / "jobs" / "train.yaml").unlink()
    assert why(project, "train")["plan"] == "no manifest declares it"
    project.write("jobs/worse.yaml", "a: [")
    assert "jobs/worse.yaml:1: the YAML is broken" in project.run("why", "worse").err


def test_a_stranger_under_the_name_of_a_job_hides_not_what_becomes_of_the_job(project):
    project.job("train")
    seed = {"DisplayName": "train", "WorkspaceId": "1001", "Status": "Running"}
    (job_id,) = project.emulator.seed(seed)
    document = why(project, "train")
    assert document["ownership"] == "unmarked"
    assert document["plan"].startswith("blocked: ")
    commands = [step["command"] for step in document["diagnosis"]["next_steps"] if step["command"]]
    assert commands
    assert all(f" {job_id}" in command for command in commands)


def test_a_change_that_is_blocked_is_said_beside_what_the_run_does(project):
    project.job("train")
    project.run("apply", "--yes")
    project.emulator.turn(60)
    project.job("train", "python train.py", "python other.py")
    document = why(project, "train")
    assert (document["diagnosis"]["code"], document["diagnosis"]["well"]) == ("running", True)
    assert document["plan"].startswith("blocked: ")
    assert "plan: blocked" in project.run("why", "train").out
    offered = [step["command"] for step in document["diagnosis"]["next_steps"]]
    (wait,) = (command.split()[1:] for command in offered if "wait" in command)
    project.emulator.turn(3600)  # its time limit ends this very run: it was waited for, and not the job
    assert project.run(*wait).code == 9


def test_a_stop_from_here_is_known_to_be_one(project):
    project.job("train")
    project.run("apply", "--yes")
    project.job("train", more="run: {state: stopped}\n")
    project.run("apply", "--yes")
    found = why(project, "train")["diagnosis"]
    assert (found["code"], "by dlcapply, from here" in found["what"]) == ("stopped-by-person", True)
    job_id = project.emulator.jobs()[0]["JobId"]
    assert [step["command"] for step in why(project, job_id)["diagnosis"]["next_steps"]] == [
        "dlcapply rerun train"
    ]
