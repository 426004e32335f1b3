"""Desired and live specs brought to one shape, so that comparing them needs no special cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.planning.fields import FIELDS, KEYED
from dlcapply.planning.quantities import canonical_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.model import Spec

# The request says ExtendedCIDRs, the answer ExtendedCidrs (SDK; struct-jobitem page).
_RESPONSE_SPELLING = {"ExtendedCidrs": "ExtendedCIDRs"}

# Where no Master is given, the service makes the first Worker one (SDK, JobSpec.Type).
_PROMOTING_TYPES = frozenset({"PyTorchJob", "XGBoostJob", "OneFlowJob", "ElasticBatchJob"})


def normalise(spec: Spec) -> dict[str, Any]:
    """The spec without nulls and empty containers, its keyed lists sorted, its quantities in one spelling."""
    return _mapping(spec, "")


def _mapping(mapping: Mapping[str, Any], path: str) -> dict[str, Any]:
    result = {}
    for key, value in mapping.items():
        name = _RESPONSE_SPELLING.get(key, key)
        normal = _value(value, f"{path}.{name}" if path else name)
        if normal is not None and normal not in ({}, []):
            result[name] = normal
    return result


def _value(value: Any, path: str) -> Any:
    match value:
        case dict():
            return _mapping(value, path)
        case list():
            return _sequence(value, path)
        case bool():
            return value
        case float() if value.is_integer():
            return int(value)
        case str() if path in FIELDS and FIELDS[path].quantity:
            return canonical_quantity(value)
        case _:
            return value


def _sequence(items: Iterable[Any], path: str) -> list[Any]:
    normal = [_value(item, f"{path}[]") for item in items]
    if path in KEYED:
        normal.sort(key=lambda item: item_key(item, path))
    return normal


def item_key(item: Mapping[str, Any], path: str) -> str:
    """What tells an item of a keyed list from its siblings: its key, else its source."""
    names = (KEYED[path], "DataSourceId", "Uri")
    return next((str(item[name]) for name in names if item.get(name)), "")


def unpromote(live: dict[str, Any], *, desired: Mapping[str, Any]) -> dict[str, Any]:
    """The live spec with the service's own Master folded back into the Workers that were asked for."""
    specs = {item.get("Type"): item for item in live.get("JobSpecs", ())}
    wanted = {item.get("Type") for item in desired.get("JobSpecs", ())}
    if live.get("JobType") not in _PROMOTING_TYPES or "Master" not in specs or "Master" in wanted:
        return live
    master = specs.pop("Master")
    worker = specs.pop("Worker", {**master, "PodCount": 0})
    merged = {**worker, "Type": "Worker", "PodCount": worker.get("PodCount", 1) + master.get("PodCount", 1)}
    return {**live, "JobSpecs": _sequence([*specs.values(), merged], "JobSpecs")}
