"""What stopped a run is told alike by status, why, history and a plan, however PAI words it."""

from __future__ import annotations

import pytest

from dlcapply.api.clock import SystemClock
from dlcapply.api.history.rows import _stopped_by
from dlcapply.api.runs.measures import Measures
from dlcapply.api.status.rows import run_row
from dlcapply.applying.journal import Journal
from dlcapply.diagnosis.diagnose import diagnose
from dlcapply.diagnosis.reading import facts_of
from tests.builders import NOW, a_job, a_run, only_change

# Of each: the words of status, the verdict of why, who it was in history, and the reason of a plan.
TOLD = {
    "nobody": ("", "stopped", "", "stopped"),
    "user": ("by a user", "stopped-by-person", "a person or a program", "stopped"),
    "limit": ("time limit", "time-limit", "its time limit", "out-of-time"),
    "workspace": ("workspace rule", "workspace-policy", "a rule of the workspace", "workspace-rule"),
}
ADMIN = "The maximum running duration of 60 minutes set by the administrator of the workspace is exceeded."
HOUR = {"GmtRunningTime": "2026-11-01T00:01:00Z", "GmtFinishTime": "2026-11-01T01:01:02Z", "Duration": 3662}
SHORT = HOUR | {"JobMaxRunningTimeMinutes": 600}


@pytest.mark.parametrize(
    ("code", "message", "shown", "who"),
    [
        ("JobStoppedByUser", "Job is stopped by user.", HOUR, "user"),
        ("StoppedByUser", "max running time", HOUR, "user"),
        ("JobStopped", "The job was stopped manually.", HOUR, "user"),
        ("JobMaxRunningTimeExceeded", "Job ran longer than its maximum of 60 minutes.", HOUR, "limit"),
        ("", "Job is stopped: the job has reached its time limit.", HOUR, "limit"),
        ("JobStopped", "作业运行时长超过上限,已停止", HOUR, "limit"),
        ("", "", HOUR, "limit"),
        ("", "", HOUR | {"GmtFinishTime": "2026-11-01T01:00:40Z", "Duration": 3580}, "limit"),
        ("", "", HOUR | {"GmtFinishTime": "2026-11-01T02:01:20Z", "Duration": 7220}, "nobody"),
        ("JobMaxRunningTimeExceeded", ADMIN, HOUR, "workspace"),
        ("JobStoppedByWorkspacePolicy", "Job is stopped.", HOUR, "workspace"),
        ("JobMaxRunningTimeExceeded", "Job ran longer than its maximum of 60 minutes.", SHORT, "workspace"),
    ],
)
def test_what_stopped_a_run_is_told_alike_by_all(tmp_path, code, message, shown, who):
    job = a_job()
    run = a_run(job, "Stopped", ReasonCode=code, ReasonMessage=message, **shown)
    status = run_row(job.name, run, Measures(now=NOW)).reason
    why = diagnose(facts_of(run, region="cn-hangzhou")).code
    history = _stopped_by(run, Journal(tmp_path / "journal.ndjson", clock=SystemClock(), where="x"))
    assert (status, why, history, only_change(job, live=(run,)).reason.code) == TOLD[who]


def test_a_name_of_a_job_is_no_reason():
    run = a_run(a_job(), "Stopped", ReasonMessage="Job workspace-rule ran longer than its maximum.", **HOUR)
    named = type(run)(run.job_id, "workspace-rule", run.status, run.created, run.body)
    assert run_row("workspace-rule", named, Measures(now=NOW)).reason == "time limit"


def test_what_a_run_that_goes_on_was_stopped_by_before_is_no_reason():
    run = a_run(a_job(), "Running", ReasonCode="JobMaxRunningTimeExceeded", **HOUR)
    assert run_row("x", run, Measures(now=NOW)).reason == "JobMaxRunningTimeExceeded"
