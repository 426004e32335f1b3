"""TagResources and UntagResources: tags beside those of Settings."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dlcapply.emulator.answers import JsonObject, invalid
from dlcapply.emulator.jobs.access import own_job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.table import Job

_MAX_RESOURCES, _MAX_TAGS, _MAX_LENGTH = 50, 20, 128  # SDK, TagResourcesRequest
_RESERVED = re.compile(r"aliyun|acs:|.*https?://", re.IGNORECASE | re.DOTALL)


def tag_resources(call: Call) -> JsonObject:
    """The jobs carry the tags too; raises Refusal, and tags none, where one of them is not the caller's."""
    if call.body.get("ResourceType") != "Job":
        raise invalid("ResourceType must be Job.")
    tags = dict(_pair(tag) for tag in _list(call.body.get("Tag"), "Tag", _MAX_TAGS))
    for job in _jobs(call, call.body.get("ResourceId")):
        call.jobs.replace(replace(job, resource_tags={**job.resource_tags, **tags}))
    return {}


def untag_resources(call: Call) -> JsonObject:
    """The jobs have lost the tags of TagKey, or with All every tag that TagResources gave."""
    if call.query.get("ResourceType") != "Job":
        raise invalid("ResourceType must be Job.")
    keys = _list(_read(call.query.get("TagKey") or "[]"), "TagKey", _MAX_TAGS)
    takes_all = call.flag("All", default=False)
    for job in _jobs(call, _read(call.query.get("ResourceId") or "[]")):
        kept = {key: value for key, value in job.resource_tags.items() if key not in keys}
        call.jobs.replace(replace(job, resource_tags={} if takes_all else kept))
    return {}


def _jobs(call: Call, ids: Any) -> Sequence[Job]:
    wanted = _list(ids, "ResourceId", _MAX_RESOURCES)
    if not wanted or not all(isinstance(one, str) for one in wanted):
        raise invalid("ResourceId must name at least one job.")
    return [own_job(replace(call, path={"JobId": job_id})) for job_id in dict.fromkeys(wanted)]


def _list(value: Any, name: str, maximum: int) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > maximum:
        raise invalid(f"{name} must be a list of at most {maximum}.")
    return value


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid("ResourceId and TagKey must be arrays in JSON.") from error


def _pair(tag: Any) -> tuple[str, str]:
    key = tag.get("Key") if isinstance(tag, dict) else None
    value = tag.get("Value") or "" if isinstance(tag, dict) else None
    if not isinstance(key, str) or not isinstance(value, str):
        raise invalid("Tag must be a list of Key and Value.")
    if not key or len(key) > _MAX_LENGTH or _RESERVED.match(key):
        raise invalid(f"Tag.Key {key} is not allowed.")
    return key, value
