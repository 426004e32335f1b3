"""Desired and live specs brought to one shape, so that comparing them needs no special cases."""

from __future__ import annotations

import json
from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dlcapply.planning.fields import FIELDS, KEYED, SETS, field_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from dlcapply.model import Spec

# The request says ExtendedCIDRs, the answer ExtendedCidrs (SDK; struct-jobitem page).
_RESPONSE_SPELLING = {"ExtendedCidrs": "ExtendedCIDRs"}

# Where no Master is given, the service makes the first Worker one (SDK, JobSpec.Type).
_PROMOTING_TYPES = frozenset({"PyTorchJob", "XGBoostJob", "OneFlowJob", "ElasticBatchJob"})

NOTHING: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


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


def is_keyed(value: Any, path: str) -> bool:
    """Whether it is a list of a kind whose items are told apart by a key; an odd answer may hold anything."""
    return path in KEYED and isinstance(value, list) and all(isinstance(item, dict) for item in value)


def item_key(item: Mapping[str, Any], path: str) -> str:
    """What tells an item of a keyed list from its siblings: its key, else what stands for it."""
    return next((str(item[name]) for name in KEYED[path] if item.get(name)), "")


def by_key(
    items: Iterable[Mapping[str, Any]], path: str, *, beside: Mapping[str, Mapping[str, Any]] = NOTHING
) -> dict[str, Any]:
    """The items of a keyed list by key; one that names none has the key of its like among those `beside`.

    Of several with one key, all but the first have a number behind it, so that none is lost.
    """
    key_name, *stand_ins = KEYED[path]
    likes = {
        (name, str(item[name])): key for key, item in beside.items() for name in stand_ins if item.get(name)
    }
    found: dict[str, Any] = {}
    seen: Counter[str] = Counter()
    for item in items:
        alike = () if item.get(key_name) else (likes.get((name, str(item.get(name)))) for name in stand_ins)
        found[_unused(next(filter(None, alike), item_key(item, path)), found, seen)] = item
    return found


def _unused(key: str, taken: Collection[str], seen: Counter[str]) -> str:
    name = key
    while name in taken:
        seen[key] += 1
        name = f"{key} #{seen[key] + 1}"
    return name


def unpromote(live: dict[str, Any], *, desired: Mapping[str, Any]) -> dict[str, Any]:
    """The live spec with the service's own Master folded back into the Workers that were asked for."""
    if str(live.get("JobType")) not in _PROMOTING_TYPES or not is_keyed(live.get("JobSpecs"), "JobSpecs"):
        return live
    specs = by_key(live["JobSpecs"], "JobSpecs")
    wanted = by_key(desired.get("JobSpecs", ()), "JobSpecs")
    if "Master" not in specs or "Master" in wanted:
        return live
    master = specs.pop("Master")
    worker = specs.pop("Worker", {**master, "PodCount": 0})
    counts = [role.get("PodCount", 1) for role in (worker, master)]
    if not all(isinstance(count, int) and not isinstance(count, bool) for count in counts):
        return live
    merged = {**worker, "Type": "Worker", "PodCount": sum(counts)}
    return {**live, "JobSpecs": _sequence([*specs.values(), merged], "JobSpecs")}
