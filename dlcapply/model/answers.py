"""What answers of the service hold, where any value may be of any type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def maps(value: object) -> list[Mapping[str, Any]]:
    """The maps in a list; none where it is no list."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def text_of(answer: Mapping[str, Any], *keys: str) -> str:
    """The first of the keys that holds text; empty where none does."""
    return next((answer[key] for key in keys if isinstance(answer.get(key), str)), "")


def pod_name(pod_id: str, job_id: str) -> str:
    """What tells a pod from the others of its run, `worker-0`: its PodId begins with the JobId."""
    return pod_id.removeprefix(f"{job_id}-") or pod_id
