"""Desired and live specs in one normal form, so that comparing them needs no special cases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dlcapply.planning.fields import FIELDS, SETS, field_path
from dlcapply.planning.keyed_lists import by_key, is_keyed, item_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.model.jobs import Spec

# The request says ExtendedCIDRs, the answer ExtendedCidrs (SDK; struct-jobitem page).
_RESPONSE_SPELLING = {"ExtendedCidrs": "ExtendedCIDRs"}

# Where no Master is given, the service makes the first Worker one (SDK, JobSpec.Type).
_PROMOTING_TYPES = frozenset({"PyTorchJob", "XGBoostJob", "OneFlowJob", "ElasticBatchJob"})


def normalise(spec: Spec) -> dict[str, Any]:
    """The spec without nulls and empty containers, in one order and in one spelling of each value."""
    return _mapping(spec, "")


def _mapping(mapping: Mapping[str, Any], path: str) -> dict[str, Any]:
    result = {}
    for key, value in mapping.items():
        name = _RESPONSE_SPELLING.get(key, key)
        normal = _value(value, field_path(path, name))
        if normal is not None and normal not in ({}, []):
            result[name] = normal
    return result


def _value(value: Any, path: str) -> Any:
    match value:
        case dict():
            return _mapping(value, path)
        case list():
            return _sequence(value, path)
    field = FIELDS.get(path)
    if field is not None and field.canonical is not None:
        return field.canonical(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _sequence(items: Iterable[Any], path: str) -> list[Any]:
    normal = [_value(item, f"{path}[]") for item in items]
    if is_keyed(normal, path):
        normal.sort(key=lambda item: item_key(item, path))
    elif path in SETS:
        normal.sort(key=lambda item: json.dumps(item, sort_keys=True))
    return normal


def unpromote(live: dict[str, Any], *, desired: Mapping[str, Any]) -> dict[str, Any]:
    """The live spec with the service's own Master folded back into the Workers that were asked for."""
    if str(live.get("JobType")) not in _PROMOTING_TYPES or not is_keyed(live.get("JobSpecs"), "JobSpecs"):
        return live
    live_roles = by_key(live["JobSpecs"], "JobSpecs")
    desired_roles = by_key(desired.get("JobSpecs", ()), "JobSpecs")
    if "Master" not in live_roles or "Master" in desired_roles:
        return live
    master = live_roles.pop("Master")
    worker = live_roles.pop("Worker", {**master, "PodCount": 0})
    counts = [role.get("PodCount", 1) for role in (worker, master)]
    if not all(isinstance(count, int) and not isinstance(count, bool) for count in counts):
        return live
    merged = {**worker, "Type": "Worker", "PodCount": sum(counts)}
    return {**live, "JobSpecs": _sequence([*live_roles.values(), merged], "JobSpecs")}
