"""What a composed manifest must satisfy beyond its schema: one row per rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.manifest.body import MAX_BYTES, body_size
from dlcapply.manifest.findings import finding, listed
from dlcapply.manifest.nodes import Node, Step, entries, get, items, string, written_in
from dlcapply.model import Environment, Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dlcapply.model import Finding

Path = tuple[Step, ...]

# The roles of each job type (SDK, JobSpec.Type); types whose roles are not documented are not checked.
_WORKER_AND_MASTER = ("Worker", "Master")
ROLES: dict[str, tuple[str, ...]] = {
    "TFJob": ("Chief", "PS", "Worker", "Evaluator", "GraphLearn"),
    "PyTorchJob": _WORKER_AND_MASTER,
    "XGBoostJob": _WORKER_AND_MASTER,
    "OneFlowJob": _WORKER_AND_MASTER,
    "ElasticBatchJob": _WORKER_AND_MASTER,
    "MPIJob": _WORKER_AND_MASTER,
    "RayJob": ("Head", "Worker"),
}
_RAY_GROUP = re.compile(r"Worker-.+")
_MAX_TAG_KEY = 128
_MARK_PREFIX = "dlcapply-"


@dataclass(frozen=True, slots=True)
class Subject:
    """A composed manifest and the environment it is for."""

    document: Node
    environment: Environment | None = None

    @property
    def spec(self) -> Node | None:
        return get(self.document, "spec")

    @property
    def roles(self) -> list[tuple[Path, Node]]:
        return _numbered(get(self.spec, "JobSpecs"), ("spec", "JobSpecs"))

    @property
    def data_sources(self) -> list[tuple[Path, Node]]:
        return _numbered(get(self.spec, "DataSources"), ("spec", "DataSources"))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place."""

    message: str
    node: Node
    path: Path
    hint: str = ""
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A check with the id and the level of what it finds."""

    id: str
    check: Callable[[Subject], Iterator[Problem]]
    level: Level = Level.ERROR


def apply_rules(subject: Subject) -> Iterator[Finding]:
    """What the rules say against the subject, whatever its schema says."""
    for rule in RULES:
        for problem in rule.check(subject):
            where = problem.node.key_place if problem.at_key else problem.node.place
            yield finding(rule.id, problem.message, where, problem.path, hint=problem.hint, level=rule.level)


def _numbered(node: Node | None, path: Path) -> list[tuple[Path, Node]]:
    return [((*path, index), item) for index, item in enumerate(items(node)) if isinstance(item.value, dict)]


def _one_of(found: list[tuple[Path, Node]], first: str, second: str, hint: str) -> Iterator[Problem]:
    for path, item in found:
        present = entries(item).keys() & {first, second}
        if len(present) == 2:  # noqa: PLR2004
            yield Problem(
                f"{first} and {second} exclude each other", entries(item)[second], (*path, second), hint, True
            )
        elif not present:
            yield Problem(f"{first} or {second} is missing", item, path, hint)


def _resources(subject: Subject) -> Iterator[Problem]:
    hint = "EcsSpec on public resources, ResourceConfig on a quota"
    return _one_of(subject.roles, "EcsSpec", "ResourceConfig", hint)


def _locations(subject: Subject) -> Iterator[Problem]:
    hint = "DataSourceId for a registered dataset, Uri for a location"
    return _one_of(subject.data_sources, "DataSourceId", "Uri", hint)


def _instance_types_on_a_quota(subject: Subject) -> Iterator[Problem]:
    """PAI refuses the pair (seen in the field; the API page is silent)."""
    for path, node in _sole(subject, "EcsSpec", "ResourceConfig") if _on_quota(subject) else ():
        hint = "ask the quota for CPU, Memory and GPU with ResourceConfig"
        yield Problem("PAI refuses EcsSpec together with ResourceId", node, path, hint, at_key=True)


def _quantities_without_a_quota(subject: Subject) -> Iterator[Problem]:
    for path, node in _sole(subject, "ResourceConfig", "EcsSpec") if not _on_quota(subject) else ():
        hint = "name the quota with spec.ResourceId, or an instance type with EcsSpec"
        yield Problem("ResourceConfig needs a quota", node, path, hint, at_key=True)


def _sole(subject: Subject, key: str, other: str) -> Iterator[tuple[Path, Node]]:
    """The values of `key` in the roles that do not hold `other` too."""
    for path, role in subject.roles:
        if (node := get(role, key)) and not get(role, other):
            yield (*path, key), node


def _on_quota(subject: Subject) -> bool:
    return bool(string(get(subject.spec, "ResourceId")))


def _role_names(subject: Subject) -> Iterator[Problem]:
    job_type = string(get(subject.spec, "JobType"))
    known = ROLES.get(job_type)
    for path, role in subject.roles if known else ():
        node = get(role, "Type")
        name = string(node)
        if node and known and name not in known and not (job_type == "RayJob" and _RAY_GROUP.fullmatch(name)):
            hint = f"{job_type} knows {listed(known)}"
            yield Problem(f"{job_type} has no role {name}", node, (*path, "Type"), hint)


def _repeated_roles(subject: Subject) -> Iterator[Problem]:
    return _repeated(subject.roles, "Type", "raise PodCount instead")


def _repeated_mount_paths(subject: Subject) -> Iterator[Problem]:
    return _repeated(subject.data_sources, "MountPath", "mount each data source at a path of its own")


def _repeated(found: list[tuple[Path, Node]], key: str, hint: str) -> Iterator[Problem]:
    first: dict[str, Node] = {}
    for path, item in found:
        if (node := get(item, key)) and (name := string(node)):
            if name in first:
                yield Problem(
                    f"{key} {name} is already used at {first[name].place}", node, (*path, key), hint
                )
            first.setdefault(name, node)


def _tag_maps(subject: Subject) -> Iterator[tuple[Path, str, Node]]:
    for path in (("metadata", "labels"), ("spec", "Settings", "Tags")):
        for key, node in entries(get(subject.document, *path)).items():
            yield (*path, key), key, node


def _reserved_tags(subject: Subject) -> Iterator[Problem]:
    for path, key, node in _tag_maps(subject):
        if key.startswith(_MARK_PREFIX):
            hint = "dlcapply writes these tags itself; choose another name"
            yield Problem(f"tags that start with {_MARK_PREFIX} are reserved", node, path, hint, at_key=True)


def _tag_keys(subject: Subject) -> Iterator[Problem]:
    """PAI's limits of a tag's key (SDK, TagResources)."""
    for path, key, node in _tag_maps(subject):
        if not key or len(key) > _MAX_TAG_KEY:
            yield Problem(f"a tag's key has 1 to {_MAX_TAG_KEY} characters", node, path, at_key=True)
        elif key.startswith(("aliyun", "acs:")) or "http://" in key or "https://" in key:
            message = "a tag's key can't start with aliyun or acs:, nor hold http:// or https://"
            yield Problem(message, node, path, at_key=True)


def _display_name(subject: Subject) -> Iterator[Problem]:
    written = get(subject.spec, "DisplayName")
    name = get(subject.document, "metadata", "name")
    if written and name and written.value != name.value:
        message = f"DisplayName differs from metadata.name, which is {name.value}"
        yield Problem(message, written, ("spec", "DisplayName"), "leave DisplayName out")


def _workspace(subject: Subject) -> Iterator[Problem]:
    written = get(subject.spec, "WorkspaceId")
    if written and subject.environment and written.value != subject.environment.workspace_id:
        name, workspace = subject.environment.name, subject.environment.workspace_id
        message = f"WorkspaceId differs from the environment {name}, which says {workspace}"
        yield Problem(message, written, ("spec", "WorkspaceId"), "leave WorkspaceId out")


def _names_twice(subject: Subject) -> Iterator[Problem]:
    written = entries(get(subject.spec, "Envs"))
    seen: dict[str, Node] = dict(written)
    for index, item in enumerate(items(get(subject.document, "envFrom"))):
        node = get(item, "name")
        if node and (name := string(node)):
            if name in seen:
                message = f"the variable {name} is already set at {seen[name].key_place}"
                yield Problem(message, node, ("envFrom", index, "name"), "keep one of the two")
            seen.setdefault(name, node)


def _too_large(subject: Subject) -> Iterator[Problem]:
    if subject.spec and (size := body_size(subject.document)) > MAX_BYTES:
        message = f"the job takes {size:,} bytes, and PAI accepts {MAX_BYTES:,} beside our marks"
        yield Problem(message, subject.spec, ("spec",), "move long commands into the image or a code source")


def _unbounded(subject: Subject) -> Iterator[Problem]:
    if isinstance(subject.spec and subject.spec.value, dict) and not get(
        subject.spec, "JobMaxRunningTimeMinutes"
    ):
        spec = written_in(subject.document, entries(subject.document)["spec"])
        yield Problem(
            "nothing stops this job's bill", spec, ("spec",), "set JobMaxRunningTimeMinutes", at_key=True
        )


def _priority_without_a_quota(subject: Subject) -> Iterator[Problem]:
    node = get(subject.spec, "Priority")
    if node and not _on_quota(subject):
        message = "PAI ignores Priority on public resources"
        yield Problem(message, node, ("spec", "Priority"), "it counts with spec.ResourceId only", at_key=True)


RULES: tuple[Rule, ...] = (
    Rule("ecs-spec-xor-resource-config", _resources),
    Rule("ecs-spec-with-resource-id", _instance_types_on_a_quota),
    Rule("resource-config-without-resource-id", _quantities_without_a_quota),
    Rule("uri-xor-data-source-id", _locations),
    Rule("role", _role_names),
    Rule("duplicate-role", _repeated_roles),
    Rule("duplicate-mount-path", _repeated_mount_paths),
    Rule("reserved-tag", _reserved_tags),
    Rule("tag-key", _tag_keys),
    Rule("display-name", _display_name),
    Rule("workspace-id", _workspace),
    Rule("duplicate-variable", _names_twice),
    Rule("body-too-large", _too_large),
    Rule("no-maximum-running-time", _unbounded, Level.WARNING),
    Rule("priority-without-resource-id", _priority_without_a_quota, Level.WARNING),
)
