"""What GetJobEvents says beside the moves of a job."""

from __future__ import annotations

_WAITING = "Job is waiting: resource type is not enough."
_WAITS: dict[str, tuple[str, str, str]] = {
    "no-node": (
        "FailedScheduling 0/12 nodes are available: 12 node(s) didn't match Pod's node affinity/selector.",
        "Unschedulable: 12 node(s) had untolerated taint {{driver: 470}}.",
        "node-1: DriverVersionMismatch; node-2: NetworkTopologyNotSatisfied",
    ),
    "no-stock": (
        _WAITING,
        "Failed to create instance: OperationDenied.NoStock, the requested resource is sold out in the specified zone; try other types of resources or other regions and zones.",
        "FailedScheduling 0/0 nodes are available: resource type is not enough, waiting for stock.",
    ),
    "quota-full": (
        _WAITING,
        "FailedScheduling 0/12 nodes are available: 12 Insufficient nvidia.com/gpu. preemption: 0/12 nodes are available: 12 No preemption victims found for incoming pod.",
        "Insufficient quotas, quotaName: {quota}, runtime: [gpu 32], used: [gpu 32], pod's request: [gpu 1], exceedDimensions: [nvidia.com/gpu]",
    ),
    "bid-too-low": (
        "",
        "Bid failed: the price limit of the job is below the current market price.",
        "Spot bid of {type} was not accepted, wait for the price to fall.",
    ),
}
# The first and the last are those of the Kubeflow training operator.
_FAILURES = (
    "Pod: dlc.{pod} exited with code {code}",
    "Failed: pod {pod}, container main, exitCode {code}",
    "PyTorchJob {job} is failed because 1 {role} replica(s) failed.",
)


def waiting_text(cause: str, variant: int, names: dict[str, str]) -> str:
    """Why a job waits for its resources; empty where nothing is said."""
    return _WAITS[cause][variant].format(**names) if cause in _WAITS else _WAITING


def failure_text(variant: int, pod: str, exit_code: int) -> str:
    """That a pod has failed; its name is that of the job, a role and a number."""
    job, role, _ = pod.rsplit("-", 2)
    return _FAILURES[variant].format(pod=pod, code=exit_code, job=job, role=role.title())
