"""What CreateJob and UpdateJob refuse; keys that nobody knows are let through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dlcapply.emulator.answers import invalid

if TYPE_CHECKING:
    from dlcapply.emulator.answers import JsonObject

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
Types = Mapping[str, type]

_BODY_TYPES: Types = {
    "DisplayName": str,
    "JobType": str,
    "JobSpecs": list,
    "UserCommand": str,
    "WorkspaceId": str,
    "ResourceId": str,
    "Priority": int,
    "Accessibility": str,
    "JobMaxRunningTimeMinutes": int,
    "Description": str,
    "Envs": dict,
    "CustomEnvs": list,
    "DataSources": list,
    "CodeSource": dict,
    "UserVpc": dict,
    "Settings": dict,
    "CredentialConfig": dict,
    "ThirdpartyLibs": list,
    "ThirdpartyLibDir": str,
    "Options": str,
    "SuccessPolicy": str,
}
_SPEC_TYPES: Types = {
    "Type": str,
    "PodCount": int,
    "Image": str,
    "EcsSpec": str,
    "ResourceConfig": dict,
    "ImageConfig": dict,
    "SpotSpec": dict,
    "AutoScalingSpec": dict,
    "UserCommand": str,
}
_SETTINGS_TYPES: Types = {"Tags": dict, "AdvancedSettings": dict, "JobReservedMinutes": int}
_CHOICES: Mapping[str, frozenset[str]] = {
    "JobType": frozenset(ROLES),
    "Accessibility": frozenset({"PUBLIC", "PRIVATE"}),
    "SuccessPolicy": frozenset({"ChiefWorker", "AllWorkers", "Never", "Partial"}),
    "RestartPolicy": frozenset({"Always", "Never", "OnFailure", "ExitCode"}),
    "MountAccess": frozenset({"RO", "RW"}),
    "DefaultRoute": frozenset({"eth0", "eth1"}),
    "JobReservedPolicy": frozenset({"Always", "OnFailure", "OnSucceed"}),
    "OversoldType": frozenset({"ForbiddenQuotaOverSold", "AcceptQuotaOverSold", "ForceQuotaOverSold"}),
}
_REQUIRED = ("DisplayName", "JobType", "JobSpecs", "UserCommand")
_PRIORITIES = range(1, 10)
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,256}")


def check_create(body: JsonObject) -> None:
    """Raises Refusal for the first thing that CreateJob does not take."""
    for key in _REQUIRED:
        if not body.get(key):
            raise invalid(f"{key} is required.")
    _check_values(body)
    if not _NAME.fullmatch(body["DisplayName"]):
        raise invalid("DisplayName must be 1 to 256 letters, digits, '_', '.' or '-'.")
    _check_settings(body.get("Settings", {}))
    _check_choices(body.get("UserVpc", {}), "UserVpc.")
    for spec in body["JobSpecs"]:
        _check_role(spec, body["JobType"])
        _check_resources(spec, body)
    for source in body.get("DataSources", ()):
        _check_data_source(source)


def check_update(body: JsonObject) -> None:
    """Raises Refusal for values that UpdateJob cannot read."""
    _check_values(body)


def _check_values(body: JsonObject) -> None:
    _check_types(body, _BODY_TYPES)
    _check_choices(body)
    _check_strings(body.get("Envs", {}), "Envs.")
    if body.get("Priority", 1) not in _PRIORITIES:
        raise invalid("Priority must be from 1 to 9.")
    if body.get("JobMaxRunningTimeMinutes", 1) < 1:
        raise invalid("JobMaxRunningTimeMinutes must be at least 1.")
    for spec in body.get("JobSpecs", ()):
        _check_spec(spec)


def _check_types(holder: JsonObject, types: Types, place: str = "") -> None:
    for key, expected in types.items():
        if key in holder and not _is_a(holder[key], expected):
            raise invalid(f"{place}{key} must be of type {expected.__name__}.")


def _is_a(value: Any, expected: type) -> bool:
    return isinstance(value, expected) and not (expected is int and isinstance(value, bool))


def _check_strings(holder: JsonObject, place: str) -> None:
    _check_types(holder, dict.fromkeys(holder, str), place)


def _check_choices(holder: JsonObject, place: str = "") -> None:
    for key, choices in _CHOICES.items():
        if key in holder and str(holder[key]) not in choices:
            raise invalid(f"{place}{key} {holder[key]} is not one of {', '.join(sorted(choices))}.")


def _check_settings(settings: JsonObject) -> None:
    _check_types(settings, _SETTINGS_TYPES, "Settings.")
    _check_choices(settings, "Settings.")
    _check_strings(settings.get("Tags", {}), "Settings.Tags.")


def _check_spec(spec: Any) -> None:
    if not isinstance(spec, dict):
        raise invalid("JobSpecs must be a list of objects.")
    _check_types(spec, _SPEC_TYPES, "JobSpecs.")
    _check_choices(spec, "JobSpecs.")
    _check_strings(spec.get("ResourceConfig", {}), "JobSpecs.ResourceConfig.")
    if spec.get("PodCount", 0) < 1:
        raise invalid("JobSpecs.PodCount must be at least 1.")


def _check_role(spec: JsonObject, job_type: str) -> None:
    role, roles = spec.get("Type", ""), ROLES[job_type]
    is_ray_group = job_type == "RayJob" and role.startswith("Worker-")
    if not role or (roles is not None and role not in roles and not is_ray_group):
        raise invalid(f"JobSpecs.Type {role} is not a role of {job_type}.")


def _check_resources(spec: JsonObject, body: JsonObject) -> None:
    if not spec.get("Image"):
        raise invalid("JobSpecs.Image is required.")
    if bool(spec.get("EcsSpec")) == bool(spec.get("ResourceConfig")):
        raise invalid("JobSpecs needs exactly one of EcsSpec and ResourceConfig.")
    # Seen by public submitters that run against the service.
    if spec.get("EcsSpec") and body.get("ResourceId"):
        raise invalid("EcsSpec is for public resources; a job with ResourceId takes ResourceConfig.")


def _check_data_source(source: Any) -> None:
    if not isinstance(source, dict) or bool(source.get("Uri")) == bool(source.get("DataSourceId")):
        raise invalid("DataSources needs exactly one of DataSourceId and Uri.")
    _check_choices(source, "DataSources.")
