"""Why a run goes as it goes: the causes that a lifecycle can name."""

from __future__ import annotations

from typing import Literal, get_args

Cause = Literal[
    "",
    "noise",
    "worker-lost",
    "image-missing",
    "image-denied",
    "image-region",
    "no-stock",
    "quota-full",
    "bid-too-low",
    "oom",
    "segfault",
    "nccl-timeout",
    "mpi-ssh",
    "sigterm",
    "preempted",
    "reclaimed",
    "time-limit",
    "sanity-failed",
    "hang",
    "workspace-policy",
    "dataset-mount",
    "one-worker",
    "command-not-found",
    "error",
    "image-unreachable",
    "image-broken",
    "no-node",
    "stuck",
    "refused",
    "unexplained",
    "killed",
    "gpu-oom",
    "gpu-fault",
    "shared-memory",
    "aborted",
    "nccl-error",
    "rendezvous",
    "not-executable",
    "stopped-by-system",
]
CAUSES: tuple[str, ...] = tuple(name for name in get_args(Cause) if name)
