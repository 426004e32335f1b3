"""The operations on jobs, and on what belongs to a job, by method and path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.jobs import (
    dashboards,
    ecs_specs,
    events,
    logs,
    metrics,
    operations,
    sanity_checks,
    search,
    signals,
    tags,
    tokens,
)
from dlcapply.emulator.operation import ORDER, PAGE, TIMES, Operation
from dlcapply.emulator.parameters import (
    DIMENSIONS,
    FLAG,
    FLAG_MAP,
    TEXT,
    TEXT_LIST,
    choice,
    pattern,
    required,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.emulator.parameters import Parameter

_EVENTS: Mapping[str, Parameter] = {**TIMES, "MaxEventsNum": whole(1, 10_000)}
_METRICS: Mapping[str, Parameter] = {
    **TIMES,
    "MetricType": required(choice(*metrics.LEVELS)),
    "TimeStep": pattern("a number and s, m or h, such as 5m", metrics.STEP),
    "Token": TEXT,
}
_SANITY: Mapping[str, Parameter] = {
    "SanityCheckNumber": required(whole(1, 2**31 - 1)),
    "SanityCheckPhase": choice(*sanity_checks.PHASES),
    "Token": TEXT,
}
_LOGS: Mapping[str, Parameter] = {
    **TIMES,
    "MaxLines": whole(1, 1_000_000),
    "PodUid": TEXT,
    "Containers": TEXT,
    "DownloadToFile": FLAG,
}
_CLOUD_MONITOR: Mapping[str, Parameter] = {
    **TIMES,
    "JobId": TEXT,
    "Namespace": choice("acs_pai_dlc"),
    "MetricName": TEXT,
    "Dimensions": required(DIMENSIONS),
    "Period": choice("15", "60", "900", "3600"),
    "Length": whole(1, metrics.MOST_POINTS),
    "NextToken": pattern("a token of an earlier answer", r"[0-9]{1,9}"),
    "Token": TEXT,
}
_DASHBOARD: Mapping[str, Parameter] = {"isShared": FLAG, "token": TEXT}
_TOKENS: Mapping[str, Parameter] = {
    "TargetType": choice("job", "tensorboard"),
    "TargetId": required(TEXT),
    "ExpireTime": whole(0, tokens.LONGEST),
    "TokenSettings": FLAG_MAP,
}
_UNTAG: Mapping[str, Parameter] = {
    "ResourceType": required(choice("Job")),
    "ResourceId": required(TEXT_LIST),
    "TagKey": TEXT_LIST,
    "All": FLAG,
}
_SPECS: Mapping[str, Parameter] = {
    **PAGE,
    **ORDER,
    "InstanceTypes": TEXT,
    "AcceleratorType": choice("CPU", "GPU"),
    "ResourceType": choice("ECS", "Lingjun"),
    "SortBy": TEXT,  # refused, whatever it says, unless a switch lets it in
}
_SIGNALS: Mapping[str, Parameter] = {
    **PAGE,
    **ORDER,
    "SortBy": choice("GmtCreated"),
    "Status": TEXT,
    "Token": TEXT,
}
_JOB = "/api/v1/jobs/{JobId}"
_POD = f"{_JOB}/pods/{{PodId}}"

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("POST", "/api/v1/jobs"): Operation("CreateJob", operations.create_job),
    ("GET", "/api/v1/jobs"): Operation("ListJobs", operations.list_jobs, search.PARAMETERS),
    ("GET", _JOB): Operation("GetJob", operations.get_job, {"NeedDetail": FLAG}),
    ("PUT", _JOB): Operation("UpdateJob", operations.update_job),
    ("DELETE", _JOB): Operation("DeleteJob", operations.delete_job),
    ("POST", f"{_JOB}/stop"): Operation("StopJob", operations.stop_job),
    ("GET", f"{_JOB}/events"): Operation("GetJobEvents", events.get_job_events, _EVENTS),
    ("GET", f"{_JOB}/metrics"): Operation("GetJobMetrics", metrics.get_job_metrics, _METRICS),
    ("GET", "/api/v1/cms/metrics"): Operation("GetMetrics", metrics.get_metrics, _CLOUD_MONITOR),
    ("GET", f"{_JOB}/dashboard"): Operation(
        "GetDashboard", dashboards.get_dashboard, _DASHBOARD, names_request=False
    ),
    ("GET", f"{_JOB}/rayDashboard"): Operation(
        "GetRayDashboard", dashboards.get_ray_dashboard, _DASHBOARD, names_request=False
    ),
    ("GET", f"{_JOB}/sanitycheckresults"): Operation(
        "ListJobSanityCheckResults", sanity_checks.list_results, ORDER
    ),
    ("GET", f"{_JOB}/sanitycheckresult"): Operation(
        "GetJobSanityCheckResult", sanity_checks.get_result, _SANITY
    ),
    ("GET", f"{_POD}/events"): Operation("GetPodEvents", events.get_pod_events, {**_EVENTS, "PodUid": TEXT}),
    ("GET", f"{_POD}/logs"): Operation("GetPodLogs", logs.get_pod_logs, _LOGS),
    ("GET", f"{_POD}/webterminal"): Operation(
        "GetWebTerminal", tokens.get_web_terminal, {"PodUid": TEXT, "IsShared": FLAG}
    ),
    ("POST", f"{_JOB}/signals"): Operation("CreateSignal", signals.create_signal),
    ("GET", f"{_JOB}/signals"): Operation("ListSignals", signals.list_signals, _SIGNALS),
    ("GET", f"{_JOB}/signals/{{SignalId}}"): Operation("GetSignal", signals.get_signal, {"Token": TEXT}),
    ("GET", "/api/v1/tokens"): Operation("GetToken", tokens.get_token, _TOKENS),
    ("POST", "/api/v1/tags"): Operation("TagResources", tags.tag_resources),
    ("DELETE", "/api/v1/tags"): Operation("UntagResources", tags.untag_resources, _UNTAG),
    ("GET", "/api/v1/ecsspecs"): Operation("ListEcsSpecs", ecs_specs.list_ecs_specs, _SPECS),
}
