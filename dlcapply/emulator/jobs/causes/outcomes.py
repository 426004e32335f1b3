"""How far a run gets with each cause, and how the service explains its end."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

VARIANTS = 3
SILENCE = 600.0  # seconds without a line before a collective operation is given up, at most

Stage = Literal["Queuing", "Bidding", "EnvPreparing", "SanityChecking", "Running"]
Reason = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a cause makes of a run.

    `stage` is the status in which it strikes. `status` is what comes then, empty where nothing ever does.
    `reasons` are (ReasonCode, ReasonMessage), one for each variant; `{pod}`, `{node}`, `{image}` and
    `{minutes}` are filled in. `exit_code` and `sub_status` are those of the pod that failed first, `others`
    the exit codes of the other pods in each variant.
    """

    stage: Stage
    status: Literal["Failed", "Stopped", "Succeeded", ""] = "Failed"
    reasons: tuple[Reason, ...] = (("", ""),)
    exit_code: int = 0
    sub_status: str = "Normal"
    others: tuple[int, ...] = (143,)
    is_collective: bool = False  # every pod fails for the same reason, at the same time

    def reason(self, variant: int) -> Reason:
        return self.reasons[variant % len(self.reasons)]

    def exit_code_of_others(self, variant: int) -> int:
        return self.exit_code if self.is_collective else self.others[variant % len(self.others)]


_LIMIT = (
    ("JobMaxRunningTimeExceeded", "Job ran longer than its maximum of {minutes} minutes."),
    ("JobMaxRunningTimeExceeded", "The running time of the job has exceeded {minutes}m, it is stopped."),
    ("JobTimeout", "Job is stopped because JobMaxRunningTimeMinutes ({minutes}) is reached."),
)
_POLICY = (
    (
        "JobStoppedByWorkspacePolicy",
        "Job is stopped: the workspace allows a maximum running duration of {minutes} minutes.",
    ),
    (
        "JobMaxRunningTimeExceeded",
        "The maximum running duration of {minutes} minutes set by the administrator of the workspace is exceeded.",
    ),
    (
        "StoppedBySystem",
        "Job is automatically stopped by the scheduling configuration of the workspace (max duration {minutes}m).",
    ),
)
_STOCK = (("", ""), ("ResourceAllocateFailed", "The requested resource is sold out."), ("", ""))
_QUOTA = (("", ""), ("", ""), ("ResourceAllocateFailed", "Insufficient resources in the quota."))
_BID = (("", ""), ("", ""), ("ResourceAllocateFailed", "The bid is below the market price."))

_PULL_FAILS = Outcome(
    "EnvPreparing",
    reasons=(
        ("ImagePullBackOff", "Back-off pulling the image."),
        ("JobFailed", "Pod {pod} can not be started: ErrImagePull."),
        ("ErrImagePull", 'Failed to pull image "{image}" of pod {pod}.'),
    ),
)

OUTCOMES: dict[str, Outcome] = {
    "noise": Outcome("Running", "Succeeded", (("JobSucceeded", "Job is succeeded."),)),
    "worker-lost": Outcome(
        "Running", "Succeeded", (("JobSucceeded", "Job is succeeded."),), exit_code=1, others=(0,)
    ),
    "no-stock": Outcome("Queuing", "", _STOCK),
    "quota-full": Outcome("Queuing", "", _QUOTA),
    "bid-too-low": Outcome("Bidding", "", _BID),
    "image-missing": Outcome(
        "EnvPreparing",
        reasons=(
            ("ImagePullBackOff", "Back-off pulling the image."),
            ("ErrImagePull", 'Failed to pull image "{image}" of pod {pod}.'),
            ("JobFailed", "Pod {pod} can not be started: ImagePullBackOff."),
        ),
    ),
    "image-denied": Outcome(
        "EnvPreparing",
        reasons=(
            ("ImagePullBackOff", "Back-off pulling the image."),
            ("JobFailed", "Pod {pod} can not be started: ErrImagePull."),
            ("ErrImagePull", 'Failed to pull image "{image}" of pod {pod}.'),
        ),
    ),
    "image-region": Outcome(
        "EnvPreparing",
        reasons=(
            ("ErrImagePull", 'Failed to pull image "{image}" of pod {pod}.'),
            ("ImagePullBackOff", "Back-off pulling the image."),
            ("JobFailed", "The environment of pod {pod} was not prepared in time."),
        ),
    ),
    "dataset-mount": Outcome(
        "EnvPreparing",
        reasons=(
            ("FailedMount", "The storage of pod {pod} could not be mounted."),
            ("JobFailed", "The environment of pod {pod} was not prepared in time."),
            ("InvalidParameter", "Mount data source failed on {node}."),
        ),
    ),
    "sanity-failed": Outcome(
        "SanityChecking",
        reasons=(
            ("SanityCheckFailed", "Sanity check failed on node {node}."),
            ("JobFailed", "The sanity check of the job did not pass."),
            ("JobSanityCheckFailed", "1 node is abnormal: {node}"),
        ),
    ),
    "oom": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 137: killed, or out of memory."),
            ("JobFailed", "Pod {pod} failed: reason OOMKilled, exit code 137."),
            ("PodOOMKilled", "{pod} ran out of memory (exitCode: 137)"),
        ),
        exit_code=137,
        others=(143, 1, 143),
    ),
    "segfault": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 139: segmentation fault."),
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 139."),
            ("PodFailed", "{pod} is failed, exitCode: 139"),
        ),
        exit_code=139,
        others=(1, 143, 143),
    ),
    "nccl-timeout": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 245: an NCCL operation timed out."),
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 245."),
            ("PodFailed", "{pod} is failed, exitCode: 245"),
        ),
        exit_code=245,
        is_collective=True,
    ),
    "mpi-ssh": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 255: MPI lost an ssh connection."),
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 255."),
            ("PodFailed", "{pod} is failed, exitCode: 255"),
        ),
        exit_code=255,
    ),
    "sigterm": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 143: terminated by SIGTERM."),
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 143."),
            ("PodFailed", "{pod} is failed, exitCode: 143"),
        ),
        exit_code=143,
        is_collective=True,
    ),
    "preempted": Outcome(
        "Running",
        reasons=(
            ("JobPreempted", "Pod {pod} on idle resources was preempted."),
            ("JobFailed", "Job failed because pods are preempted: {pod}"),
            ("JobFailed", "The idle resources of the job were taken back by their quota."),
        ),
        exit_code=143,
        sub_status="Preempted",
    ),
    "reclaimed": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "The instances of the job were reclaimed."),
            ("SpotInstanceReclaimed", "The spot instance of pod {pod} was released by the system."),
            ("JobFailed", "Pod {pod} was evicted from {node}."),
        ),
        exit_code=143,
        sub_status="Evicted",
    ),
    "time-limit": Outcome("Running", "Stopped", _LIMIT),
    "workspace-policy": Outcome("Running", "Stopped", _POLICY),
    "hang": Outcome("Running", ""),
    "one-worker": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 1."),
            ("JobFailed", "Container exited with code 1."),
            ("PodFailed", "{pod} is failed, exitCode: 1"),
        ),
        exit_code=1,
        others=(143, 1, 1),
    ),
    "command-not-found": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 127: the command is not found."),
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 127."),
            ("PodFailed", "{pod} is failed, exitCode: 127"),
        ),
        exit_code=127,
        is_collective=True,
    ),
    "error": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 1."),
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 1."),
            ("PodFailed", "{pod} is failed, exitCode: 1"),
        ),
        exit_code=1,
        is_collective=True,
    ),
    "killed": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 137."),
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 137."),
            ("PodFailed", "{pod} is failed, exitCode: 137"),
        ),
        exit_code=137,
        others=(143, 1, 143),
    ),
    "gpu-oom": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 1."),
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 1."),
            ("PodFailed", "{pod} is failed, exitCode: 1"),
        ),
        exit_code=1,
        others=(143, 1, 1),
    ),
    "gpu-fault": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 1."),
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 1."),
            ("PodFailed", "{pod} is failed, exitCode: 1"),
        ),
        exit_code=1,
        others=(143, 1, 1),
    ),
    "shared-memory": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 1."),
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 1."),
            ("PodFailed", "{pod} is failed, exitCode: 1"),
        ),
        exit_code=1,
        others=(143, 1, 1),
    ),
    "aborted": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 134."),
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 134."),
            ("PodFailed", "{pod} is failed, exitCode: 134"),
        ),
        exit_code=134,
        others=(1, 143, 143),
    ),
    "nccl-error": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 1."),
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 1."),
            ("PodFailed", "{pod} is failed, exitCode: 1"),
        ),
        exit_code=1,
        is_collective=True,
    ),
    "rendezvous": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 1."),
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 1."),
            ("PodFailed", "{pod} is failed, exitCode: 1"),
        ),
        exit_code=1,
        is_collective=True,
    ),
    "not-executable": Outcome(
        "Running",
        reasons=(
            ("JobFailed", "Container exited with code 126: the command cannot be executed."),
            ("JobFailed", "Pod {pod} failed: reason Error, exit code 126."),
            ("PodFailed", "{pod} is failed, exitCode: 126"),
        ),
        exit_code=126,
        is_collective=True,
    ),
    "image-unreachable": _PULL_FAILS,
    "image-broken": _PULL_FAILS,
    "no-node": Outcome("Queuing", ""),
    "stuck": Outcome("EnvPreparing", ""),
    "refused": Outcome(
        "EnvPreparing",
        reasons=(
            ("InvalidParameter", "The driver of the job is not known."),
            ("JobFailed", "InvalidParameterValue: SystemDisk is out of range."),
            ("InvalidParameter", "参数不合法: VPC"),
        ),
    ),
    "unexplained": Outcome(
        "EnvPreparing", reasons=(("JobFailed", "Job is failed."), ("", ""), ("InternalError", ""))
    ),
    "stopped-by-system": Outcome(
        "Running",
        "Stopped",
        (
            ("JobStopped", "The account has overdue payments."),
            ("StoppedBySystem", "Job is stopped for maintenance of the cluster."),
            ("JobStopped", "任务因欠费被停止"),
        ),
    ),
}
NEVER_STARTS = frozenset(name for name, one in OUTCOMES.items() if one.stage in {"Queuing", "Bidding"})
ENDED_BY_LIMIT = frozenset({"time-limit", "workspace-policy"})


def variant_of(name: str, asked: int | None) -> int:
    """Which of the wordings the runs of this name have, unless a lifecycle asks for one."""
    number = hashlib.sha256(name.encode(errors="surrogatepass")).digest()[0] if asked is None else asked
    return number % VARIANTS
