"""The operations on jobs, and on what belongs to one, by method and path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.jobs import events, logs, metrics, operations, sanity, search, specs, tags, tokens
from dlcapply.emulator.operation import PAGE, TIMES, Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("POST", "/api/v1/jobs"): Operation("CreateJob", operations.create_job),
    ("GET", "/api/v1/jobs"): Operation("ListJobs", operations.list_jobs, search.PARAMETERS),
    ("GET", "/api/v1/jobs/{JobId}"): Operation("GetJob", operations.get_job, frozenset({"NeedDetail"})),
    ("PUT", "/api/v1/jobs/{JobId}"): Operation("UpdateJob", operations.update_job),
    ("DELETE", "/api/v1/jobs/{JobId}"): Operation("DeleteJob", operations.delete_job),
    ("POST", "/api/v1/jobs/{JobId}/stop"): Operation("StopJob", operations.stop_job),
    ("GET", "/api/v1/jobs/{JobId}/events"): Operation(
        "GetJobEvents", events.get_job_events, TIMES | {"MaxEventsNum"}
    ),
    ("GET", "/api/v1/jobs/{JobId}/metrics"): Operation(
        "GetJobMetrics", metrics.get_job_metrics, TIMES | {"MetricType", "TimeStep"}
    ),
    ("GET", "/api/v1/jobs/{JobId}/sanitycheckresults"): Operation(
        "ListJobSanityCheckResults", sanity.list_results, frozenset({"Order"})
    ),
    ("GET", "/api/v1/jobs/{JobId}/sanitycheckresult"): Operation(
        "GetJobSanityCheckResult",
        sanity.get_result,
        frozenset({"SanityCheckNumber", "SanityCheckPhase"}),
    ),
    ("GET", "/api/v1/jobs/{JobId}/pods/{PodId}/events"): Operation(
        "GetPodEvents", events.get_pod_events, TIMES | {"MaxEventsNum", "PodUid"}
    ),
    ("GET", "/api/v1/jobs/{JobId}/pods/{PodId}/logs"): Operation(
        "GetPodLogs", logs.get_pod_logs, TIMES | {"MaxLines", "PodUid", "Containers"}
    ),
    ("GET", "/api/v1/jobs/{JobId}/pods/{PodId}/webterminal"): Operation(
        "GetWebTerminal", tokens.get_web_terminal, frozenset({"PodUid", "IsShared"})
    ),
    ("GET", "/api/v1/tokens"): Operation(
        "GetToken", tokens.get_token, frozenset({"TargetType", "TargetId", "ExpireTime"})
    ),
    ("POST", "/api/v1/tags"): Operation("TagResources", tags.tag_resources),
    ("DELETE", "/api/v1/tags"): Operation(
        "UntagResources", tags.untag_resources, frozenset({"ResourceType", "ResourceId", "TagKey", "All"})
    ),
    ("GET", "/api/v1/ecsspecs"): Operation(
        "ListEcsSpecs",
        specs.list_ecs_specs,
        PAGE | {"InstanceTypes", "AcceleratorType", "ResourceType", "SortBy", "Order"},
    ),
}
