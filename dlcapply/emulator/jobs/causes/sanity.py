"""What a sanity check says of the node that did not pass it."""

from __future__ import annotations

_WORDS = (
    "{node} ({pod}): DCGM diagnostic level 2 failed: GPU 3: uncorrectable ECC errors, XID 48",
    '{{"node": "{node}", "pod": "{pod}", "check": "nccl-tests all_reduce_perf", "busbw": 3.1, "threshold": 150}}',
    "abnormal nodes: [{node}]; pods: [{pod}]; RDMA bandwidth 2.4 GB/s is below 20 GB/s",
)


def sanity_words(variant: int, pod: str, node: str) -> str:
    return _WORDS[variant].format(pod=pod, node=node)
