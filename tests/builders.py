"""Plain values for tests: a job, a run of it, an environment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dlcapply.model.jobs import Environment, Identity, Job, JobKey, Limits, RunRules
from dlcapply.model.runs import Census, Run, Visibility
from dlcapply.planning.create_body import create_body
from dlcapply.planning.history import histories
from dlcapply.planning.inputs import PlanInputs
from dlcapply.planning.marks import marks_for
from dlcapply.planning.operations import operation_id
from dlcapply.planning.planner import make_plan

RULES = RunRules()
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OWNER = "vision/local"
ENVIRONMENT = Environment("local", "cn-hangzhou", "1001", OWNER)
CENSUS = Census(
    jobs=3, since="2000-01-01T00:00:00Z", workspace_id="1001", region="cn-hangzhou", sees=Visibility.ALL
)


def an_environment(**changes: Any) -> Environment:
    known: dict[str, Any] = {"owner": OWNER, "identity": Identity.MARKS, "limits": Limits()} | changes
    return Environment("local", "cn-hangzhou", "1001", **known)


def a_spec(**changes: Any) -> dict[str, Any]:
    spec = {
        "JobType": "PyTorchJob",
        "WorkspaceId": "1001",
        "UserCommand": "python train.py",
        "JobMaxRunningTimeMinutes": 60,
        "JobSpecs": [
            {"Type": "Worker", "PodCount": 2, "EcsSpec": "ecs.gn7i-c8g1.2xlarge", "Image": "registry/x:1"}
        ],
        "Envs": {"LR": "1e-4"},
    }
    return {key: value for key, value in (spec | changes).items() if value is not None}


def a_job(name: str = "train", *, rules: RunRules = RULES, **rest: Any) -> Job:
    known = {key: rest.pop(key) for key in ("labels", "env_from", "place") if key in rest}
    return Job(JobKey("cn-hangzhou", "1001", OWNER, name), a_spec(**rest), rules, **known)


def a_run(
    job: Job,
    status: str = "Running",
    *,
    number: int = 1,
    detailed: bool = True,
    tags: dict[str, str] | None = None,
    env: dict[str, str] | None = None,
    **body: Any,
) -> Run:
    """The run that CreateJob made of the job, as the service shows it."""
    marks = marks_for(job, op=operation_id(job, newest=None) if number == 1 else f"op{number}")
    sent = create_body(job, marks={**marks, **(tags or {})}, env=env or {})
    shown = {"Priority": 1, "Accessibility": "PRIVATE"} | sent | body
    created = f"2026-11-{number:02d}T00:00:00Z"
    return Run(f"dlc{number:03d}", job.name, status, created, shown, detailed)


def without_marks(run: Run) -> Run:
    body = {**run.body, "Settings": {}}
    return Run(run.job_id, run.name, run.status, run.created, body, run.detailed)


def a_plan(*jobs: Job, live: tuple[Run, ...] = (), environment: Environment = ENVIRONMENT, **options: Any):
    return make_plan(
        desired=jobs,
        live=histories(live, environment=environment, jobs=jobs),
        environment=environment,
        census=CENSUS,
        inputs=PlanInputs(**({"now": NOW, "accelerators": {"ecs.gn7i-c8g1.2xlarge": 1}} | options)),
    )


def only_change(*args: Any, **options: Any):
    (change,) = a_plan(*args, **options).changes
    return change
