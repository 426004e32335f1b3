"""Every cause of the emulator in each of its wordings, on one emulator, and the verdict it asks for."""

from __future__ import annotations

from datetime import UTC, datetime

from dlcapply.diagnosis.verdicts import Code
from dlcapply.emulator import Clock, Emulator, Lifecycle, Switches

WORDINGS = (0, 1, 2)
START = datetime(2026, 11, 23, tzinfo=UTC)
RUNNING = 600.0  # seconds until a cause strikes that strikes a run
MIDWAY = 300.0
LATER = 7_200.0
QUOTA = "quota1a2b3c4d5e6"
WAITS, RUNS = {Code.WAITING}, {Code.RUNNING}
STARTS = {Code.STARTING, *WAITS, *RUNS}

# What each cause is in the end: one verdict, or one for each wording where these tell different things.
ENDS = {
    "noise": [Code.SUCCEEDED],
    "image-missing": [Code.IMAGE_MISSING],
    "image-denied": [Code.IMAGE_DENIED],
    "image-region": [Code.IMAGE_REGION],
    "dataset-mount": [Code.DATASET_MOUNT],
    "no-stock": [Code.NO_STOCK],
    "quota-full": [Code.QUOTA_FULL],
    "bid-too-low": [Code.BID_TOO_LOW],
    "sanity-failed": [Code.SANITY_FAILED],
    "oom": [Code.OOM],
    "segfault": [Code.SEGFAULT],
    "nccl-timeout": [Code.NCCL_TIMEOUT],
    "mpi-ssh": [Code.MPI_SSH],
    "sigterm": [
        Code.SIGTERM,
        Code.EVICTED,
        Code.EVICTED,
    ],  # the events of two name what was wrong with the node
    "preempted": [Code.PREEMPTED],
    "reclaimed": [Code.RECLAIMED],
    "time-limit": [Code.TIME_LIMIT],
    "workspace-policy": [Code.WORKSPACE_POLICY],
    "hang": [Code.HANG],
    "one-worker": [Code.ONE_POD, Code.ONE_POD, Code.DISK_FULL],  # of one, the disk is full
    "command-not-found": [Code.NOT_FOUND],
    "error": [Code.ERROR],
}
# Causes that are shown in the end alone, and in one wording through all answers of the service.
ALSO = {
    ("killed", 0): Code.KILLED,
    ("gpu-oom", 1): Code.GPU_OOM,
    ("gpu-fault", 1): Code.GPU_FAULT,
    ("shared-memory", 2): Code.SHARED_MEMORY,
    ("aborted", 0): Code.ABORTED,
    ("nccl-error", 2): Code.NCCL_ERROR,
    ("rendezvous", 0): Code.RENDEZVOUS,
    ("not-executable", 0): Code.NOT_EXECUTABLE,
    ("image-unreachable", 0): Code.IMAGE_UNREACHABLE,
    ("image-broken", 0): Code.IMAGE_PULL,
    ("image-broken", 2): Code.DISK_FULL,
    ("no-node", 1): Code.NO_NODE,
    ("stuck", 0): Code.WAITING_LONG,
    ("stuck", 1): Code.DEPENDENCY,  # its workers wait for a master
    ("stuck", 2): Code.STOPPED_BY_PERSON,  # whoever looks stops it
    ("refused", 0): Code.INVALID,
    ("unexplained", 1): Code.UNKNOWN,
    ("stopped-by-system", 0): Code.STOPPED,
}
# What is said of runs that never run before they end, or for ever.
NEVER_RUN = {
    "image-missing": {Code.IMAGE_MISSING},
    "image-denied": {Code.IMAGE_DENIED},
    "image-region": {Code.IMAGE_REGION},
    "dataset-mount": {Code.DATASET_MOUNT},
    "no-stock": {Code.NO_STOCK},
    "quota-full": {Code.QUOTA_FULL},
    "bid-too-low": {Code.BID_TOO_LOW, Code.WAITING},  # one wording has no event: only time tells
    "sanity-failed": {Code.SANITY_FAILED},
}
AT_ONCE = {"command-not-found", "mpi-ssh"}  # these strike within seconds


def name_of(cause, wording):
    return f"{cause}-{wording}"


def job(cause, wording):
    """A CreateJob body that the cause can strike: two pods, one of them the first to fail."""
    region = "cn-beijing" if cause == "image-region" else "cn-hangzhou"
    spec = {
        "Type": "Worker",
        "PodCount": 2,
        "EcsSpec": "ecs.gn7i-c8g1.2xlarge",
        "Image": f"team-registry-vpc.{region}.cr.aliyuncs.com/vision/train:1",
    }
    body = {
        "DisplayName": name_of(cause, wording),
        "JobType": "PyTorchJob",
        "WorkspaceId": "1001",
        "UserCommand": "torchrun train.py --epochs 90",
        "JobMaxRunningTimeMinutes": 10 if cause == "time-limit" else 600,
        "JobSpecs": [spec],
        "DataSources": [{"Uri": "oss://data.oss-cn-hangzhou.aliyuncs.com/train/", "MountPath": "/mnt/data"}],
        "Settings": {},
    }
    if cause == "mpi-ssh":
        body |= {"JobType": "MPIJob"}
    if cause == "quota-full":
        spec.pop("EcsSpec")
        spec["ResourceConfig"] = {"CPU": "8", "GPU": "1", "Memory": "30Gi"}
        body["ResourceId"] = QUOTA
    if cause in {"bid-too-low", "reclaimed"}:
        spec["SpotSpec"] = {"SpotStrategy": "SpotWithPriceLimit", "SpotDiscountLimit": 0.3}
    if cause == "preempted":
        body["Settings"]["OversoldType"] = "ForceQuotaOverSold"
    if (cause, wording) == ("stuck", 1):
        waits = [{"Type": "Master", "OnPhase": "Running", "MinReplicas": "1"}]
        body["JobSpecs"] = [spec | {"Type": "Master", "PodCount": 1}, spec | {"StartupDependencies": waits}]
    if cause == "sanity-failed":
        body["Settings"]["EnableSanityCheck"] = True
    return body


def all_scenes():
    return [(cause, wording) for cause in ENDS for wording in WORDINGS]


def emulator():
    lifecycles = {
        name_of(cause, wording): Lifecycle(
            cause=cause, variant=wording, running=RUNNING, env_preparing=60, sanity_checking=60, queuing=5
        )
        for cause, wording in (*all_scenes(), *ALSO)
    }
    return Emulator(
        clock=Clock.still(START), lifecycles=lifecycles, switches=Switches(check_references=False)
    )
