"""What users type, and what they get."""

from __future__ import annotations

import http.client
import json
import re

import pytest
from alibabacloud_pai_dlc20201203.client import Client
from alibabacloud_pai_dlc20201203.models import ListJobsRequest
from alibabacloud_tea_openapi.models import Config
from Tea.exceptions import TeaException

from dlcapply.api.connect import connect
from dlcapply.api.load import load
from dlcapply.emulator import KEY_ID, SECRET, Fault, FaultKind

QUOTA = """\
  ResourceId: quota1
"""


def digest_of(text):
    return re.search(r"Digest: (\w+)", text)[1]


def test_apply_creates_each_job_once_and_says_that_nothing_is_left_to_do(project):
    project.job("a")
    project.job("b")
    first = project.run("apply", "--yes")
    assert first.code == 0
    assert project.writes == ["CreateJob", "CreateJob"]
    assert "2 created" in first.out
    second = project.run("apply", "--yes")
    assert second.code == 0
    assert "No changes" in second.out
    assert project.writes == ["CreateJob", "CreateJob"]


def test_plan_says_what_apply_then_does_and_writes_nothing(project):
    project.job("a")
    planned = project.run("plan", "--detailed-exitcode")
    assert planned.code == 2
    assert "+ a  create" in planned.out
    assert "at most 1 accelerator-hour on 1 accelerator" in planned.out
    assert project.writes == []
    command = planned.out.splitlines()[-1].split()
    assert command[:2] == ["dlcapply", "apply"]
    assert project.run(*command[1:]).code == 0
    assert project.run("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize(
    ("old", "new", "shown", "code"),
    [
        ('LR: "1e-4"', 'LR: "3e-4"', 'Envs.LR: "1e-4" → "3e-4"', 3),
        ("PodCount: 1", "PodCount: 2", "JobSpecs[Worker].PodCount: 1 → 2", 3),
        ("JobMaxRunningTimeMinutes: 60", "JobMaxRunningTimeMinutes: 90", "JobMaxRunningTimeMinutes", 0),
    ],
)
def test_edits_of_an_active_run_block_where_they_need_a_new_one_and_are_told_where_not(
    project, old, new, shown, code
):
    project.job("a")
    project.run("apply", "--yes")
    project.job("a", old, new)
    planned = project.run("plan")
    assert (planned.code, shown in planned.out) == (code, True)
    applied = project.run("apply", "--yes")
    assert applied.code == code
    assert project.writes == ["CreateJob"]


def test_edits_of_an_ended_job_run_it_again(project):
    project.job("short")
    project.run("apply", "--yes")
    project.emulator.turn(60)
    assert "No changes" in project.run("plan").out
    project.job("short", 'LR: "1e-4"', 'LR: "3e-4"')
    assert "> short  rerun" in project.run("plan").out
    assert project.run("apply", "--yes").code == 0
    assert project.run("plan", "--detailed-exitcode").code == 0
    project.emulator.turn(60)
    project.job("short", 'LR: "1e-4"', 'LR: "3e-4"', more='run: {token: "2"}\n')
    assert "run.token" in project.run("apply", "--yes").out
    assert project.writes == ["CreateJob"] * 3


def test_description_and_priority_are_updated_in_place(project):
    quota = ("EcsSpec: ecs.gn7i-c8g1.2xlarge", 'ResourceConfig: {CPU: "8", GPU: "1", Memory: 64Gi}')
    project.job("queued", *quota, more=f"{QUOTA}  Priority: 3\n  Description: old\n")
    assert project.run("apply", "--yes").code == 0
    project.job("queued", *quota, more=f"{QUOTA}  Priority: 5\n  Description: new\n")
    planned = project.run("plan")
    assert "~ queued  update" in planned.out
    assert "Priority: 3 → 5" in planned.out
    applied = project.run("apply", "--yes")
    assert (applied.code, "1 updated" in applied.out) == (0, True)
    assert project.run("plan", "--detailed-exitcode").code == 0


def test_replace_needs_its_double_consent(project):
    project.job("a")
    project.run("apply", "--yes")
    project.job("a", "python train.py", "python other.py", more="run: {onChange: replace}\n")
    refused = project.run("apply", "--yes")
    assert (refused.code, project.writes) == (3, ["CreateJob"])
    assert "--allow-replace a" in refused.out
    allowed = project.run("apply", "--yes", "--allow-replace", "a")
    assert (allowed.code, "1 replaced" in allowed.out) == (0, True)
    assert project.writes == ["CreateJob", "StopJob", "CreateJob"]
    assert project.run("plan", "--detailed-exitcode").code == 0


def test_waiting_is_pending(project):
    project.job("a")
    project.run("apply", "--yes")
    project.job("a", "python train.py", "python other.py", more="run: {onChange: wait}\n")
    assert project.run("plan", "--detailed-exitcode").code == 2
    applied = project.run("apply", "--yes")
    assert (applied.code, project.writes) == (0, ["CreateJob"])


def test_state_stopped_stops(project):
    project.job("a")
    project.run("apply", "--yes")
    project.job("a", more="run: {state: stopped}\n")
    assert "- a  stop" in project.run("plan").out
    assert project.run("apply", "--yes").code == 0
    assert project.statuses("a") == ["Stopped"]
    assert project.run("plan", "--detailed-exitcode").code == 0


def test_a_removed_manifest_is_an_orphan_until_it_is_pruned(project):
    project.job("a")
    project.job("b")
    project.run("apply", "--yes")
    (project.folder / "jobs/b.yaml").unlink()
    warned = project.run("plan")
    assert (warned.code, "orphan" in warned.out, "No changes" in warned.out) == (0, True, True)
    assert "- b  stop" in project.run("plan", "--prune").out
    assert project.run("apply", "--yes", "--prune").code == 0
    assert project.statuses("b") == ["Stopped"]
    assert project.statuses("a") == ["Running"]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["--select", "a"], 64),
        (["--exclude", "a"], 64),
        (["jobs/a.yaml"], 64),
    ],
)
def test_prune_is_refused_on_less_than_all_manifests(project, args, code):
    project.job("a")
    project.job("b")
    project.run("apply", "--yes")
    printed = project.run("apply", "--yes", "--prune", *args)
    assert (printed.code, project.writes) == (code, ["CreateJob", "CreateJob"])


def test_prune_is_refused_without_manifests(project):
    project.job("a")
    project.run("apply", "--yes")
    (project.folder / "jobs/a.yaml").unlink()
    assert project.run("apply", "--yes", "--prune").code == 10
    assert project.writes == ["CreateJob"]


def test_expect_refuses_another_plan_and_takes_the_approved_one(project):
    project.job("a")
    digest = digest_of(project.run("plan").out)
    project.job("a", "python train.py", "python other.py")
    stale = project.run("apply", "--yes", "--expect", digest)
    assert (stale.code, project.writes) == (6, [])
    assert digest in stale.err
    project.job("a")
    assert project.run("apply", "--yes", "--expect", digest).code == 0


def test_limits_deny_the_whole_apply(project):
    project.configure(", limits: {creates: 1}")
    project.job("a")
    project.job("b")
    assert project.run("plan").code == 5
    refused = project.run("apply", "--yes")
    assert (refused.code, project.writes) == (5, [])
    assert "limit-creates" in refused.err
    assert project.run("apply", "--yes", "--select", "a").code == 0


def test_wait_follows_runs_to_their_end_with_a_line_for_each_status(project):
    project.job("short")
    printed = project.run("apply", "--yes", "--wait")
    assert printed.code == 0
    assert re.search(r"^short +Running +dlc\w+$", printed.err, re.MULTILINE)
    assert "Succeeded" in printed.out


def test_wait_attaches_to_a_run_that_is_under_way(project):
    project.job("short")
    project.run("apply", "--yes")
    printed = project.run("apply", "--yes", "--wait")
    assert (printed.code, "Succeeded" in printed.out) == (0, True)
    assert project.writes == ["CreateJob"]


def test_a_waited_for_run_that_fails_is_exit_9(project):
    project.job("short", "python train.py", "python train.py; exit 3")
    printed = project.run("apply", "--yes", "--wait")
    assert (printed.code, "Failed" in printed.out) == (9, True)


def test_a_run_that_failed_before_is_exit_9_however_often_it_is_waited_for(project):
    project.job("short", "python train.py", "python train.py; exit 3")
    project.job("short2")
    project.run("apply", "--yes", "--wait")
    for wait in ("--wait", "--wait=running", "--wait=accepted"):
        again = project.run("apply", "--yes", wait)
        assert again.code == 9, wait
        assert re.search(r"^short +Failed +dlc\w+", again.out, re.MULTILINE)
        assert not re.search(r"^short2 +", again.out, re.MULTILINE)
    assert project.run("apply", "--yes").code == 0
    assert project.run("apply", "--yes", "--wait", "--select", "short2").code == 0
    assert project.writes == ["CreateJob", "CreateJob"]


def test_a_wait_for_what_is_selected_tells_of_the_manifests_that_are_broken(project):
    project.job("short")
    project.job("short2")
    project.run("apply", "--yes", "--wait")
    assert project.run("wait", "--select", "*").code == 0
    project.job("short2", "PodCount: 1", "PodCount: many")
    waited = project.run("wait", "--select", "*")
    assert (waited.code, "Succeeded" in waited.out) == (3, True)
    assert "short2 is not waited for: its manifest is broken: jobs/short2.yaml:11" in waited.err
    assert project.run("wait", "--select", "short2").code == 3
    assert [project.run("wait", *words).code for words in (["--select", "short"], ["short2"])] == [0, 0]


def test_a_run_that_was_stopped_counts_as_failed_unless_the_manifest_stops_it(project):
    project.job("a")
    project.run("apply", "--yes")
    project.emulator.change(project.emulator.jobs()[0]["JobId"], Status="Stopped")
    assert project.run("apply", "--yes", "--wait").code == 9
    project.job("a", more="run: {state: stopped}\n")
    assert project.run("apply", "--yes", "--wait").code == 0


def test_a_blocked_job_is_not_waited_for(project):
    project.job("a")
    project.run("apply", "--yes")
    project.job("a", "python train.py", "python other.py")
    assert project.run("apply", "--yes", "--wait", "--wait-timeout", "30s").code == 3


def test_the_run_that_a_change_waits_for_is_followed_and_what_is_not_started_is_said_to_be_left(project):
    project.job("a", more="run: {onChange: wait}\n")
    project.run("apply", "--yes")
    project.job("a", "python train.py", "python other.py", more="run: {onChange: wait}\n")
    printed = project.run("apply", "--yes", "--wait", "--wait-timeout", "20s")
    assert (printed.code, "Running" in printed.out) == (11, True)
    again = "once the run, or the freeze, has ended:\n  dlcapply apply"
    assert f"not started by this command: a; {again}" in printed.err
    assert project.writes == ["CreateJob"]


def test_what_has_ended_is_judged_without_a_call_for_each(project):
    """Only why the first few failed is asked."""
    for number in range(6):
        project.job(f"short{number}", "python train.py", "python train.py; exit 3")
    project.run("apply", "--yes", "--wait")
    known = len(project.emulator.requests)
    assert project.run("apply", "--yes", "--wait").code == 9
    asked = [entry.operation for entry in project.emulator.requests[known:]]
    assert (asked.count("GetJob"), asked.count("GetPodLogs")) == (3, 3)


def test_a_wait_that_takes_too_long_is_exit_11(project):
    project.job("a")
    assert project.run("apply", "--yes", "--wait=running", "--wait-timeout", "30s").code == 0
    assert project.run("apply", "--yes", "--wait", "--wait-timeout", "30s").code == 11
    assert project.statuses("a") == ["Running"]


def test_a_lost_create_is_exit_8_with_the_command_that_resolves_it(project):
    project.job("a")
    project.emulator.fault(Fault("CreateJob", FaultKind.LOST))
    printed = project.run("apply", "--yes", "-e", "local")
    assert printed.code == 8
    command = re.search(r"dlcapply (status -e local --op (\w+))", printed.out)
    op = command[2]
    unresolved = project.run(*command[1].split())
    assert (unresolved.code, op in unresolved.err) == (1, True)
    assert project.run("apply", "--yes").code == 0
    resolved = project.run("status", "--op", op)
    assert (resolved.code, project.emulator.jobs()[0]["JobId"] in resolved.out) == (0, True)


def test_partly_done_is_exit_7_and_nothing_done_is_exit_1(project):
    project.job("a")
    project.job("b")
    project.emulator.fault(Fault("CreateJob", FaultKind.THROTTLED, times=None, match="b"))
    printed = project.run("apply", "--yes")
    assert printed.code == 7
    assert "Throttling.User" in printed.out
    assert project.run("apply", "--yes").code == 1


def test_status_has_a_row_for_each_job(project):
    project.job("a")
    project.job("short")
    project.run("apply", "--yes")
    project.emulator.turn(90)
    project.job("c")
    rows = project.run("status").out.splitlines()
    assert rows[0].startswith("local: workspace 1001 in cn-hangzhou, at ")
    assert [row.split()[0] for row in rows[1:]] == ["NAME", "a", "c", "short"]
    assert "Running" in rows[2]
    assert "no run" in rows[3]
    assert "Succeeded" in rows[4]
    named = project.run("status", "a", "-o", "json")
    assert [row["name"] for row in json.loads(named.out)["jobs"]] == ["a"]
    assert project.run("status", "nobody").code == 64


def test_status_tells_what_is_out_of_sync_and_what_nobody_declares(project):
    project.job("a")
    project.job("b")
    project.run("apply", "--yes")
    project.job("a", "python train.py", "python other.py")
    (project.folder / "jobs/b.yaml").unlink()
    rows = json.loads(project.run("status", "-o", "json").out)["jobs"]
    assert [(row["name"], row["in_sync"], row["note"]) for row in rows] == [
        ("a", False, "blocked: on-change-block"),
        ("b", None, "no manifest"),
    ]


def test_json_is_the_whole_of_stdout(project):
    project.job("a")
    plan = json.loads(project.run("plan", "-o", "json").out)
    assert [change["action"] for change in plan["changes"]] == ["create"]
    outcome = json.loads(project.run("apply", "--yes", "-o", "json").out)
    assert [row["result"] for row in outcome["outcomes"]] == ["created"]
    assert outcome["exit_code"] == 0


def test_outputs_go_to_files_beside_stdout(project):
    project.job("a")
    printed = project.run("plan", "-o", "text", "-o", "json=plan.json", "-o", "text=plan.txt")
    assert json.loads((project.folder / "plan.json").read_text())["digest"] == digest_of(printed.out)
    assert (project.folder / "plan.txt").read_text() == printed.out
    assert project.run("plan", "-o", "text", "-o", "json").code == 64
    assert project.run("plan", "-o", "yaml").code == 64
    assert project.run("plan", "-o", "json=no/such/folder.json").code == 1


def test_a_refused_apply_still_has_an_outcome_for_each_change(project):
    project.configure(", limits: {creates: 0}")
    project.job("a")
    printed = project.run("apply", "--yes", "-o", "json")
    document = json.loads(printed.out)
    assert (printed.code, document["exit_code"]) == (5, 5)
    assert [row["result"] for row in document["outcomes"]] == ["not-done"]


def test_values_from_the_environment_reach_the_run_and_no_output(project):
    project.job("a", more="envFrom: [{name: KEY, fromEnv: SOURCE}]\n")
    missing = project.run("apply", "--yes")
    assert (missing.code, project.writes) == (1, [])
    assert "error: not set here: SOURCE (envFrom of a); nothing was written" in missing.err
    project.environ = {"SOURCE": "s3cret", "GITHUB_SHA": "abc123"}
    printed = project.run("apply", "--yes")
    assert printed.code == 0
    (made,) = project.emulator.jobs()
    assert made["Envs"]["KEY"] == "s3cret"
    assert made["Settings"]["Tags"]["dlcapply-from"] == "abc123"
    journal = (project.folder / ".dlcapply/journal.ndjson").read_text()
    assert "s3cret" not in printed.out + printed.err + journal
    project.job("a", "python train.py", "python other.py")
    assert "s3cret" not in project.run("plan", "--full").out


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "not set here: KEY (envFrom of a, b), TAGS (envFrom of b)"),
        ({"KEY": "", "TAGS": ""}, "empty here: KEY (envFrom of a, b)"),
        ({"KEY": "k", "TAGS": "\udcff"}, "not UTF-8 text: TAGS (envFrom of b)"),
    ],
)
def test_an_apply_without_a_variable_is_refused_before_anything_is_written(project, environ, said):
    key = "{name: KEY, fromEnv: KEY}"
    project.job("a", more=f"envFrom: [{key}]\n")
    project.job("b", more=f"envFrom: [{key}, {{name: TAGS, fromEnv: TAGS, allowEmpty: true}}]\n")
    project.job("c")
    project.environ = environ
    printed = project.run("apply", "--yes", "-o", "json")
    document = json.loads(printed.out)
    assert (printed.code, document["exit_code"], project.writes) == (1, 1, [])
    assert f"error: {said}; nothing was written" in printed.err
    assert [row["result"] for row in document["outcomes"]] == ["not-done"] * 3
    assert all(said in row["error"]["message"] for row in document["outcomes"])
    assert not (project.folder / ".dlcapply/journal.ndjson").exists()


def test_only_apply_needs_variables_and_the_plan_is_the_same_with_and_without(project):
    project.job("a", more="envFrom: [{name: KEY, fromEnv: KEY}]\n")
    for command in (["validate"], ["render"], ["status"], ["plan"]):
        assert project.run(*command).code == 0
    without = json.loads(project.run("plan", "-o", "json").out)
    project.environ = {"KEY": "s3cret"}
    there = json.loads(project.run("plan", "-o", "json").out)
    assert without.pop("needs") == [{"variable": "KEY", "here": "unset", "jobs": ["a"]}]
    assert there.pop("needs") == [{"variable": "KEY", "here": "set", "jobs": ["a"]}]
    assert without == there


def test_without_a_project_apply_needs_an_owner(project):
    project.job("a")
    (project.folder / "dlcapply.yaml").unlink()
    where = ["jobs/a.yaml", "--region", "cn-hangzhou", "--workspace", "1001"]
    where += ["--endpoint", f"http://{project.emulator.endpoint}"]
    assert project.run("plan", *where).code == 0
    assert project.run("apply", "--yes", *where).code == 64
    assert project.run("apply", "--yes", "--prune", "--owner", "me", *where).code == 64
    assert project.writes == []
    assert project.run("apply", "--yes", "--owner", "me", *where).code == 0
    assert project.emulator.jobs()[0]["Settings"]["Tags"]["dlcapply-owner"] == "me"


def test_apply_does_not_ask_without_a_terminal(project):
    project.job("a")
    printed = project.run("apply")
    assert (printed.code, project.writes) == (64, [])
    assert "--yes" in printed.err


def test_validate_needs_no_service_and_reports_every_mistake_at_its_line(project):
    project.job("a", "PodCount: 1", "PodCount: many")
    project.job("b", "Image:", "Imaeg:")
    printed = project.run("validate")
    assert printed.code == 4
    assert re.search(r"^jobs/a.yaml:11:\d+  error  ", printed.out, re.MULTILINE)
    assert re.search(r"^jobs/b.yaml:13:\d+  error  ", printed.out, re.MULTILINE)
    assert "hint" in printed.out
    assert json.loads(project.run("validate", "-o", "json").out)["summary"]["errors"] >= 2
    assert project.emulator.requests == ()


@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"]])
def test_invalid_manifests_stop_every_command_before_it_connects(project, command):
    project.job("a", "PodCount: 1", "PodCount: many")
    printed = project.run(*command)
    assert printed.code == 4
    assert "jobs/a.yaml:11:" in printed.err
    assert project.emulator.requests == ()


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["plan", "-e", "nowhere"], 64, "local"),
        (["plan", "no/such/path"], 64, "no/such/path"),
        (["plan", "--endpoint", "http://127.0.0.1:1"], 1, "127.0.0.1:1"),
        (["plan", "--var", "x"], 64, "NAME=VALUE"),
        (["frobnicate"], 64, "frobnicate"),
        (["plan", "--frobnicate"], 64, "--frobnicate"),
        (["apply", "--yes", "--settle", "soon"], 64, "90s"),
        (["apply", "--yes", "--wait", "--parallelism", "0"], 64, "--parallelism"),
    ],
)
def test_bad_input_is_one_message_with_its_exit_code(project, args, code, words):
    project.job("a")
    printed = project.run(*args)
    assert printed.code == code
    assert words in printed.err
    assert "Traceback" not in printed.err
    assert project.writes == []


def test_a_workspace_that_nobody_sees_is_warned_about(project):
    project.job("a")
    project.configure(more="")
    text = (project.folder / "dlcapply.yaml").read_text().replace('"1001"', '"9999"')
    project.write("dlcapply.yaml", text)
    printed = project.run("plan")
    assert (printed.code, "unknown-workspace" in printed.out) == (0, True)
    assert "unknown-workspace" not in project.run("plan", "--no-preflight").out


@pytest.mark.parametrize(
    ("operation", "rule"), [("ListEcsSpecs", "no-instance-types"), ("ListWorkspaces", "no-workspaces")]
)
def test_a_preflight_that_fails_is_a_warning(project, operation, rule):
    project.job("a")
    project.emulator.fault(Fault(operation, FaultKind.ERROR, times=None))
    printed = project.run("plan")
    assert (printed.code, rule in printed.out) == (0, True)


def test_an_error_of_pai_names_code_and_request_id(project):
    project.job("a")
    project.emulator.fault(Fault("ListJobs", FaultKind.ERROR, times=None))
    printed = project.run("plan")
    assert printed.code == 1
    assert re.search(r"ServiceUnavailable.*[0-9A-F]{8}-", printed.err)


def test_a_listing_that_fails_is_no_empty_workspace(project):
    project.job("a")
    project.run("apply", "--yes")
    project.emulator.fault(Fault("ListJobs", FaultKind.SHORT_LISTING, times=None))
    assert project.run("apply", "--yes").code == 1
    assert project.writes == ["CreateJob"]


def test_help_prints_the_exit_codes_and_version_is_one_line(project):
    printed = project.run("--help")
    assert (printed.code, "130" in printed.out) == (0, True)
    assert re.fullmatch(r"dlcapply \d+\.\d+\.\d+\n", project.run("--version").out)


def test_the_embedded_emulator_keeps_its_jobs_between_commands(project):
    project.embed()
    project.job("a")
    assert project.run("apply", "--yes").code == 0
    assert "No changes" in project.run("apply", "--yes").out
    state = project.folder / ".dlcapply"
    assert (state / ".gitignore").read_text() == "*\n"
    log = (state / "requests.ndjson").read_text()
    assert log.count("CreateJob") == 1
    (state / "emulator.db").write_text("no database")
    broken = project.run("plan")
    assert (broken.code, ".dlcapply" in broken.err) == (1, True)


def test_the_embedded_emulator_keeps_secrets_to_itself(project):
    project.embed()
    project.job("a", "metadata: {name: a}", "metadata: {name: a}\nenvFrom: [{name: KEY, fromEnv: KEY}]")
    project.environ = {"KEY": "sesame"}
    assert project.run("apply", "--yes").code == 0
    assert "No changes" in project.run("plan").out

    files = [path for path in (project.folder / ".dlcapply").iterdir() if path.name != ".gitignore"]
    held = {path.name: (path.stat().st_mode & 0o077, b"sesame" in path.read_bytes()) for path in files}
    assert {held[name] for name in ("emulator.db", "requests.ndjson")} == {(0, False)}
    assert not any(has_secret for _, has_secret in held.values())


def test_others_on_the_machine_can_not_use_the_embedded_emulator(project):
    project.job("a")
    with connect(load(endpoint="emulator", environ={})) as service:
        address = service.connection._client._endpoint
        assert service.connection.read("ListJobs", "/api/v1/jobs")["TotalCount"] == 0
        keys = {"access_key_id": KEY_ID, "access_key_secret": SECRET}
        stranger = Client(Config(**keys, endpoint=address, protocol="http"))
        with pytest.raises(TeaException, match="SignatureDoesNotMatch"):
            stranger.list_jobs(ListJobsRequest())
        control = http.client.HTTPConnection(address, timeout=10)
        control.request("GET", "/_emulator/jobs")
        assert control.getresponse().status == 404
        control.close()


def test_a_region_in_the_environment_counts_only_without_a_project(project):
    project.job("a")
    project.environ = {"ALIBABA_CLOUD_REGION_ID": "cn-beijing", "PAI_WORKSPACE_ID": "9"}
    assert "(cn-hangzhou, workspace 1001" in project.run("plan").out
    (project.folder / "dlcapply.yaml").unlink()
    bare = ["plan", "jobs/a.yaml", "--endpoint", f"http://{project.emulator.endpoint}"]
    assert "(cn-beijing, workspace 9" in project.run(*bare).out
    assert "(cn-beijing, workspace 1001" in project.run(*bare, "--workspace", "1001").out


def test_without_a_writable_journal_nothing_is_written(project):
    project.job("a")
    (project.folder / ".dlcapply").write_text("a file where the folder should be")
    printed = project.run("apply", "--yes")
    assert (printed.code, project.writes) == (1, [])
    assert ".dlcapply" in printed.err
    (project.folder / ".dlcapply").unlink()
    (project.folder / ".dlcapply/journal.ndjson").mkdir(parents=True)
    printed = project.run("apply", "--yes")
    assert (printed.code, project.writes) == (1, [])
    assert "journal.ndjson" in printed.err


def test_a_replace_that_creates_nothing_says_that_it_stopped_the_old_run(project):
    project.job("a")
    project.run("apply", "--yes")
    project.job("a", "python train.py", "python other.py", more="run: {onChange: replace}\n")
    project.emulator.fault(Fault("CreateJob", FaultKind.THROTTLED, times=None))
    printed = project.run("apply", "--yes", "--allow-replace", "a")
    assert printed.code == 7
    assert re.search(r"dlc\w+ was stopped, and then: .*Throttling", printed.out)


def test_a_percentage_of_stops_is_of_all_active_runs(project):
    for number in range(6):
        project.job(f"job-{number}")
    project.run("apply", "--yes")
    project.configure(", limits: {stopsPercent: 20}")
    for number in range(2):
        project.job(f"job-{number}", more="run: {state: stopped}\n")
    assert project.run("plan", "--select", "job-0").code == 0
    assert project.run("plan", "--select", "job-[01]").code == 5


def test_color_is_for_terminals_unless_asked_for(project):
    project.job("a")
    assert "\x1b[" not in project.run("plan").out
    assert "\x1b[" in project.run("plan", "--color", "always").out
    assert "\x1b[" in project.run("validate", "--color", "always").out


def test_validate_fails_on_warnings_only_when_told_to(project):
    project.job("a", "  JobMaxRunningTimeMinutes: 60\n")
    assert project.run("validate").code == 0
    assert project.run("validate", "--fail-on", "warning").code == 4
    project.job("a")
    assert project.run("validate", "--fail-on", "warning").code == 0


def test_quiet_says_nothing_of_valid_manifests(project):
    project.job("a")
    assert project.run("validate", "--quiet").out == ""
    project.job("a", "  JobMaxRunningTimeMinutes: 60\n")
    assert "no-maximum-running-time" in project.run("validate", "--quiet").out


def test_validate_annotates_for_github_beside_its_text(project):
    project.job("a", "PodCount: 1", "PodCount: many")
    printed = project.run("validate", "-o", "github")
    assert printed.out.startswith("::error file=jobs/a.yaml,line=11,col=17,title=wrong-type::")
    both = project.run("validate", "-o", "text", "-o", "github=annotations")
    assert (project.folder / "annotations").read_text() == printed.out
    assert "jobs/a.yaml:11:17" in both.out
    assert project.run("status", "-o", "github").code == 64


@pytest.mark.parametrize("operation", ["ListEcsSpecs", "ListWorkspaces", "ListJobs", "CreateJob"])
def test_every_answer_of_the_command_may_be_lost_once(project, operation):
    for number in range(20):
        project.job(f"job-{number:02}")
    project.emulator.fault(Fault(operation, FaultKind.LOST, effect=True))
    assert project.run("apply", "--yes").code == 0
    assert sorted(job["DisplayName"] for job in project.emulator.jobs()) == [f"job-{n:02}" for n in range(20)]
    assert project.run("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize("words", [["plan"], ["plan", "-e", "local"], ["apply", "--yes"], ["plan", "."]])
def test_a_project_a_folder_below_is_named_in_the_hint(project, monkeypatch, words):
    project.job("a")
    (project.folder / "dlcapply.yaml").rename(project.folder / "moved.yaml")
    project.write("top/manifests/dlcapply.yaml", (project.folder / "moved.yaml").read_text())
    project.write("top/manifests/jobs/a.yaml", (project.folder / "jobs/a.yaml").read_text())
    monkeypatch.chdir(project.folder / "top")
    printed = project.run(*words)
    assert printed.code == 64
    assert "hint: there is a dlcapply.yaml below; name its folder: manifests, with -f" in printed.err
    assert project.run("plan", "manifests").code == 0


def test_a_part_of_a_name_and_one_misspelt_are_told_the_near_ones_whatever_the_command(project):
    project.job("resnet50-imagenet", more="\n")
    near = "did you mean resnet50-imagenet?"
    of_names = (
        *(("why",), ("logs",), ("events",), ("metrics",), ("sanity",), ("open",), ("history",), ("status",)),
        *(("wait",), ("stop", "--yes"), ("cleanup",), ("rerun",), ("adopt",)),
    )
    for command in of_names:
        for word in ("resnet50", "imagenet", "resnte50-imagenet"):
            printed = project.run(command[0], word, *command[1:])
            assert (printed.code != 0, near in printed.err) == (True, True), (command, word, printed.err)
    of_patterns = (("plan",), ("apply", "--yes"), ("validate",), ("status",), ("wait",), ("render",))
    for command in (*of_patterns, ("stop", "--yes")):
        printed = project.run(*command, "--select", "resnet50")
        assert (printed.code != 0, near in printed.err) == (True, True), (command, printed.err)
    assert project.writes == []
    (project.folder / "jobs/resnet50-imagenet.yaml").unlink()
    project.emulator.seed({"DisplayName": "bert-base", "WorkspaceId": "1001", "Status": "Running"})
    for word in ("bert", "brt-base"):  # of what only the workspace knows
        assert "did you mean bert-base?" in project.run("why", word).err


def test_a_broken_project_file_is_told_with_the_way_around_it_and_that_way_leads_to_the_runs(project):
    project.job("train")
    project.run("apply", "--yes")
    (run,) = project.emulator.jobs()
    project.write("dlcapply.yaml", "kind: [")
    there = ("--region", "cn-hangzhou", "--workspace", "1001", "--endpoint", project.emulator.endpoint)
    commands = [
        (name, run["JobId"]) for name in ("why", "logs", "events", "history", "metrics", "status", "wait")
    ]
    for command in (*commands, ("queue",), ("stop", run["JobId"], "--yes")):
        printed = project.run(*command)
        assert (printed.code, "--region NAME" in printed.err, "--workspace ID" in printed.err) == (
            4,
            True,
            True,
        )
    assert "--not-ours" in printed.err
    assert json.loads(project.run("why", "x", "-o", "json").out)["error"]["hint"].endswith("--workspace ID")
    for name, *words in commands[:-1]:
        assert project.run(name, *words, *there).code == 0
    assert project.run("stop", run["JobId"], "--yes", "--not-ours", *there).code == 0
    assert project.statuses("train") == ["Stopped"]
