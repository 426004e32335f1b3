"""TagResources and UntagResources: tags that a job has besides those of its Settings."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dlcapply.emulator.answers import JsonObject, invalid
from dlcapply.emulator.jobs.access import own_job
from dlcapply.emulator.jobs.schema_check import conforming
from dlcapply.emulator.jobs.table import JobTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.table import Job

_MAX_RESOURCES, _MAX_TAGS, _MAX_LENGTH = 50, 20, 128  # SDK, TagResourcesRequest
_RESERVED = re.compile(r"aliyun|acs:|.*https?://", re.IGNORECASE | re.DOTALL)


_BODY = {
    "RegionId": str,
    "ResourceId": [str],
    "ResourceType": str,
    "Tag": [{"Key": str, "Value": str}],
}


def tag_resources(call: Call) -> JsonObject:
    """The jobs carry the tags too; raises Refusal, and tags none, where one of them is not the caller's."""
    body = conforming(call.body, _BODY)
    for key in ("RegionId", "ResourceId", "ResourceType"):
        if not body.get(key):
            raise invalid(f"{key} is required.")
    if body["ResourceType"] != "Job":
        raise invalid("ResourceType must be Job.")
    tags = dict(_pair(tag) for tag in _listed(body.get("Tag", []), "Tag", _MAX_TAGS))
    for job in _jobs(call, body["ResourceId"]):
        JobTable(call.database).replace(replace(job, resource_tags={**job.resource_tags, **tags}))
    return {}


def untag_resources(call: Call) -> JsonObject:
    """The jobs have lost the tags of TagKey, or with All every tag that TagResources gave."""
    keys = _listed(json.loads(call.query.get("TagKey") or "[]"), "TagKey", _MAX_TAGS)
    takes_all = call.flag("All", default=False)
    for job in _jobs(call, json.loads(call.query["ResourceId"])):
        kept = {key: value for key, value in job.resource_tags.items() if key not in keys}
        JobTable(call.database).replace(replace(job, resource_tags={} if takes_all else kept))
    return {}


def _jobs(call: Call, ids: list[str]) -> Sequence[Job]:
    wanted = _listed(ids, "ResourceId", _MAX_RESOURCES)
    if not wanted:
        raise invalid("ResourceId must name at least one job.")
    return [own_job(replace(call, path={"JobId": job_id})) for job_id in dict.fromkeys(wanted)]


def _listed(value: list[Any], name: str, maximum: int) -> list[Any]:
    if len(value) > maximum:
        raise invalid(f"{name} must be a list of at most {maximum}.")
    return value


def _pair(tag: JsonObject) -> tuple[str, str]:
    check_tag(tag.get("Key", ""), tag.get("Value", ""), "Tag.Key")
    return tag["Key"], tag.get("Value", "")


def check_tags(tags: Mapping[str, str], place: str) -> None:
    """Raises Refusal for more tags than a job may have, or for one that is not allowed."""
    if len(tags) > _MAX_TAGS:
        raise invalid(f"{place} must not have more than {_MAX_TAGS} tags.")
    for key, value in tags.items():
        check_tag(key, value, place)


def check_tag(key: str, value: str, place: str) -> None:
    if not 0 < len(key) <= _MAX_LENGTH or _RESERVED.match(key):
        raise invalid(f"{place} {key} is not allowed.")
    if len(value) > _MAX_LENGTH:
        raise invalid(f"{place} {key} has a value of more than {_MAX_LENGTH} characters.")
