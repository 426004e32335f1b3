"""Apply YAML job manifests from git to Alibaba Cloud PAI-DLC: what the command does, from Python.

    manifests = dlcapply.load("manifests", environment="prod")
    with dlcapply.connect(manifests) as service:
        plan = dlcapply.plan(manifests, service)

Every function takes values and returns values, prints nothing, and raises `DlcapplyError` for what is
expected to fail: its `message` says what, its `hint` what to do. The names in `__all__`, their parameters
and the attributes that docs/library.md names are stable as the JSON documents are (docs/promises.md);
everything else below `dlcapply` may change with any release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.version import __version__

if TYPE_CHECKING:
    from dlcapply.api.acting.claims import Claimed, adopt, release
    from dlcapply.api.acting.cleanup import Leftovers
    from dlcapply.api.acting.rerun import Reruns
    from dlcapply.api.acting.stop import ToStop
    from dlcapply.api.applying.apply import apply
    from dlcapply.api.applying.carrying_out import Applied
    from dlcapply.api.connect import Service, connect
    from dlcapply.api.diagnosis.why import why
    from dlcapply.api.face.inspecting import addresses, metrics, queue, sanity
    from dlcapply.api.face.reading import RunEvents, events, logs
    from dlcapply.api.face.renewing import Cleaned, cleanup, rerun
    from dlcapply.api.face.stopping import Stopped, stop
    from dlcapply.api.face.waiting import wait
    from dlcapply.api.history.history import history
    from dlcapply.api.load import Manifests, load
    from dlcapply.api.plans.plan import plan
    from dlcapply.api.plans.saved import open_plan, save_plan
    from dlcapply.api.status.status import status
    from dlcapply.api.validate import Validation, validate
    from dlcapply.api.waiting.progress import Progress
    from dlcapply.api.waiting.wait import Waited
    from dlcapply.diagnosis.verdicts import Diagnosis
    from dlcapply.errors import (
        CredentialsError,
        DeniedError,
        DlcapplyError,
        ExitCode,
        InvalidManifestsError,
        NoManifestsError,
        ServiceError,
        StaleError,
        UsageError,
    )
    from dlcapply.model.clock import Clock
    from dlcapply.model.findings import Finding, Level, Place
    from dlcapply.model.jobs import Environment, Job
    from dlcapply.model.outcomes import Outcome, Result
    from dlcapply.model.plans import Action, Change, Plan
    from dlcapply.model.runs import Run
    from dlcapply.model.stops import DeleteOutcome, StopOutcome, StopResult
    from dlcapply.operating.following import WaitedRun
    from dlcapply.planning.restored_plans import SavedPlan
    from dlcapply.rendering.plan_documents import plan_document
    from dlcapply.rendering.rows.diagnosis import DiagnosedRun
    from dlcapply.rendering.rows.history import HistoryRow, RunHistory
    from dlcapply.rendering.rows.inspection import Addresses, Checked, Measured, Queues
    from dlcapply.rendering.rows.logs import EventRow, LogEnd, LogLine
    from dlcapply.rendering.rows.status import StatusRow

# Imported when they are asked for: `dlcapply --version` needs none of them.
_HOMES = {
    "api.applying.apply": ("apply",),
    "api.applying.carrying_out": ("Applied",),
    "api.acting.claims": ("Claimed", "adopt", "release"),
    "api.acting.cleanup": ("Leftovers",),
    "api.acting.rerun": ("Reruns",),
    "api.acting.stop": ("ToStop",),
    "api.face.inspecting": ("addresses", "metrics", "queue", "sanity"),
    "api.face.reading": ("RunEvents", "events", "logs"),
    "api.face.renewing": ("Cleaned", "cleanup", "rerun"),
    "api.face.stopping": ("Stopped", "stop"),
    "api.face.waiting": ("wait",),
    "api.waiting.wait": ("Waited",),
    "api.connect": ("Service", "connect"),
    "api.waiting.progress": ("Progress",),
    "api.history.history": ("history",),
    "api.load": ("Manifests", "load"),
    "api.plans.plan": ("plan",),
    "api.plans.saved": ("open_plan", "save_plan"),
    "api.status.status": ("status",),
    "api.validate": ("Validation", "validate"),
    "api.diagnosis.why": ("why",),
    "diagnosis.verdicts": ("Diagnosis",),
    "errors": (
        "CredentialsError",
        "DeniedError",
        "DlcapplyError",
        "ExitCode",
        "InvalidManifestsError",
        "NoManifestsError",
        "ServiceError",
        "StaleError",
        "UsageError",
    ),
    "operating.following": ("WaitedRun",),
    "model.clock": ("Clock",),
    "model.findings": ("Finding", "Level", "Place"),
    "model.jobs": ("Environment", "Job"),
    "model.outcomes": ("Outcome", "Result"),
    "model.plans": ("Action", "Change", "Plan"),
    "model.runs": ("Run",),
    "model.stops": ("DeleteOutcome", "StopOutcome", "StopResult"),
    "planning.restored_plans": ("SavedPlan",),
    "rendering.plan_documents": ("plan_document",),
    "rendering.rows.diagnosis": ("DiagnosedRun",),
    "rendering.rows.history": ("HistoryRow", "RunHistory"),
    "rendering.rows.inspection": ("Addresses", "Checked", "Measured", "Queues"),
    "rendering.rows.logs": ("EventRow", "LogEnd", "LogLine"),
    "rendering.rows.status": ("StatusRow",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Action",
    "Addresses",
    "Applied",
    "Change",
    "Checked",
    "Claimed",
    "Cleaned",
    "Clock",
    "CredentialsError",
    "DeleteOutcome",
    "DeniedError",
    "DiagnosedRun",
    "Diagnosis",
    "DlcapplyError",
    "Environment",
    "EventRow",
    "ExitCode",
    "Finding",
    "HistoryRow",
    "InvalidManifestsError",
    "Job",
    "Leftovers",
    "Level",
    "LogEnd",
    "LogLine",
    "Manifests",
    "Measured",
    "NoManifestsError",
    "Outcome",
    "Place",
    "Plan",
    "Progress",
    "Queues",
    "Reruns",
    "Result",
    "Run",
    "RunEvents",
    "RunHistory",
    "SavedPlan",
    "Service",
    "ServiceError",
    "StaleError",
    "StatusRow",
    "StopOutcome",
    "StopResult",
    "Stopped",
    "ToStop",
    "UsageError",
    "Validation",
    "Waited",
    "WaitedRun",
    "__version__",
    "addresses",
    "adopt",
    "apply",
    "cleanup",
    "connect",
    "events",
    "history",
    "load",
    "logs",
    "metrics",
    "open_plan",
    "plan",
    "plan_document",
    "queue",
    "release",
    "rerun",
    "sanity",
    "save_plan",
    "status",
    "stop",
    "validate",
    "wait",
    "why",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'dlcapply' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"dlcapply.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
