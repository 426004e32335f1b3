"""What people write elsewhere for what PAI calls otherwise, and what to write instead."""

from __future__ import annotations

import re

from dlcapply.manifest.findings import did_you_mean
from dlcapply.manifest.nodes import Step, dotted, without_indices

_IN_METADATA = "the name stands in metadata.name"
_PER_ROLE = "it stands in each role, under JobSpecs"
_PER_POD = "it stands in ResourceConfig of the role"

# By the path of a key that does not exist.
_KEYS = {
    "name": _IN_METADATA,
    "labels": "labels stand in metadata.labels",
    "spec.Name": _IN_METADATA,
    "spec.JobName": _IN_METADATA,
    "spec.Tags": "tags stand in Settings.Tags, and metadata.labels become tags too",
    "spec.Labels": "labels stand in metadata.labels",
    "spec.Image": _PER_ROLE,
    "spec.PodCount": _PER_ROLE,
    "spec.EcsSpec": _PER_ROLE,
    "spec.ResourceConfig": _PER_ROLE,
    "spec.Command": "did you mean UserCommand?",
    "spec.Env": "did you mean Envs?",
    "spec.MaxRunningTimeMinutes": "did you mean JobMaxRunningTimeMinutes?",
    "spec.QuotaId": "did you mean ResourceId?",
    "spec.ClientToken": "CreateJob has none: dlcapply's own marks keep a retry from starting a second run",
    # An older API page offers Uri beside CodeSourceId; the SDK's model and the metadata have no such key.
    "spec.CodeSource.Uri": "older documents name it, no SDK has it: register the repository, and give its id",
    "spec.JobSpecs.Replicas": "did you mean PodCount?",
    "spec.JobSpecs.Count": "did you mean PodCount?",
    "spec.JobSpecs.Command": "did you mean UserCommand?",
    "spec.JobSpecs.InstanceType": "did you mean EcsSpec?",
    "spec.JobSpecs.Resources": "did you mean ResourceConfig?",
    "spec.JobSpecs.Envs": "environment variables stand in spec.Envs, for all roles",
    "spec.JobSpecs.CPU": _PER_POD,
    "spec.JobSpecs.GPU": _PER_POD,
    "spec.JobSpecs.Memory": _PER_POD,
    "spec.DataSources.Path": "did you mean MountPath?",
    "spec.DataSources.ReadOnly": "write MountAccess: RO",
}

# By the path of a value; no JobType but those of the API: what is no framework's own runs as a PyTorchJob.
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
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME = 256
_QUANTITY = re.compile(r"([0-9]+(?:[.][0-9]+)?)\s*([kmgt])i?b?", re.IGNORECASE)


def key_hint(path: tuple[Step, ...]) -> str:
    """What to write instead of the unknown key, or nothing."""
    return _KEYS.get(without_indices(dotted(path)), "")


def value_hint(path: tuple[Step, ...], value: object, allowed: list[str]) -> str:
    """What to write instead of the value that is none of the allowed ones, or nothing."""
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
        case ["boolean"], str() if value.lower() in _WORDS_FOR:
            return f"write {_WORDS_FOR[value.lower()]}"
        case ["integer"], str() if found := _DURATION.fullmatch(value):
            return _duration_hint(str(path[-1]), int(found[1]) * _SECONDS[found[2].lower()])
        case ["array"], dict():
            return "write `- ` before each item"
        case ["array"], str() | int() | float():
            return f"write a list: [{value}]"
    return ""


def _duration_hint(key: str, seconds: int) -> str:
    if key.endswith("Minutes") and seconds % 60 == 0:
        return f"write {seconds // 60}: the unit is minutes"
    return f"write {seconds}: the unit is seconds" if key.endswith("Seconds") else ""


def form_hint(path: tuple[Step, ...], value: object) -> str:
    """The value in the form that its key demands, where that is clear, or nothing."""
    match path:
        case (*_, "Memory" | "SharedMemory") if found := _QUANTITY.fullmatch(str(value)):
            return f"did you mean {found[1]}{found[2].upper()}i?"
        case ("metadata", "name") if (
            0 < len(name := _NO_NAME.sub("-", str(value)).strip("-")) <= _LONGEST_NAME
        ):
            return f"did you mean {name}?"
    return ""
