"""What PAI answers about a job and CreateJob does not take: keys that come in with a pasted answer."""

from __future__ import annotations

# SDK 1.11.6: JobItem and GetJobResponseBody without CreateJobRequest, and ListJobsResponseBody.
_ANSWERED = """
ClusterId Duration EnablePreemptibleJob EnabledDebugger GmtCreateTime GmtFailedTime GmtFinishTime
GmtModifiedTime GmtRunningTime GmtStoppedTime GmtSubmittedTime GmtSuccessedTime IsDeleted JobId
JobReplicaStatuses Jobs NodeCount NodeNames Pods ReasonCode ReasonMessage RequestCPU RequestGPU
RequestId RequestMemory ResourceLevel ResourceName ResourceQuotaName ResourceType RestartRecord
RestartTimes RetryCount RoleSystemEnvs Status StatusHistory SubStatus SystemEnvs TemplateName
TenantId TotalCount UseOversoldResource UserId UserScript Username WorkingDir WorkspaceName
supportedProfilingTypes
"""
ANSWERED = frozenset(_ANSWERED.split())


def is_answered(path: str) -> bool:
    """Whether the dotted path, from the top of a manifest, is that of a key of answers alone."""
    return path.removeprefix("spec.").partition(".")[0] in ANSWERED
