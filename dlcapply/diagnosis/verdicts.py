"""What became of a run: the verdict, what it rests on, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dlcapply.model.answers import pod_name

if TYPE_CHECKING:
    from datetime import datetime

    from dlcapply.diagnosis.facts import Looked, Move, Restart, Source


class Code(StrEnum):
    """What a run's state comes from; the words are part of the JSON form."""

    # Nothing is wrong.
    SUCCEEDED = "succeeded"
    RUNNING = "running"
    STARTING = "starting"
    WAITING = "waiting"
    # It waits.
    QUOTA_FULL = "quota-full"
    NO_STOCK = "no-stock"
    BID_TOO_LOW = "bid-too-low"
    NO_NODE = "no-node"
    DEPENDENCY = "startup-dependency"
    WAITING_LONG = "waiting-long"
    # Its pods don't come up.
    IMAGE_MISSING = "image-missing"
    IMAGE_DENIED = "image-denied"
    IMAGE_REGION = "image-region"
    IMAGE_UNREACHABLE = "image-unreachable"
    IMAGE_PULL = "image-pull"
    DATASET_MOUNT = "dataset-mount"
    SANITY_FAILED = "sanity-failed"
    INVALID = "invalid-request"
    # It was ended from outside.
    STOPPED_BY_PERSON = "stopped-by-person"
    STOPPED = "stopped"
    TIME_LIMIT = "time-limit"
    WORKSPACE_POLICY = "workspace-policy"
    PREEMPTED = "preempted"
    RECLAIMED = "reclaimed"
    EVICTED = "evicted"
    # A program ended.
    OOM = "oom"
    KILLED = "killed"
    GPU_OOM = "gpu-oom"
    SEGFAULT = "segfault"
    SHARED_MEMORY = "shared-memory"
    ABORTED = "aborted"
    NCCL_TIMEOUT = "nccl-timeout"
    NCCL_ERROR = "nccl-error"
    RENDEZVOUS = "rendezvous"
    MPI_SSH = "mpi-ssh"
    SIGTERM = "sigterm"
    NOT_FOUND = "command-not-found"
    NOT_EXECUTABLE = "not-executable"
    DISK_FULL = "disk-full"
    GPU_FAULT = "gpu-fault"
    ERROR = "error"
    ONE_POD = "one-worker"
    HANG = "hang"
    # There is a run, and nothing tells what became of it; or there is none.
    UNKNOWN = "unknown"
    NO_RUN = "no-run"


# With these nothing is wrong, so far as anybody can see.
WELL = frozenset({Code.SUCCEEDED, Code.RUNNING, Code.STARTING, Code.WAITING})


class Certainty(StrEnum):
    """How far the evidence goes: the service names the cause; what is seen fits it; nothing does."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A line that a verdict rests on, as its source says it."""

    source: Source
    text: str
    at: datetime | None = None
    pod: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What can be done next; `command` is a command of dlcapply about the run's job, with its options.

    `typed` is the whole of it, as a shell takes it.
    """

    text: str
    command: tuple[str, ...] = ()
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The verdict about a run.

    `pod` is the PodId of the pod that decided, if one did, and `exit_code` is its; `is_alone` is whether it
    failed before all others. `consequences` are lines of others that follow from it, and are no causes.
    `last_lines` are the newest of that pod's log, `history` and `restarts` how the run came there.
    `not_seen` are the sources that gave no answer.
    """

    code: Code
    what: str
    evidence: tuple[Evidence, ...] = ()
    next_steps: tuple[Step, ...] = ()
    certainty: Certainty = Certainty.CERTAIN
    job_id: str = ""
    pod: str = ""
    consequences: tuple[Evidence, ...] = ()
    last_lines: tuple[Evidence, ...] = ()
    history: tuple[Move, ...] = ()
    restarts: tuple[Restart, ...] = ()
    not_seen: tuple[Looked, ...] = ()
    is_alone: bool = False
    exit_code: int | None = None
    exit_meaning: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong."""
        return self.code in WELL

    def name_of(self, pod: str) -> str:
        """What tells the pod from the others of its run."""
        return pod_name(pod, self.job_id)
