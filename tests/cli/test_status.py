"""What `status` shows, from outside: of jobs, of what nobody declares, of a workspace; once and watched."""

from __future__ import annotations

import json
import os
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta

import pytest

from dlcapply.cli.main import main
from dlcapply.cli.shell import Shell
from dlcapply.emulator import Fault, FaultKind
from tests.cli.terminal import terminal
from tests.clocks import TurningClock

BODY = {
    "JobType": "PyTorchJob",
    "UserCommand": "python train.py",
    "WorkspaceId": "1001",
    "JobMaxRunningTimeMinutes": 120,
    "JobSpecs": [
        {
            "Type": "Worker",
            "PodCount": 2,
            "EcsSpec": "ecs.gn7i-c8g1.2xlarge",
            "Image": "registry.example.com/team/train:1",
        }
    ],
}


def strangers(name, *, owner="", status="Running", **more):
    tags = {"dlcapply-owner": owner} if owner else {}
    return {**BODY, "DisplayName": name, "Status": status, "Settings": {"Tags": tags}, **more}


def rows_of(project, *words):
    printed = project.run("status", "-o", "json", *words)
    assert printed.code == 0, printed.err
    return {row["name"]: row for row in json.loads(printed.out)["jobs"]}


def asked(project, since=0):
    return [entry.operation for entry in project.emulator.requests[since:]]


def test_a_row_says_how_the_run_goes_and_what_it_uses_without_asking_for_each(project):
    project.job("a", "PodCount: 1", "PodCount: 4")
    project.job("queued-b")
    project.run("apply", "--yes")
    project.emulator.turn(1803)
    before = len(project.emulator.requests)
    rows = rows_of(project)
    assert asked(project, before) == ["ListJobs", "ListEcsSpecs"]
    a, b = rows["a"], rows["queued-b"]
    assert (a["status"], a["plan"], a["pods"]) == (
        "Running",
        "in sync",
        {"total": 4, "running": 4, "failed": 0},
    )
    assert (a["accelerators"], a["accelerator_hours_ceiling"]) == (4, 4.0)
    assert a["accelerator_hours"] == pytest.approx(2, abs=0.01)
    assert (a["queued_seconds"], a["run_seconds"]) == (2, pytest.approx(1800, abs=5))
    assert (b["status"], b["accelerator_hours"]) == ("Queuing", 0.0)
    assert b["queued_seconds"] == pytest.approx(1803, abs=5)
    text = project.run("status").out
    assert "  2 of 4  " in text


def test_ages_are_by_the_services_clock_whatever_this_machine_thinks(project, capsys):
    project.job("a")
    project.run("apply", "--yes")
    project.emulator.turn(1800)

    class Wrong(TurningClock):
        def now(self):
            return super().now() + timedelta(days=9)

    assert main(["status"], shell=Shell({}, Wrong(project.emulator))) == 0
    assert capsys.readouterr().out.splitlines()[2].split()[5] == "30m"


def test_a_broken_manifest_costs_its_own_row_and_shows_the_runs_of_its_name(project):
    for name in ("a", "b", "c"):
        project.job(name)
    project.run("apply", "--yes")
    project.job("b", "PodCount: 1", "PodCount: many")
    project.write("jobs/c.yaml", "a: [\n")
    printed = project.run("status")
    assert (printed.code, printed.err) == (0, "")
    rows = rows_of(project)
    assert (rows["a"]["plan"], rows["a"]["status"]) == ("in sync", "EnvPreparing")
    assert (rows["b"]["plan"], rows["b"]["status"]) == ("broken", "EnvPreparing")
    assert rows["b"]["explanation"].startswith("broken manifest: jobs/b.yaml:11: ")
    assert rows["b"]["place"] == {"file": "jobs/b.yaml", "line": 11, "column": 17}
    assert (rows["jobs/c.yaml"]["plan"], rows["jobs/c.yaml"]["status"]) == ("broken", "unknown")
    assert rows["c"]["plan"] == "orphan"  # its manifest may be what can't be read
    assert "jobs/c.yaml can't be read, and may" in rows["c"]["explanation"]
    assert "jobs/c.yaml can't be read, and may" in project.run("why", "c").out.replace("\n", " ")


def test_a_broken_project_or_policy_does_not_keep_from_seeing_what_runs(project):
    project.job("a")
    project.run("apply", "--yes")
    project.configure('\n    limits: {creates: "many"}')
    assert project.run("status").code == 4
    place = ("--region", "cn-hangzhou", "--workspace", "1001", "--endpoint", project.emulator.endpoint)
    printed = project.run("status", *place)
    assert printed.code == 0
    assert "dlcapply.yaml:" in printed.err
    assert "vision/local" in printed.out  # whose the run is: nobody here knows who we are


def test_runs_of_ones_name_that_are_not_ours_are_shown_as_such(project):
    one, two = project.emulator.seed(strangers("a", owner="speech/prod"), strangers("a"))
    project.job("a")
    row = rows_of(project)["a"]
    assert (row["status"], row["job_id"], row["plan"]) == ("no run", "", "blocked")
    assert {(other["job_id"], other["owner"]) for other in row["others"]} == {
        (one, "speech/prod"),
        (two, "unmarked"),
    }
    text = project.run("status").out
    assert "Running (not ours)" in text
    assert one in text
    assert two in text
    assert "no run" not in text


def test_all_tells_ours_from_strangers_and_unmanaged_what_nobody_declares(project):
    project.job("a")
    project.job("gone")
    project.run("apply", "--yes")
    (project.folder / "jobs/gone.yaml").unlink()
    project.emulator.seed(
        strangers("theirs", owner="speech/prod"), strangers("old", status="Failed"), strangers("nobody's")
    )
    project.emulator.turn(3600)
    every = rows_of(project, "--all")
    assert {name: row["owner"] for name, row in every.items()} == {
        "a": "ours",
        "gone": "ours",
        "theirs": "speech/prod",
        "old": "unmarked",
        "nobody's": "unmarked",
    }
    loose = rows_of(project, "--unmanaged")
    assert {name: row["owner"] for name, row in loose.items()} == {
        "gone": "orphan",
        "theirs": "speech/prod",
        "nobody's": "unmarked",
    }
    assert loose["gone"]["accelerator_hours"] == pytest.approx(1, abs=0.01)
    project.emulator.seed(strangers("older", status="Stopped", GmtCreateTime="2026-01-01T00:00:00Z"))
    few = project.run("status", "--all", "--limit", "1")
    assert "1 older run that ended" in few.out
    assert all(name in few.out for name in every)  # what goes on is never left out
    assert rows_of(project)["gone"]["plan"] == "orphan"
    assert "No active run that no" in project.run("status", "--unmanaged", "--select", "other*").out


def test_without_manifests_or_a_project_the_workspace_is_listed(project):
    project.emulator.seed(strangers("theirs", owner="speech/prod"), strangers("old", status="Failed"))
    printed = project.run("status")
    assert (printed.code, "no manifests: these are the runs of the workspace" in printed.err) == (0, True)
    (project.folder / "dlcapply.yaml").unlink()
    place = ("--region", "cn-hangzhou", "--workspace", "1001", "--endpoint", project.emulator.endpoint)
    assert list(rows_of(project, *place)) == ["theirs", "old"]
    assert project.run("status", *place, "--exit-code").code == 9
    assert project.run("status", *place, "jobs").code == 64  # neither a file nor a run


def test_an_old_run_that_goes_on_is_found_behind_a_thousand_newer_ones(project):
    (old,) = project.emulator.seed(strangers("old", GmtCreateTime="2026-01-01T00:00:00Z"))
    project.emulator.seed(*(strangers(f"x-{at}", status="Succeeded") for at in range(1_001)))
    before = len(project.emulator.requests)
    assert [row["job_id"] for row in rows_of(project, "--unmanaged").values()] == [old]
    assert len(asked(project, before)) <= 13


def test_a_name_may_be_a_run_that_no_manifest_declares_or_a_job_id(project):
    (job_id,) = project.emulator.seed(strangers("theirs", owner="speech/prod"))
    project.job("a")
    assert rows_of(project, "theirs")["theirs"]["ownership"] == "foreign"
    header, row = project.run("status", "theirs").out.splitlines()[1:]
    assert row[header.index("OWNER") :].startswith("speech/prod ")
    assert rows_of(project, job_id, "a").keys() == {"a", "theirs"}
    printed = project.run("status", "b")
    assert (printed.code, "no file, no job and no run called b" in printed.err) == (64, True)


def test_who_may_not_see_others_private_runs_is_not_told_that_there_are_none(project):
    project.job("a")
    assert "PRIVATE" not in project.run("status").out  # an administrator sees everybody's
    project.emulator.fault(
        Fault("ListPermissions", FaultKind.ERROR, status=403, code="Forbidden", times=None)
    )
    told = "Others' PRIVATE jobs may not be seen: "
    assert f"{told}a job may have a run, and show none" in project.run("status").out
    for words in (["--unmanaged"], ["--all"], ["--unmanaged", "-o", "markdown"]):
        assert f"{told}they are not among these runs" in project.run("status", *words).out.replace("\\", "")
    project.configure(", view: all")
    assert "PRIVATE" not in project.run("status", "--unmanaged").out
    project.run("apply", "--yes")
    before = len(project.emulator.requests)
    assert project.run("status").code == 0
    assert "ListPermissions" not in asked(project, before)  # nothing hangs on it


def test_a_failed_newest_run_is_exit_9_only_where_asked_for(project):
    project.job("short-a", "python train.py", "exit 137")
    project.job("b")
    project.run("apply", "--yes")
    project.emulator.turn(7200)
    assert project.run("status").code == 0
    printed = project.run("status", "--exit-code")
    assert (printed.code, "Failed: exit 137 (SIGKILL)" in printed.out) == (9, True)
    assert project.run("status", "b", "--exit-code").code == 0


def test_what_no_permission_keeps_from_counting_is_said(project):
    project.emulator.seed(strangers("a"))
    project.emulator.turn(3600)
    project.emulator.fault(Fault("ListEcsSpecs", FaultKind.ERROR, status=403, code="Forbidden", times=None))
    told = project.run("status", "--all").out
    assert "? of ?" in told
    assert "1 run: 1 Running\n" in told  # no hours are summed up
    assert "? where accelerators are not known: ListEcsSpecs " in told
    assert rows_of(project, "--all")["a"]["unmeasured"].startswith("ListEcsSpecs ")


def test_a_strangers_newer_run_does_not_hide_that_ours_failed(project):
    ours = strangers("a", owner="vision/local", status="Failed", GmtCreateTime="2026-01-01T00:00:00Z")
    project.emulator.seed(ours, strangers("a", owner="speech/prod"))
    assert project.run("status", "--all", "--exit-code").code == 9
    project.emulator.seed(strangers("a", owner="vision/local"))
    assert project.run("status", "--all", "--exit-code").code == 0


def test_secrets_and_escapes_in_what_the_service_says_are_not_shown(project):
    (job_id,) = project.emulator.seed(strangers("a\x1b[2J", Envs={"API_TOKEN": "s3cr3t-v4lue-of-it"}))
    told = "\x1b[31m exit code 3 with s3cr3t-v4lue-of-it"
    project.emulator.change(job_id, Status="Failed", ReasonCode="X", ReasonMessage=told)
    printed = project.run("status", "--all")
    assert "\x1b" not in printed.out
    assert "s3cr3t" not in printed.out + project.run("status", "--all", "-o", "json").out
    assert "Failed: X, exit 3" in printed.out


@pytest.mark.parametrize(
    "words",
    [
        ["--all", "--unmanaged"],
        ["--all", "a"],
        ["--watch", "-o", "json"],
        ["--watch", "--exit-code"],
        ["--op", "x", "--all"],
    ],
)
def test_what_asks_for_different_things_is_wrong_usage(project, words):
    project.job("a")
    assert project.run("status", *words).code == 64


class Watching(TurningClock):
    """A clock on which each sleep between two looks does the next of some steps; then comes Ctrl-C."""

    def __init__(self, project, *steps):
        super().__init__(project.emulator)
        self.steps = iter(steps)

    def sleep(self, seconds):
        if seconds < 0.5:  # of a call that waits for its turn
            super().sleep(seconds)
            return
        step = next(self.steps, None)
        if step is None:
            raise KeyboardInterrupt
        step()
        super().sleep(seconds)


def test_watching_tells_each_change_and_leaves_without_stopping_anything(project, capsys):
    project.job("short-a", "python train.py", "exit 1")
    project.job("b")
    project.run("apply", "--yes")

    def begin():
        project.emulator.seed(strangers("b", owner="vision/local", status="Queuing"))

    steps = [lambda: project.emulator.turn(1800), *[lambda: None] * 6, begin, *[lambda: None] * 8]
    watching = Watching(project, *steps)
    writes = len(project.emulator.writes)
    assert main(["status", "--watch"], shell=Shell({}, watching)) == 130
    out = capsys.readouterr().out.splitlines()
    assert out[1].startswith("NAME")
    changes = [line.split()[1:-1] for line in out if line[:2].isdigit()]
    assert ["short-a", "Failed:", "exit", "1"] in changes
    assert ["b", "Running"] in changes
    assert ["b", "Queuing"] in changes
    assert len(project.emulator.writes) == writes


def test_watching_many_runs_takes_few_calls_and_at_most_one_a_second(project):
    project.emulator.seed(*(strangers(f"x-{at}") for at in range(150)))
    (project.folder / "dlcapply.yaml").unlink()
    place = ("--region", "cn-hangzhou", "--workspace", "1001", "--endpoint", project.emulator.endpoint)
    begun = {}

    def mark():
        begun.setdefault("at", (len(project.emulator.requests), project.emulator.now()))

    watching = Watching(project, *[mark] * 16)
    assert main(["status", "--watch", "--interval", "1s", *place], shell=Shell({}, watching)) == 130
    calls, since = begun["at"]
    made = asked(project, calls)
    assert made.count("ListEcsSpecs") == 1
    assert set(made) == {"ListJobs", "ListEcsSpecs"}
    assert 10 <= len(made) <= project.emulator.now() - since + 1
    looks = project.emulator.requests[calls:]
    assert sum("JobIds" in entry.path for entry in looks) == pytest.approx(len(made) * 2 / 3, abs=3)


def test_a_service_that_fails_for_a_while_is_told_and_asked_again(project, capsys):
    project.job("a")
    project.run("apply", "--yes")

    def fail():
        project.emulator.fault(Fault("ListJobs", FaultKind.ERROR, status=403, code="Forbidden", times=2))

    watching = Watching(project, fail, *[lambda: None] * 8)
    assert main(["status", "--watch"], shell=Shell({}, watching)) == 130
    out = capsys.readouterr().out
    assert out.count("can't be read now, and is tried again") == 1
    assert "Running" in out.splitlines()[-1]


def test_watching_ends_when_nobody_reads_it_any_more(project):
    project.job("a")
    reading, writing = os.pipe()
    os.close(reading)
    watching = Watching(project, *[lambda: None] * 20)
    with os.fdopen(writing, "w") as pipe, redirect_stdout(pipe):
        assert main(["status", "--watch"], shell=Shell({}, watching)) == 1
    assert next(watching.steps) is not None


def test_watching_ends_when_its_reader_has_gone_though_nothing_changes(project):
    project.job("a")
    reading, writing = os.pipe()
    watching = Watching(project, lambda: os.close(reading), *[lambda: None] * 20)
    with os.fdopen(writing, "w") as pipe, redirect_stdout(pipe):
        assert main(["status", "--watch"], shell=Shell({"FORCE_COLOR": "1"}, watching)) == 1
    assert next(watching.steps) is not None


def test_on_a_terminal_the_table_is_redrawn_in_place_and_stays(project):
    project.job("short-a")
    project.job("b")
    project.run("apply", "--yes")
    seen = []
    with terminal(70, 12) as tty:
        steps = [lambda: seen.append(tty.look()), lambda: project.emulator.turn(1800)]
        watching = Watching(project, *steps, *[lambda: seen.append(tty.look())] * 6)
        shell = Shell({"TERM": "xterm", "NO_COLOR": "1"}, watching)
        with redirect_stdout(tty.file):
            assert main(["status", "--watch"], shell=shell) == 130
        last = tty.look()
    assert "EnvPreparing" in seen[0]
    assert last.count("NAME") == 1
    assert "short-a  Succeeded" in last
    assert "b        Running" in last
    moment = datetime.fromtimestamp(project.emulator.now(), UTC)
    assert f"as of {moment:%H:%M}" in last
