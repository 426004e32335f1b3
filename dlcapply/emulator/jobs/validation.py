"""What CreateJob and UpdateJob refuse; unknown keys are let through."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, invalid
from dlcapply.emulator.jobs.body_schema import BODY, RANGES
from dlcapply.emulator.jobs.schema_check import conforming

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MASTER_AND_WORKER = frozenset({"Master", "Worker"})
# Roles per JobType; None where the documents name none.
ROLES: Mapping[str, frozenset[str] | None] = {
    "TFJob": frozenset({"Chief", "PS", "Worker", "Evaluator", "GraphLearn"}),
    "PyTorchJob": _MASTER_AND_WORKER,
    "XGBoostJob": _MASTER_AND_WORKER,
    "OneFlowJob": _MASTER_AND_WORKER,
    "ElasticBatchJob": _MASTER_AND_WORKER,
    "MPIJob": _MASTER_AND_WORKER,
    "RayJob": frozenset({"Head", "Worker"}),
    "SlurmJob": None,
    "DataJuicerJob": None,
}
_REQUIRED = ("DisplayName", "JobType", "JobSpecs", "UserCommand")
_UPDATABLE = ("Accessibility", "Description", "JobSpecs", "Priority", "UserCommand")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,256}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MAX_PODS = RANGES["JobSpecs.PodCount"][-1]


def checked_create(body: JsonObject, more_job_types: Sequence[str] = ()) -> JsonObject:
    """The body as the service takes it; raises Refusal for the first thing that it does not take."""
    body = conforming(body, BODY)
    for key in _REQUIRED:
        if not body.get(key):
            raise invalid(f"{key} is required.")
    if not _NAME.fullmatch(body["DisplayName"]):
        raise invalid("DisplayName must be 1 to 256 letters, digits, '_', '.' or '-'.")
    if body["JobType"] not in {*ROLES, *more_job_types}:
        raise invalid(f"JobType {body['JobType']} is not one of {', '.join(sorted(ROLES))}.")
    for name in body.get("Envs", {}):
        if not _VARIABLE.fullmatch(name):
            raise invalid(f"Envs.{name} is not the name of a variable.")
    _check_specs(body)
    _check_data_sources(body.get("DataSources", ()))
    _check_ports(body.get("Settings", {}).get("AdvancedSettings", {}))
    if body.get("CodeSource") and not body["CodeSource"].get("CodeSourceId"):
        raise invalid("CodeSource.CodeSourceId is required.")
    return body


def checked_update(body: JsonObject) -> JsonObject:
    """The values that UpdateJob knows; raises Refusal for those that it cannot read."""
    return conforming({key: body[key] for key in _UPDATABLE if key in body}, BODY)


def _check_specs(body: JsonObject) -> None:
    specs: Sequence[JsonObject] = body["JobSpecs"]
    for number, spec in enumerate(specs):
        place = f"JobSpecs[{number}]"
        if "PodCount" not in spec:
            raise invalid(f"{place}.PodCount is required.")
        _check_role(spec, body["JobType"], place)
        _check_resources(spec, body, place)
        _check_scaling(spec.get("AutoScalingSpec", {}), place)
        _check_spot(spec.get("SpotSpec", {}), place)
        _check_local_mounts(spec.get("LocalMountSpecs", ()), place)
    if sum(spec["PodCount"] for spec in specs) > _MAX_PODS:
        raise invalid(f"JobSpecs must not have more than {_MAX_PODS} pods.")
    if sum(bool(spec.get("IsChief") or spec.get("IsCheif")) for spec in specs) > 1:
        raise invalid("JobSpecs must not have more than one chief.")


def _check_role(spec: JsonObject, job_type: str, place: str) -> None:
    role, roles = spec.get("Type", ""), ROLES.get(job_type)
    is_ray_group = job_type == "RayJob" and role.startswith("Worker-")
    if not role or (roles is not None and role not in roles and not is_ray_group):
        raise invalid(f"{place}.Type {role} is not a role of {job_type}.")


def _check_resources(spec: JsonObject, body: JsonObject, place: str) -> None:
    if not spec.get("Image"):
        raise invalid(f"{place}.Image is required.")
    if bool(spec.get("EcsSpec")) == bool(spec.get("ResourceConfig")):
        raise invalid(f"{place} needs exactly one of EcsSpec and ResourceConfig.")
    # Seen by public submitters that run against the service.
    if spec.get("EcsSpec") and body.get("ResourceId"):
        raise invalid(f"{place}.EcsSpec is for public resources; a job with ResourceId takes ResourceConfig.")


def _check_scaling(scaling: JsonObject, place: str) -> None:
    least, most = scaling.get("MinReplicas"), scaling.get("MaxReplicas")
    if least is not None and most is not None and least > most:
        raise invalid(f"{place}.AutoScalingSpec.MinReplicas is more than MaxReplicas.")


def _check_spot(spot: JsonObject, place: str) -> None:
    if spot.get("SpotDiscountLimit") and spot.get("SpotPriceLimit"):
        raise invalid(f"{place}.SpotSpec takes one of SpotDiscountLimit and SpotPriceLimit.")


def _check_local_mounts(mounts: Sequence[JsonObject], place: str) -> None:
    """A block device has no path of its own on the node (API page, LocalMountSpec)."""
    for number, mount in enumerate(mounts):
        path, is_block = mount.get("MountPath", "/"), mount.get("MountMode") == "Block"
        if not path.startswith("/dev/" if is_block and "MountPath" in mount else "/"):
            below = "below /dev/" if is_block else "an absolute path"
            raise invalid(f"{place}.LocalMountSpecs[{number}].MountPath must be {below}.")
        if is_block and mount.get("LocalPath"):
            raise invalid(f"{place}.LocalMountSpecs[{number}].LocalPath has no place beside Block.")


def _check_ports(settings: JsonObject) -> None:
    if settings.get("customPortList") and settings.get("customPortNumPerWorker"):
        raise invalid("AdvancedSettings takes one of customPortList and customPortNumPerWorker.")


def _check_data_sources(sources: Sequence[JsonObject]) -> None:
    for number, source in enumerate(sources):
        place = f"DataSources[{number}]"
        if bool(source.get("Uri")) == bool(source.get("DataSourceId")):
            raise invalid(f"{place} needs exactly one of DataSourceId and Uri.")
        for key in ("Options", "RoleChain"):
            if source.get(key) and not _is_json(source[key]):
                raise invalid(f"{place}.{key} must be JSON, as a string.")
    paths = Counter(source["MountPath"].rstrip("/") for source in sources if source.get("MountPath"))
    if doubled := [path for path, count in paths.items() if count > 1]:
        raise invalid(f"DataSources mount {doubled[0]} twice.")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
