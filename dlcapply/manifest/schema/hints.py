"""What to write instead: for the keys, values and types of other tools, and for what is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dlcapply.manifest.did_you_mean import closest, did_you_mean
from dlcapply.manifest.nodes import Node, Step, dotted, entries, string, without_indices
from dlcapply.manifest.schema.answer_keys import is_answered
from dlcapply.manifest.schema.expression_hints import braces_hint
from dlcapply.model.durations import SECONDS_IN

if TYPE_CHECKING:
    from collections.abc import Collection

_IN_METADATA = "the name stands in metadata.name"
_LABELS = "labels stand in metadata.labels"
_TAGS = "tags stand in Settings.Tags, and metadata.labels become tags too"
_PER_ROLE = "it stands in each role, under JobSpecs"
_PER_POD = "it stands in ResourceConfig of the role"
_SECRETS = "name secrets under envFrom, each as `- {name: NAME, fromEnv: NAME}`"
_NO_KUBERNETES = "this is not Kubernetes: leave it out"
_AS_ROLES = "describe each role under JobSpecs: Type, PodCount, EcsSpec or ResourceConfig, Image"

# By the folded path of a key that does not exist: what it is called here, in the same map.
_MEANT = {
    "spec.command": "UserCommand",
    "spec.cmd": "UserCommand",
    "spec.entrypoint": "UserCommand",
    "spec.env": "Envs",
    "spec.environment": "Envs",
    "spec.maxrunningtimeminutes": "JobMaxRunningTimeMinutes",
    "spec.timeout": "JobMaxRunningTimeMinutes",
    "spec.quotaid": "ResourceId",
    "spec.roles": "JobSpecs",
    "spec.taskroles": "JobSpecs",
    "spec.vpc": "UserVpc",
    "spec.jobspecs.role": "Type",
    "spec.jobspecs.name": "Type",
    "spec.jobspecs.replicas": "PodCount",
    "spec.jobspecs.count": "PodCount",
    "spec.jobspecs.nodecount": "PodCount",
    "spec.jobspecs.command": "UserCommand",
    "spec.jobspecs.instancetype": "EcsSpec",
    "spec.jobspecs.resources": "ResourceConfig",
    "spec.jobspecs.imageuri": "Image",
    "spec.datasources.path": "MountPath",
    "spec.datasources.datasetid": "DataSourceId",
    "spec.codesource.id": "CodeSourceId",
}
# By the folded path of a key that does not exist: where it stands here, and the hint that says so.
_ELSEWHERE: dict[str, tuple[tuple[str, ...], str]] = {
    "name": (("metadata", "name"), _IN_METADATA),
    "displayname": (("metadata", "name"), _IN_METADATA),
    "labels": (("metadata", "labels"), _LABELS),
    "tags": (("metadata", "labels"), _TAGS),
    "spec.name": (("metadata", "name"), _IN_METADATA),
    "spec.jobname": (("metadata", "name"), _IN_METADATA),
    "spec.labels": (("metadata", "labels"), _LABELS),
    "spec.tags": (("spec", "Settings", "Tags"), _TAGS),
    "metadata.tags": (("metadata", "labels"), _LABELS),
}
# By the folded path of a key that does not exist: what to do about it.
_KEYS = {
    "spec.image": _PER_ROLE,
    "spec.podcount": _PER_ROLE,
    "spec.ecsspec": _PER_ROLE,
    "spec.resourceconfig": _PER_ROLE,
    "spec.instancetype": _PER_ROLE,
    "spec.replicas": _PER_ROLE,
    "spec.workers": _AS_ROLES,
    "spec.workercount": _AS_ROLES,
    "spec.workerspec": _AS_ROLES,
    "spec.workerimage": _AS_ROLES,
    "spec.template": _AS_ROLES,
    "spec.containers": _AS_ROLES,
    "spec.pytorchreplicaspecs": _AS_ROLES,
    "spec.tfreplicaspecs": _AS_ROLES,
    "spec.mpireplicaspecs": _AS_ROLES,
    "spec.backofflimit": "write run: {retries: 2} beside spec",
    "spec.retries": "write run: {retries: 2} beside spec",
    "spec.activedeadlineseconds": "write JobMaxRunningTimeMinutes, in minutes",
    "spec.region": "the region stands in the environment, in dlcapply.yaml",
    "spec.regionid": "the region stands in the environment, in dlcapply.yaml",
    "spec.secrets": _SECRETS,
    "spec.envfrom": "envFrom stands beside spec",
    "envfrom.secretref": _SECRETS,
    "envfrom.optional": "write allowEmpty: true where the value may be empty",
    "envfrom.configmapref": "write the values under spec.Envs",
    "envfrom.valuefrom": _SECRETS,
    "metadata.namespace": _NO_KUBERNETES,
    "metadata.annotations": f"{_NO_KUBERNETES}, or write it under metadata.labels",
    # CreateJob has no idempotency token (SDK, CreateJobRequest).
    "spec.clienttoken": "CreateJob has none: dlcapply's own marks keep a retry from starting a second run",
    # An older API page offers Uri beside CodeSourceId; the SDK's model and the metadata have no such key.
    "spec.codesource.uri": "older documents name it, no SDK has it: register the repository, and give its id",
    "spec.jobspecs.envs": "environment variables stand in spec.Envs, for all roles",
    "spec.jobspecs.env": "environment variables stand in spec.Envs, for all roles",
    "spec.jobspecs.cpu": _PER_POD,
    "spec.jobspecs.gpu": _PER_POD,
    "spec.jobspecs.gputype": _PER_POD,
    "spec.jobspecs.memory": _PER_POD,
    "spec.jobspecs.sharedmemory": _PER_POD,
    "spec.datasources.readonly": "write MountAccess: RO",
}
_ANSWERED = "a key of PAI's answers, which CreateJob does not take: leave it out"
_REMOVED = "null removes a key; $remove takes a role or a data source away"

# By the path of a value: the API's word for it. What belongs to no framework of its own runs as a PyTorchJob.
_JOB_TYPES = {
    "custom": "PyTorchJob",
    "torch": "PyTorchJob",
    "ddp": "PyTorchJob",
    "deepspeed": "PyTorchJob",
    "tf": "TFJob",
    "tensorflow": "TFJob",
    "mpi": "MPIJob",
    "horovod": "MPIJob",
    "ray": "RayJob",
    "slurm": "SlurmJob",
}
_ACCESS = {"readonly": "RO", "readwrite": "RW", "r": "RO", "w": "RW"}
_KINDS = "the framework stands in spec.JobType"
_VALUES = {"spec.JobType": _JOB_TYPES, "spec.DataSources.MountAccess": _ACCESS}

# By the name of a key that is missing.
_MISSING = {
    "apiVersion": "write apiVersion: dlcapply/v1",
    "kind": "write kind: Job",
    "metadata": "write metadata: {name: NAME}",
    "name": "for example name: resnet50-imagenet",
    "spec": "the job itself, in the names of CreateJob",
    "JobType": "for example JobType: PyTorchJob",
    "UserCommand": "the command that every pod runs",
    "JobSpecs": "list the roles, each with Type, PodCount, EcsSpec and Image",
    "Type": "for example Type: Worker",
    "PodCount": "how many pods, for example PodCount: 1",
    "Image": "the image's full address: REGISTRY/REPOSITORY:TAG",
    "fromEnv": "the variable that apply reads",
    "reason": "say why, for reviewers",
}

_WORDS_FOR = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_DURATION = re.compile(r"([0-9]+)\s*(s|m|h|d)[a-z]*", re.IGNORECASE)

_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME = 256
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_MAPS_OF_TEXT = {("spec", "Envs"), ("spec", "Settings", "Tags"), ("metadata", "labels")}
_MOST_SHOWN = 3
_TOP = 2  # answers have the keys of a job in their first level
_QUANTITY = re.compile(r"([0-9]+(?:[.][0-9]+)?)\s*([kmgt])i?b?", re.IGNORECASE)


def key_meant(path: tuple[Step, ...], known: Collection[str]) -> str:
    """The key of the same map that the unknown one stands for, or nothing."""
    folded = _folded(path)
    meant = _MEANT.get(folded, "")
    if meant in known:
        return meant
    if folded in _KEYS or folded in _ELSEWHERE or _is_answered(path) or str(path[-1]).startswith("$"):
        return ""
    return closest(str(path[-1]), [key for key in known if not key.startswith("$")])


def place_meant(path: tuple[Step, ...]) -> tuple[str, ...]:
    """The path of the key that the unknown one stands for elsewhere, or an empty one."""
    return _ELSEWHERE.get(_folded(path), ((), ""))[0]


def key_hint(path: tuple[Step, ...], known: Collection[str]) -> str:
    """What to write instead of the unknown key, or nothing."""
    if _is_answered(path):
        return _ANSWERED
    if path[-1] == "$remove":
        return _REMOVED
    folded = _folded(path)
    if hint := _ELSEWHERE.get(folded, ((), ""))[1] or _KEYS.get(folded, ""):
        return hint
    meant = key_meant(path, known)
    return f"did you mean {meant}?" if meant else ""


def _is_answered(path: tuple[Step, ...]) -> bool:
    return len(path) <= _TOP and is_answered(without_indices(dotted(path)))


def _folded(path: tuple[Step, ...]) -> str:
    return re.sub("[^a-z0-9.]", "", without_indices(dotted(path)).casefold())


def value_hint(path: tuple[Step, ...], value: object, allowed: list[str]) -> str:
    """What to write instead of the value that is not one of the allowed ones, or nothing."""
    if hint := braces_hint(value):
        return hint
    if path == ("kind",) and str(value).endswith("Job"):
        return _KINDS
    aliases = _VALUES.get(without_indices(dotted(path)), {})
    word = re.sub("[^a-z]", "", str(value).lower())
    alias = aliases.get(word) or aliases.get(word.removesuffix("job"))
    return f"did you mean {alias}?" if alias else did_you_mean(str(value), allowed)


def missing_hint(key: str) -> str:
    """What to write where the key is missing, or nothing."""
    return _MISSING.get(key, "")


def type_hint(path: tuple[Step, ...], value: object, wanted: list[str]) -> str:
    """The value in the type that its key demands, where that is clear, or nothing."""
    match wanted, value:
        case ["array"], _:
            return braces_hint(value) or _list_hint(path, value)
        case ["object"], list() if path in _MAPS_OF_TEXT:
            return f"write a map: {_as_map(value)}, without `- `"
        case ["boolean"], str() if value.lower() in _WORDS_FOR:
            return f"write {_WORDS_FOR[value.lower()]}"
        case ["integer"], str() if found := _DURATION.fullmatch(value):
            return _duration_hint(str(path[-1]), int(found[1]) * SECONDS_IN[found[2].lower()])
    return braces_hint(value)


def _list_hint(path: tuple[Step, ...], value: object) -> str:
    match value:
        case dict() if path == ("spec", "CustomEnvs"):
            return 'write a list: `- {Key: LR, Value: "0.1"}`'
        case dict():
            return "write `- ` before each item"
        case str() | int() | float():
            return f"write a list: [{value}]"
    return ""


def _as_map(listed: list[Node]) -> str:
    """The list of pairs as a map, as far as it names them; what may be a secret is left out."""
    names = [name for name in map(_pair_name, listed[:_MOST_SHOWN]) if name]
    more = ", …" if len(listed) > len(names) else ""
    return f"{{{', '.join(f'{name}: …' for name in names)}{more}}}" if names else "{NAME: TEXT}"


def _pair_name(item: Node) -> str:
    """The name in an item such as `{name: A, value: b}`, `{A: b}` or `A=b`."""
    below = {key.casefold(): child for key, child in entries(item).items()}
    name = string(below.get("name") or below.get("key")) or string(item).partition("=")[0]
    name = name or (next(iter(entries(item)), "") if len(below) == 1 else "")
    return name if _NAME.fullmatch(name) else ""


def _duration_hint(key: str, seconds: int) -> str:
    if key.endswith("Minutes") and seconds % 60 == 0:
        return f"write {seconds // 60}: the unit is minutes"
    return f"write {seconds}: the unit is seconds" if key.endswith("Seconds") else ""


def form_hint(path: tuple[Step, ...], value: object) -> str:
    """The value in the form that its key demands, where that is clear, or nothing."""
    if hint := braces_hint(value):
        return hint
    match path:
        case (*_, "Memory" | "SharedMemory") if found := _QUANTITY.fullmatch(str(value)):
            return f"did you mean {found[1]}{found[2].upper()}i?"
        case ("metadata", "name") if (
            0 < len(name := _NO_NAME.sub("-", str(value)).strip("-")) <= _LONGEST_NAME
        ):
            return f"did you mean {name}?"
    return ""
