"""What is printed to be typed works as printed: with the same paths and options, quoted for a shell."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcapply.api.command_lines import in_shell, typed
from dlcapply.api.options import HIDDEN, TargetOptions
from dlcapply.emulator import Fault, FaultKind

COMMAND = re.compile(r"dlcapply (?:apply|adopt|release|status|plan|show) .*?(?=\), or |$)", re.MULTILINE)
WHERE = ("it's here", "-e", "far", "--var", "lr=a b", "--select", "*")


@pytest.fixture
def far(project):
    """A project whose environment is reached only with an option, and manifests in a folder to be quoted."""
    project.write(
        "dlcapply.yaml",
        """\
        apiVersion: dlcapply/v1
        kind: Project
        metadata: {name: vision}
        manifests: ["it's here/*.yaml"]
        variables: {lr: {type: string}, DB_PASSWORD: {type: string, default: none}}
        environments:
          near: {endpoint: "http://127.0.0.1:9", region: cn-hangzhou, workspaceId: "1"}
          far: {endpoint: "http://127.0.0.1:9", region: cn-hangzhou, workspaceId: "1001"}
        """,
    )
    project.where = (*WHERE, "--endpoint", f"http://{project.emulator.endpoint}")
    declare(project, "train")
    return project


def declare(project, name, command="python train.py --lr ${{ var.lr }}"):
    project.job(name, "python train.py", command)
    (project.folder / f"jobs/{name}.yaml").rename(folder(project) / f"{name}.yaml")


def folder(project):
    path = project.folder / "it's here"
    path.mkdir(exist_ok=True)
    return path


def seed(project, *, command="python train.py --lr a b", **facts):
    """A run that somebody else created, as the manifest has it."""
    worker = {"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.gn7i-c8g1.2xlarge"}
    body = {
        "DisplayName": "train",
        "JobType": "PyTorchJob",
        "JobMaxRunningTimeMinutes": 60,
        "UserCommand": command,
        "Envs": {"LR": "1e-4"},
        "JobSpecs": [{**worker, "Image": "registry.example.com/team/train:1"}],
    }
    (job_id,) = project.emulator.seed({**body, **facts})
    return job_id


def offered(text, verb):
    """The one command of this verb in the text."""
    (command,) = {found for found in COMMAND.findall(text) if found.split()[1] == verb}
    return command


def type_in(project, command):
    return project.run(*shlex.split(command)[1:])


def run(project, *words):
    return project.run(*words[:1], *project.where, *words[1:])


def test_apply_exactly_this_plan(far):
    applied = type_in(far, offered(run(far, "plan", "--no-preflight").out, "apply"))
    assert (applied.code, far.writes) == (0, ["CreateJob"])


def test_the_command_that_resolves_a_lost_create(far):
    far.emulator.fault(Fault("CreateJob", FaultKind.LOST))
    printed = run(far, "apply", "--yes", "--no-preflight")
    assert printed.code == 8
    command = offered(printed.out, "status")
    assert (type_in(far, command).code, run(far, "apply", "--yes").code) == (1, 0)
    resolved = type_in(far, command)
    assert (resolved.code, far.emulator.jobs()[0]["JobId"] in resolved.out) == (0, True)


def test_a_run_that_stands_in_the_way_is_adopted(far):
    """Two of them: the command says which."""
    for _ in range(2):
        seed(far)
    blocked = run(far, "plan")
    adopted = type_in(far, offered(blocked.out, "adopt"))
    assert (blocked.code, adopted.code, "is adopted" in adopted.out) == (3, 0, True)


def test_anothers_run_is_taken_over_by_its_owner_s_name(far):
    seed(far, Settings={"Tags": {"dlcapply-owner": "speech/prod"}})
    command = offered(run(far, "plan").out, "adopt")
    assert "--from speech/prod" in command
    assert type_in(far, command).code == 0


def test_an_ended_run_of_the_name_is_adopted(far):
    seed(far, Status="Succeeded")
    assert type_in(far, offered(run(far, "plan").out, "adopt")).code == 0
    assert run(far, "plan", "--detailed-exitcode").code == 0


def test_an_orphan_is_released(far):
    declare(far, "-other")
    assert run(far, "apply", "--yes").code == 0
    (folder(far) / "-other.yaml").unlink()
    everything = ("-e", "far", "--var", "lr=1", "--endpoint", f"http://{far.emulator.endpoint}")
    command = offered(far.run("plan", *everything).out, "release")
    released = type_in(far, command)
    assert (released.code, "-other: " in released.out) == (0, True)


def test_who_waited_too_short_can_wait_again(far):
    printed = run(far, "apply", "--yes", "--wait=running", "--wait-timeout", "0s")
    assert printed.code == 11
    again = type_in(far, f"{offered(printed.err, 'apply')} --yes")
    assert (again.code, "Running" in again.out) == (0, True)


def test_saved_plans_name_the_commands_that_apply_and_renew_them(far):
    saved = run(far, "plan", "--out", "the plan.json")
    shown = far.run("show", "the plan.json")
    assert offered(shown.out, "apply").replace(HIDDEN, "a b") == offered(saved.out, "apply")
    declare(far, "more")
    stale = type_in(far, offered(saved.out, "apply"))
    assert (stale.code, far.writes) == (6, [])
    renewed = type_in(far, offered(stale.err, "plan").replace(HIDDEN, "a b"))
    assert renewed.code == 0
    assert type_in(far, offered(renewed.out, "apply")).code == 0
    assert far.writes == ["CreateJob"] * 2


def test_a_value_that_is_not_printed_is_named_and_never_taken_for_itself(far):
    planned = run(far, "plan", "--var", "DB_PASSWORD=hunter2hunter2")
    command = offered(planned.out, "apply")
    assert "hunter2" not in planned.out
    refused = type_in(far, command)
    assert (refused.code, far.writes) == (64, [])
    assert "DB_PASSWORD" in refused.err
    assert type_in(far, command.replace(HIDDEN, "hunter2hunter2")).code == 0


def test_without_a_project_there_is_no_claim_to_offer(project):
    (project.folder / "dlcapply.yaml").unlink()
    project.job("train")
    where = ("jobs", "--region", "cn-hangzhou", "--workspace", "1001")
    endpoint = ("--endpoint", f"http://{project.emulator.endpoint}")
    assert project.run("apply", "--yes", *where, *endpoint, "--owner", "mia").code == 0
    blocked = project.run("plan", *where, *endpoint, "--owner", "ann")
    assert blocked.code == 3
    assert "give this job another name" in blocked.out
    assert "adopt" not in blocked.out


@pytest.mark.parametrize(
    ("where", "name", "command"),
    [
        (TargetOptions(), "", "dlcapply status"),
        (TargetOptions(paths=("a b",), environment="x"), "n", "dlcapply status n 'a b' -e x"),
        (TargetOptions(paths=("-a", "-")), "", "dlcapply status ./-a -"),
        (TargetOptions(paths=("a",), select=("-x",)), "-n", "dlcapply status --select -x -- -n a"),
        (TargetOptions(paths=("a\n\u202eb",)), "", r"dlcapply status $'a\x0a\xe2\x80\xaeb'"),
    ],
)
def test_words_become_one_line_for_a_shell(where, name, command):
    assert typed("status", where, name=name) == command


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1, max_size=5))
def test_a_shell_reads_the_words_that_were_meant(words):
    done = subprocess.run(
        ["/bin/bash", "-c", f"printf '%s\\0' {in_shell(words)}"], capture_output=True, check=True
    )
    assert done.stdout.decode().split("\0")[:-1] == words
    assert in_shell(words).isprintable()
