"""How many pods a run's settings allow, of which types and for how long, and what may lead to more.

`spend.py` multiplies them: "at most" has to be true, so a setting that nothing bounds makes it unbounded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from dlcapply.planning.fields import not_in_table
from dlcapply.planning.quantities import amount
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dlcapply.model.jobs import Spec

# No job has more of anything: a larger number counts as one that can't be read.
_MOST = 10**9
# AIMaster's flags (DOC aimaster): restarts are off unless this one says otherwise.
_RESTART = re.compile(r"--enable-job-restart(?![\w-])[=\s'\"]*+(?!false\b)", re.IGNORECASE)
# What these add to a run stands in no manifest: a template's own keys (JobTemplate), and the pods that
# DataJuicer estimates (JobReplicaStatuses.EstimatedPodCount).
ADDING = ("TemplateId", "Settings.DataJuicerConfig.EnableResourceEstimation")


class Bound(NamedTuple):
    """A number; or None, and the settings that would have to be set for there to be one."""

    number: int | None
    missing: tuple[str, ...] = ()


def pods(role: Mapping[str, Any]) -> Bound:
    """The most pods of a role: those that it begins with, or as many as it may be scaled to."""
    count = Bound(whole(role.get("PodCount") or 1), (role_path(role, "PodCount"),))
    scaling = role.get("AutoScalingSpec")
    if not isinstance(scaling, dict) or not any(scaling.values()):
        return _joined(max, count)
    # 0 is how an unset number is written by many clients.
    most = Bound(whole(scaling.get("MaxReplicas")) or None, (role_path(role, "AutoScalingSpec.MaxReplicas"),))
    least = Bound(whole(scaling.get("MinReplicas") or 0), (role_path(role, "AutoScalingSpec.MinReplicas"),))
    return _joined(max, count, most, least)


def minutes(spec: Spec) -> Bound:
    """The most minutes that a run holds its pods: running, and reserved after whatever end it has."""
    running = Bound(whole(spec.get("JobMaxRunningTimeMinutes")) or None, ("JobMaxRunningTimeMinutes",))
    reserved = _reserved(_settings(spec))
    return _joined(sum, running, reserved)


def adding(spec: Spec) -> tuple[str, ...]:
    """The settings that give a run more than its spec says."""
    juicer = _settings(spec).get("DataJuicerConfig")
    estimates = isinstance(juicer, dict) and _is_on(juicer.get("EnableResourceEstimation"))
    return tuple(
        name for name, holds in zip(ADDING, (spec.get("TemplateId"), estimates), strict=True) if holds
    )


def exceeding(spec: Spec) -> tuple[str, ...]:
    """The settings of which no document says that the ceiling holds in spite of them.

    A restart may begin the maximum anew; a pod may end after it; containers beside the job's may hold
    resources of their own; ElasticSpec is documented as not supported, not as refused; of a key that is newer
    than the field table nothing is known.
    """
    return tuple(_exceeding(spec))


def whole(value: Any) -> int | None:
    """The whole number that a value says, also as text; None where it does not say one."""
    size = amount(value)
    if size is None or not 0 <= size <= _MOST or size != size.to_integral_value():
        return None
    return int(size)


def roles(spec: Spec) -> list[Mapping[str, Any]]:
    """The roles of a spec, or of an answer, which may hold anything in their place."""
    found = spec.get("JobSpecs")
    return [role for role in found if isinstance(role, dict)] if isinstance(found, list) else []


def types(role: Mapping[str, Any]) -> tuple[str, ...]:
    """The instance types that a pod of the role may run on: its own, and those of its spot pool."""
    pool = role.get("ElasticSpotSpecs")
    kinds = [role.get("EcsSpec"), *_of_pool(pool if isinstance(pool, list) else [])]
    return tuple(dict.fromkeys(kind for kind in kinds if kind and isinstance(kind, str)))


def role_path(role: Mapping[str, Any], key: str = "") -> str:
    """Where the role, or what it has under the key, stands in a spec."""
    path = f"JobSpecs[{without_secrets(str(role.get('Type') or ''))}]"
    return f"{path}.{key}" if key else path


def _of_pool(pool: list[Any]) -> Iterator[Any]:
    for one in pool:
        yield one.get("InstanceType") if isinstance(one, dict) else None


def _joined(join: Callable[[Iterable[int]], int], *bounds: Bound) -> Bound:
    """One bound of several; None, with what is missing, where one of them is."""
    missing = tuple(name for one in bounds if one.number is None for name in one.missing)
    numbers = [one.number for one in bounds if one.number is not None]
    return Bound(join(numbers) if len(numbers) == len(bounds) else None, missing)


def _reserved(settings: Mapping[str, Any]) -> Bound:
    value = settings.get("JobReservedMinutes")
    if value is None and not settings.get("JobReservedPolicy"):
        return Bound(0)
    # How long a policy without minutes reserves is not documented.
    return Bound(whole(value), ("Settings.JobReservedMinutes",))


def _exceeding(spec: Spec) -> Iterator[str]:
    settings = _settings(spec)
    for role in roles(spec):
        if role.get("RestartPolicy") not in (None, "", "Never"):
            yield role_path(role, "RestartPolicy")
        if role.get("ElasticSpotSpecs"):
            yield role_path(role, "ElasticSpotSpecs")
        yield from _of_containers(role)
    if settings.get("ElasticSpotJobMaxRestartTimes"):
        yield "Settings.ElasticSpotJobMaxRestartTimes"
    yield from _of_aimaster(settings)
    if settings.get("TerminationGracePeriodSeconds"):
        yield "Settings.TerminationGracePeriodSeconds"
    if isinstance(elastic := spec.get("ElasticSpec"), dict) and any(elastic.values()):
        yield "ElasticSpec"
    yield from dict.fromkeys(without_secrets(path.replace("[]", "")) for path in not_in_table(spec))


def _of_containers(role: Mapping[str, Any]) -> Iterator[str]:
    """On a quota a pod holds what its containers ask for (Kubernetes); an instance is paid for as a whole."""
    extra = role.get("ExtraPodSpec")
    if role.get("EcsSpec") or not isinstance(extra, dict):
        return
    for kind in ("InitContainers", "SideCarContainers"):
        containers = extra.get(kind)
        found = containers if isinstance(containers, list) else []
        if any(isinstance(one, dict) and one.get("Resources") for one in found):
            yield role_path(role, f"ExtraPodSpec.{kind}")


def _of_aimaster(settings: Mapping[str, Any]) -> Iterator[str]:
    """AIMaster is a pod beside the others (DOC aimaster), and may restart the job."""
    watched, arguments = settings.get("EnableErrorMonitoringInAIMaster"), settings.get("ErrorMonitoringArgs")
    if _is_on(watched):
        yield "Settings.EnableErrorMonitoringInAIMaster"
    if isinstance(arguments, str) and _RESTART.search(arguments) and watched is not False:
        yield "Settings.ErrorMonitoringArgs"


def _settings(spec: Spec) -> Mapping[str, Any]:
    settings = spec.get("Settings")
    return settings if isinstance(settings, dict) else {}


def _is_on(value: Any) -> bool:
    return value is True or str(value).lower() == "true"
