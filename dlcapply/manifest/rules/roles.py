"""Which roles a job type has, and how many pods of each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dlcapply.manifest.did_you_mean import did_you_mean
from dlcapply.manifest.findings import listed
from dlcapply.manifest.nodes import get, string
from dlcapply.manifest.rules.rule import Path, Problem, Rule, Subject, number, numbered
from dlcapply.model.findings import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.manifest.nodes import Node

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
# The one that the others meet at: each framework has a single one.
_SINGLE = {"Master", "Head", "Chief"}


def _role_names(subject: Subject) -> Iterator[Problem]:
    job_type = string(get(subject.spec, "JobType"))
    known = ROLES.get(job_type, ())
    for path, role in subject.roles if known else ():
        node = get(role, "Type")
        name = string(node)
        if node and name not in known and not (job_type == "RayJob" and _RAY_GROUP.fullmatch(name)):
            groups = " and Worker-NAME" if job_type == "RayJob" else ""
            hint = did_you_mean(name, known) or f"{job_type} knows {listed(known)}{groups}"
            yield Problem(f"{job_type} has no role {name}", node, (*path, "Type"), hint)


def _repeated_roles(subject: Subject) -> Iterator[Problem]:
    first: dict[str, Node] = {}
    for path, role in subject.roles:
        if (node := get(role, "Type")) and (name := string(node)):
            if name in first:
                message = f"the role {name} is already described at {first[name].place}"
                yield Problem(message, node, (*path, "Type"), "raise PodCount instead")
            first.setdefault(name, node)


def _pod_counts(subject: Subject) -> Iterator[Problem]:
    for path, role in subject.roles if string(get(subject.spec, "JobType")) in ROLES else ():
        name, node = string(get(role, "Type")), get(role, "PodCount")
        if node and name in _SINGLE and (number(node) or 0) > 1:
            hint = "write PodCount: 1, and raise the count of the workers"
            yield Problem(f"a job has one {name}, not {node.text}", node, (*path, "PodCount"), hint)


def _chiefs(subject: Subject) -> Iterator[Problem]:
    """Only one chief is allowed (SDK, JobSpec.IsChief)."""
    chiefs = [
        (path, node) for path, role in subject.roles if (node := get(role, "IsChief")) and node.value is True
    ]
    for path, node in chiefs[1:]:
        message = f"a job has one chief, and {chiefs[0][1].key_place} names it already"
        yield Problem(message, node, (*path, "IsChief"), "leave IsChief out here", at_key=True)


def _startup_dependencies(subject: Subject) -> Iterator[Problem]:
    known = [string(get(role, "Type")) for _, role in subject.roles]
    for path, role in subject.roles:
        for inner, dependency in numbered(get(role, "StartupDependencies"), (*path, "StartupDependencies")):
            node = get(dependency, "Type")
            if node and (name := string(node)) and name not in known:
                hint = did_you_mean(name, known) or f"the roles of this job are {listed(known)}"
                yield Problem(f"no role {name} to wait for", node, (*inner, "Type"), hint)


def _success_policy(subject: Subject) -> Iterator[Problem]:
    """For TFJob (API page), where a PyTorchJob that names it is accepted (seen in the field)."""
    policy = get(subject.spec, "SuccessPolicy")
    job_type = string(get(subject.spec, "JobType"))
    if policy and job_type and job_type != "TFJob":
        message = f"SuccessPolicy is documented for TFJob only, not for {job_type}"
        yield Problem(message, policy, ("spec", "SuccessPolicy"), "leave it out", at_key=True)
    if policy is None or policy.value != "Partial":
        yield from _considered(subject)


def _considered(subject: Subject) -> Iterator[Problem]:
    for path, role in subject.roles:
        if node := get(role, "ConsiderInSuccessPolicy"):
            where: Path = (*path, "ConsiderInSuccessPolicy")
            message = "ConsiderInSuccessPolicy counts only under SuccessPolicy: Partial"
            yield Problem(message, node, where, "leave it out", at_key=True)


RULES = (
    Rule("role", _role_names),
    Rule("duplicate-role", _repeated_roles),
    Rule("role-count", _pod_counts),
    Rule("several-chiefs", _chiefs),
    Rule("startup-dependency", _startup_dependencies),
    Rule("success-policy", _success_policy, Level.WARNING),
)
