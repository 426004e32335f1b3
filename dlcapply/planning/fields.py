"""How PAI treats every field of CreateJob: one table, each exception with its reason and source.

What differs between fields is a row here, not an `if` elsewhere. What manifests need to know too is in
`pai.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dlcapply.model.plans import Behaviour
from dlcapply.planning.quantities import canonical_quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dlcapply.model.jobs import Spec
    from dlcapply.model.runs import Run


class Read(StrEnum):
    """Which answer shows the field of a run."""

    LIST = "in ListJobs and GetJob"
    GET = "only in GetJob"
    LIST_ONLY = "only in ListJobs"
    NEVER = "in neither"


class Effect(StrEnum):
    """What a change of the field can change about a run of the job."""

    RESULT = "its result"
    CIRCUMSTANCES = "only how long it may take, what it may cost, or who watches it"
    NOTHING = "nothing that it does"


@dataclass(frozen=True, slots=True)
class Field:
    """One leaf of CreateJob; `why` gives the reason and the source of all that is not the default.

    `in_place` tells, for an active run, its value and the desired one, whether PAI makes the change now; it
    is None where only a new run can have the new value. A field that changes no result asks for no new run
    and is left out of the fingerprint. `default` is what a run has that was created without the field, where
    known. `canonical` gives all spellings of one value the same form.
    """

    path: str
    read: Read = Read.LIST
    in_place: Callable[[Run, Any, Any], bool] | None = None
    effect: Effect = Effect.RESULT
    canonical: Callable[[Any], Any] | None = None
    default: Any = None
    why: str = ""


_ONLY_BY_A_RUN = {
    Effect.RESULT: Behaviour.NEEDS_RUN,
    Effect.CIRCUMSTANCES: Behaviour.CIRCUMSTANCE,
    Effect.NOTHING: Behaviour.NEXT_RUN,
}


def behaviour(path: str, *, run: Run, live: Any, desired: Any) -> Behaviour:
    """What PAI does when asked to change this field or struct of the run now; most need a new run."""
    field = FIELDS.get(path)
    if field is not None and field.in_place is not None:
        return Behaviour.IN_PLACE if field.in_place(run, live, desired) else Behaviour.IGNORED
    effects = effects_in(path, live) | effects_in(path, desired)
    return _ONLY_BY_A_RUN[next((effect for effect in Effect if effect in effects), Effect.RESULT)]


def effects_in(path: str, value: Any) -> frozenset[Effect]:
    """What the leaves of the value can change; whatever the table lacks may change the result."""
    if (effect := effect_of(path)) is not None:
        return frozenset() if value is None else frozenset({effect})
    match value:
        case dict():
            inner = (effects_in(f"{path}.{key}".lstrip("."), item) for key, item in value.items())
        case list():
            inner = (effects_in(f"{path}[]", item) for item in value)
        case None:
            return frozenset()
        case _:
            return frozenset({Effect.RESULT})
    return frozenset[Effect]().union(*inner)


def effect_of(path: str) -> Effect | None:
    """What the leaf can change, a key of a map too; None for what is not a leaf of the table."""
    if path in FIELDS:
        return FIELDS[path].effect
    return next((FIELDS[f"{head}.*"].effect for head in _heads(path) if f"{head}.*" in FIELDS), None)


def _heads(path: str) -> Iterator[str]:
    """The paths above; the key of a map may have dots itself."""
    while "." in path:
        path = path.rpartition(".")[0]
        yield path


def not_in_table(value: Any, path: str = "") -> Iterator[str]:
    """The paths of keys that no source describes, in the spec or below the path: `passthrough` ones."""
    match value:
        case dict():
            for key, item in value.items():
                below = f"{path}.{key}".lstrip(".")
                if below in _STRUCTS_AND_LISTS:
                    yield from not_in_table(item, below)
                elif effect_of(below) is None and item is not None:
                    yield below
        case list():
            for item in value:
                yield from not_in_table(item, f"{path}[]")


def in_place_value(path: str, spec: Spec) -> Any:
    """What the run is to have in this field: the manifest's value, otherwise what a run has without one."""
    return spec.get(path, FIELDS[path].default)


def field_path(path: str, key: str) -> str:
    """The path of a key below the path, as the table spells it."""
    anywhere = f"{path}.*"
    return anywhere if anywhere in FIELDS else f"{path}.{key}".lstrip(".")


def _names(value: Any) -> Any:
    """Names between commas, of which no order is known."""
    if not isinstance(value, str):
        return value
    return ",".join(sorted(name.strip() for name in value.split(",")))


def _in_any_status(_run: Run, _live: Any, _desired: Any) -> bool:
    return True


def _when_widened(_run: Run, live: Any, desired: Any) -> bool:
    return (live or "PRIVATE", desired) == ("PRIVATE", "PUBLIC")


def _while_queued_on_a_quota(run: Run, _live: Any, _desired: Any) -> bool:
    return bool(run.body.get("ResourceId")) and run.status in {"Creating", "Queuing", "EnvPreparing"}


_SECURITY_CONTEXT = (
    "Capabilities.Add[] Capabilities.Drop[] Privileged RunAsGroup RunAsUser"
    " SeccompProfile.LocalhostProfile SeccompProfile.Type"
)
_CONTAINER = (
    "Args[] Command[] Env[].Name Env[].Value Image Name Resources.Limits.* Resources.Requests.* WorkingDir"
)

# Every leaf of CreateJobRequest (SDK 1.11.6), by struct; `[]` is an item of a list, `*` any key of a map.
_STRUCTS = {
    "": (
        "Accessibility DebuggerConfigContent Description DisplayName Envs.* JobMaxRunningTimeMinutes JobType"
        " Options Priority ResourceId SchedulingStrategy SuccessPolicy TemplateId TemplateVersion"
        " ThirdpartyLibDir ThirdpartyLibs[] UserCommand WorkspaceId"
    ),
    "CodeSource": "Branch CodeSourceId Commit IsSharedMountPath MountPath",
    "CredentialConfig": "AliyunEnvRoleKey EnableCredentialInject",
    "CredentialConfig.CredentialConfigItems[]": "Key Type",
    "CredentialConfig.CredentialConfigItems[].Roles[]": "AssumeRoleFor Policy RoleArn RoleType",
    "CredentialConfig.CredentialConfigItems[].Roles[].AssumeUserInfo": "AccessKeyId Id SecurityToken Type",
    "CustomEnvs[]": "Key Value Visible",
    "DataSources[]": (
        "AccessPointId DataSourceId DataSourceVersion EnableCache MountAccess MountPath Options RoleArn"
        " RoleChain Uri"
    ),
    "ElasticSpec": (
        "AIMasterDockerImage AIMasterType EDPMaxParallelism EDPMinParallelism ElasticStrategy EnableAIMaster"
        " EnableEDP EnableElasticTraining EnablePsJobElasticPS EnablePsJobElasticWorker"
        " EnablePsResourceEstimate MaxParallelism MinParallelism PSMaxParallelism PSMinParallelism"
    ),
    "JobSpecs[]": (
        "ConsiderInSuccessPolicy Driver EcsSpec Image IsCheif IsChief OversoldType PodCount QuotaId"
        " RestartPolicy Type UseSpotInstance UserCommand"
    ),
    "JobSpecs[].AssignNodeSpec": "AntiAffinityNodeNames EnableAssignNode NodeNames",
    "JobSpecs[].AssignNodeSpec.AntiAffinityHyperNodes[]": "HyperNodeName NodeNames",
    "JobSpecs[].AssignNodeSpec.HyperNodes[]": "HyperNodeName NodeNames",
    "JobSpecs[].AutoScalingSpec": "MaxReplicas MinReplicas PodsToDelete[] ScalingStrategy",
    "JobSpecs[].AutoScalingSpec.AutoscalingMetricSpec": (
        "MetricName StabilizationWindowSeconds TargetValue Tolerance"
    ),
    "JobSpecs[].ElasticSpotSpecs[]": "InstanceType SpotDiscountLimit SpotPriceLimit SpotStrategy",
    "JobSpecs[].ExtraPodSpec": "PodAnnotations.* PodLabels.* SharedVolumeMountPaths[]",
    "JobSpecs[].ExtraPodSpec.InitContainers[]": _CONTAINER,
    "JobSpecs[].ExtraPodSpec.InitContainers[].SecurityContext": _SECURITY_CONTEXT,
    "JobSpecs[].ExtraPodSpec.Lifecycle": "PostStart.Exec.Command[] PreStop.Exec.Command[]",
    "JobSpecs[].ExtraPodSpec.MainContainerSecurityContext": _SECURITY_CONTEXT,
    "JobSpecs[].ExtraPodSpec.SideCarContainers[]": _CONTAINER,
    "JobSpecs[].ExtraPodSpec.SideCarContainers[].SecurityContext": _SECURITY_CONTEXT,
    "JobSpecs[].HyperNodeSchedulingConfig": "MinAvailable QualityPolicy",
    "JobSpecs[].ImageConfig": "Auth DockerRegistry Password Username",
    "JobSpecs[].LocalMountSpecs[]": "LocalPath MountMode MountPath",
    "JobSpecs[].ResourceConfig": "CPU GPU GPUType Memory SharedMemory",
    "JobSpecs[].ServiceSpec": "DefaultPort ExtraPorts[] ServiceMode",
    "JobSpecs[].SpotSpec": "SpotDiscountLimit SpotPriceLimit SpotStrategy",
    "JobSpecs[].StartupDependencies[]": "MinReplicas OnPhase Type",
    "JobSpecs[].SystemDisk": "Category PerformanceLevel Size",
    "Settings": (
        "AdvancedSettings.* AllocateAllRDMADevices AllowUnschedulableNodes BusinessUserId Caller"
        " DisableEcsStockCheck Driver ElasticSpotJobMaxRestartTimes EnableCPUAffinity EnableDSWDev"
        " EnableErrorMonitoringInAIMaster EnableOssAppend EnableRDMA EnableSanityCheck EnableTideResource"
        " ErrorMonitoringArgs JobReservedMinutes JobReservedPolicy OversoldType PipelineId SanityCheckArgs"
        " Shell Tags.* TerminationGracePeriodSeconds"
    ),
    "Settings.DataJuicerConfig": "CommandType EnableResourceEstimation ExecutionMode",
    "Settings.DataJuicerConfig.ResourceLimit": "CPU GPU Memory",
    "Settings.ModelConfig": "ModelName",
    "Settings.ModelConfig.ModelTemplate": "Collections ModelName Provider",
    "UserVpc": "DefaultRoute ExtendedCIDRs[] SecurityGroupId SwitchId VpcId",
}

_NOT_READ = "no answer has a key for it (SDK: JobItem, GetJobResponseBody)"
_BLANKED = "the key comes back, but whether its value is blanked is not documented (struct-jobitem page)"
_SPELLING = "a quantity, which may come back in another spelling"
_UNORDERED = "names between commas, whose order no document gives a meaning"


def _paths(struct: str, names: str) -> Iterator[str]:
    return (f"{struct}.{name}".lstrip(".") for name in names.split())


def _unread(struct: str, names: str) -> Iterator[Field]:
    return (Field(path, read=Read.NEVER, why=_NOT_READ) for path in _paths(struct, names))


def _secrets(struct: str, names: str) -> Iterator[Field]:
    return (
        Field(path, read=Read.NEVER, effect=Effect.NOTHING, why=_BLANKED) for path in _paths(struct, names)
    )


def _circumstances(struct: str, names: str, why: str) -> Iterator[Field]:
    return (Field(path, effect=Effect.CIRCUMSTANCES, why=why) for path in _paths(struct, names))


def _notes(struct: str, names: str, why: str) -> Iterator[Field]:
    return (Field(path, effect=Effect.NOTHING, why=why) for path in _paths(struct, names))


def _quantities(struct: str, names: str) -> Iterator[Field]:
    return (Field(path, canonical=canonical_quantity, why=_SPELLING) for path in _paths(struct, names))


def _lists(struct: str, names: str) -> Iterator[Field]:
    return (Field(path, canonical=_names, why=_UNORDERED) for path in _paths(struct, names))


# Two keys of UpdateJob are not changed in place. UserCommand: no source says when it is taken. PodCount of
# elastic jobs: how JobSpecs are merged is not documented, and the run's mark, a tag, would stay behind (SDK).
_EXCEPTIONS = (
    Field(
        "Accessibility",
        in_place=_when_widened,
        effect=Effect.NOTHING,
        default="PRIVATE",
        why="changes at once in any status, but only from PRIVATE to PUBLIC (SDK, UpdateJob)",
    ),
    Field(
        "Description",
        read=Read.GET,
        in_place=_in_any_status,
        effect=Effect.NOTHING,
        default="",
        why="changes in any status (PAI skill); JobItem has no key for it (SDK)",
    ),
    Field(
        "Priority",
        in_place=_while_queued_on_a_quota,
        effect=Effect.NOTHING,
        default=1,
        why="UpdateJob answers 200 and changes nothing without ResourceId, and from Running on (PAI skill)",
    ),
    Field("DisplayName", effect=Effect.NOTHING, why="the name is the job's key"),
    Field("WorkspaceId", effect=Effect.NOTHING, why="the environment decides it"),
    Field(
        "JobMaxRunningTimeMinutes",
        read=Read.LIST_ONLY,
        effect=Effect.CIRCUMSTANCES,
        why="GetJobResponseBody has no key for it (SDK); what has succeeded had time enough",
    ),
    *_circumstances(
        "Settings",
        "JobReservedMinutes JobReservedPolicy",
        "for how long resources are kept after the end (SDK)",
    ),
    *_circumstances(
        "JobSpecs[].SpotSpec", "SpotDiscountLimit SpotPriceLimit", "what may be paid for the same instances"
    ),
    *_circumstances(
        "JobSpecs[].ElasticSpotSpecs[]",
        "SpotDiscountLimit SpotPriceLimit",
        "what may be paid for the same instances",
    ),
    *_circumstances(
        "Settings", "EnableSanityCheck SanityCheckArgs", "machines are checked before the job begins (SDK)"
    ),
    *_circumstances(
        "Settings",
        "EnableErrorMonitoringInAIMaster ErrorMonitoringArgs",
        "AIMaster watches the job from beside it, and may start it again (AIMaster documentation)",
    ),
    *_circumstances(
        "Settings", "TerminationGracePeriodSeconds", "how long a stopped pod may take to end (Kubernetes)"
    ),
    *_notes(
        "Settings",
        "Tags.* BusinessUserId Caller PipelineId",
        "they say whose the job is and who sent it; PAI hands none of them to the command (SDK)",
    ),
    Field("TemplateId", read=Read.LIST_ONLY, why="GetJobResponseBody has no key for it (SDK)"),
    Field("DataSources[].Uri", read=Read.GET, why="only GetJob's DataSources have the key (SDK)"),
    *(
        Field(path, read=Read.GET, why="JobItem has no key for it (SDK)")
        for path in _paths("CustomEnvs[]", "Key Value Visible")
    ),
    *_unread("", "DebuggerConfigContent Options SuccessPolicy TemplateVersion"),
    *_unread("CodeSource", "IsSharedMountPath"),
    *_unread(
        "DataSources[]",
        "AccessPointId DataSourceVersion EnableCache MountAccess Options RoleArn RoleChain",
    ),
    *_secrets("CredentialConfig.CredentialConfigItems[].Roles[].AssumeUserInfo", "SecurityToken"),
    *_secrets("JobSpecs[].ImageConfig", "Auth Password"),
    *_quantities("JobSpecs[].ResourceConfig", "CPU GPU Memory SharedMemory"),
    *_quantities("Settings.DataJuicerConfig.ResourceLimit", "CPU GPU Memory"),
    *_quantities("JobSpecs[].ExtraPodSpec.InitContainers[].Resources", "Limits.* Requests.*"),
    *_quantities("JobSpecs[].ExtraPodSpec.SideCarContainers[].Resources", "Limits.* Requests.*"),
    *_lists("JobSpecs[].AssignNodeSpec", "AntiAffinityNodeNames NodeNames"),
    *_lists("JobSpecs[].AssignNodeSpec.AntiAffinityHyperNodes[]", "NodeNames"),
    *_lists("JobSpecs[].AssignNodeSpec.HyperNodes[]", "NodeNames"),
)

FIELDS: Mapping[str, Field] = MappingProxyType(
    {path: Field(path) for struct, names in _STRUCTS.items() for path in _paths(struct, names)}
    | {field.path: field for field in _EXCEPTIONS}
)

# Every path above a leaf, also as the list that holds it.
_STRUCTS_AND_LISTS = frozenset(
    above for path in FIELDS for head in _heads(path) for above in (head, head.removesuffix("[]"))
) | frozenset(path.removesuffix("[]") for path in FIELDS if path.endswith("[]"))

_POD = "JobSpecs[].ExtraPodSpec"

# Lists of plain values that are sets: pip solves all requirements together. Those of structs whose order says
# nothing are `pai.KEYED_LISTS`.
SETS = frozenset(
    {
        "ThirdpartyLibs",
        "UserVpc.ExtendedCIDRs",
        "JobSpecs[].AutoScalingSpec.PodsToDelete",
        "JobSpecs[].ServiceSpec.ExtraPorts",
        f"{_POD}.SharedVolumeMountPaths",
        *(
            f"{_POD}.{context}.Capabilities.{way}"
            for context in (
                "InitContainers[].SecurityContext",
                "MainContainerSecurityContext",
                "SideCarContainers[].SecurityContext",
            )
            for way in ("Add", "Drop")
        ),
    }
)

# Lists whose order is what they say: the words of a command, containers that run one after another, roles
# that are assumed one from the other.
ORDERED = frozenset(
    {
        "CredentialConfig.CredentialConfigItems[].Roles",
        f"{_POD}.InitContainers",
        *(
            f"{_POD}.{kind}[].{words}"
            for kind in ("InitContainers", "SideCarContainers")
            for words in ("Args", "Command")
        ),
        f"{_POD}.Lifecycle.PostStart.Exec.Command",
        f"{_POD}.Lifecycle.PreStop.Exec.Command",
    }
)

# Maps that come back as sent: a key that only the run has was removed from the manifest. Whether the service
# adds to the others, such as AdvancedSettings, is not documented: only the keys of the manifest count there.
OPEN_MAPS = frozenset({"Envs", "Settings.Tags"})
