"""Instance types, quotas, and what bounds the bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.manifest.nodes import Node, entries, get, written_in
from dlcapply.manifest.rules.rule import (
    Path,
    Problem,
    Rule,
    Subject,
    elsewhere,
    exactly_one,
    exclusive,
    number,
    numbered,
)
from dlcapply.model.findings import Level

if TYPE_CHECKING:
    from collections.abc import Iterator


def _resources(subject: Subject) -> Iterator[Problem]:
    hint = "EcsSpec on public resources, ResourceConfig on a quota"
    return exactly_one(subject.roles, "EcsSpec", "ResourceConfig", hint)


def _instance_types_on_a_quota(subject: Subject) -> Iterator[Problem]:
    """PAI refuses the pair (seen in the field; the API page is silent)."""
    quota = get(subject.spec, "ResourceId")
    for path, node in _sole(subject, "EcsSpec", "ResourceConfig"):
        if quota and subject.is_on_a_quota:
            where = elsewhere("ResourceId", quota, node)
            hint = "ask the quota for CPU, Memory and GPU with ResourceConfig"
            yield Problem(f"PAI refuses EcsSpec together with ResourceId{where}", node, path, hint, True)


def _quantities_without_a_quota(subject: Subject) -> Iterator[Problem]:
    for path, node in _sole(subject, "ResourceConfig", "EcsSpec") if not subject.is_on_a_quota else ():
        hint = "name the quota with spec.ResourceId, or an instance type with EcsSpec"
        yield Problem("ResourceConfig needs a quota", node, path, hint, at_key=True)


def _sole(subject: Subject, key: str, other: str) -> Iterator[tuple[Path, Node]]:
    """The values of `key` in the roles that do not hold `other` too."""
    for path, role in subject.roles:
        if (node := get(role, key)) and not get(role, other):
            yield (*path, key), node


def _priority_without_a_quota(subject: Subject) -> Iterator[Problem]:
    node = get(subject.spec, "Priority")
    if node and not subject.is_on_a_quota:
        message = "PAI ignores Priority on public resources"
        yield Problem(message, node, ("spec", "Priority"), "it counts with spec.ResourceId only", at_key=True)


def _unbounded(subject: Subject) -> Iterator[Problem]:
    spec = subject.spec
    if spec and isinstance(spec.value, dict) and not get(spec, "JobMaxRunningTimeMinutes"):
        message, hint = "nothing stops this job's bill", "set JobMaxRunningTimeMinutes"
        yield Problem(message, written_in(subject.document, spec), ("spec",), hint, at_key=True)


def _spot_limits(subject: Subject) -> Iterator[Problem]:
    """One of the two limits (SDK, SpotSpec); the one strategy is a bid up to a limit."""
    bids = [((*path, "SpotSpec"), bid) for path, role in subject.roles if (bid := get(role, "SpotSpec"))]
    hint = "SpotDiscountLimit is a fraction of the full price, SpotPriceLimit is CNY per minute"
    maps = [(path, bid) for path, bid in bids if isinstance(bid.value, dict)]
    return exactly_one(maps, "SpotDiscountLimit", "SpotPriceLimit", hint)


def _spot_units(subject: Subject) -> Iterator[Problem]:
    """A bid is a fraction (0.8 in the API metadata), an elastic choice a percentage (90 in the SDK)."""
    for path, role in subject.roles:
        bid = get(role, "SpotSpec", "SpotDiscountLimit")
        if bid and (limit := number(bid)) is not None and limit > 1:
            where = (*path, "SpotSpec", "SpotDiscountLimit")
            hint = f"for {limit:g} percent of the full price write {limit / 100:g}"
            yield Problem("SpotDiscountLimit looks like percent; here it is a fraction", bid, where, hint)
        for inner, choice in numbered(get(role, "ElasticSpotSpecs"), (*path, "ElasticSpotSpecs")):
            node = get(choice, "SpotDiscountLimit")
            if node and (limit := number(node)) is not None and limit <= 1:
                hint = f"for {limit * 100:g} percent of the full price write {limit * 100:g}"
                message = "SpotDiscountLimit looks like a fraction; here it is percent"
                yield Problem(message, node, (*inner, "SpotDiscountLimit"), hint)


def _scaling(subject: Subject) -> Iterator[tuple[Path, Node]]:
    for path, role in subject.roles:
        if (node := get(role, "AutoScalingSpec")) and isinstance(node.value, dict):
            yield (*path, "AutoScalingSpec"), node


def _scaling_strategy(subject: Subject) -> Iterator[Problem]:
    """What each strategy reads (Chinese API metadata, AutoScalingSpec; the SDK has no text)."""
    for path, spec in _scaling(subject):
        strategy = get(spec, "ScalingStrategy")
        for key in ("MinReplicas", "MaxReplicas", "AutoscalingMetricSpec"):
            node = get(spec, key)
            if node and strategy is None:
                hint = "set ScalingStrategy beside it"
                yield Problem(f"{key} has no effect without a strategy", node, (*path, key), hint, True)
        metric = get(spec, "AutoscalingMetricSpec")
        if metric and strategy and strategy.value != "CloudMonitorMetric":
            message = f"AutoscalingMetricSpec has no effect with the strategy {strategy.value}"
            hint = "set ScalingStrategy: CloudMonitorMetric, or leave it out"
            yield Problem(message, metric, (*path, "AutoscalingMetricSpec"), hint, at_key=True)


def _scaling_range(subject: Subject) -> Iterator[Problem]:
    for path, spec in _scaling(subject):
        node = get(spec, "MinReplicas")
        least, most = number(node), number(get(spec, "MaxReplicas"))
        if node and least is not None and most is not None and least > most:
            message = f"MinReplicas is {least:g}, more than MaxReplicas, which is {most:g}"
            yield Problem(message, node, (*path, "MinReplicas"), "exchange the two")


def _estimation(subject: Subject) -> Iterator[Problem]:
    """What the estimation of resources needs (SDK, DataJuicerConfig)."""
    config = get(subject.spec, "Settings", "DataJuicerConfig")
    wanted = get(config, "EnableResourceEstimation")
    for key, value in (("CommandType", "config"), ("ExecutionMode", "distributed")):
        node = entries(config).get(key)
        if wanted and wanted.value is True and node and node.value != value:
            path = ("spec", "Settings", "DataJuicerConfig", key)
            hint = "or leave EnableResourceEstimation out"
            yield Problem(f"EnableResourceEstimation needs {key}: {value}", node, path, hint)


def _ports(subject: Subject) -> Iterator[Problem]:
    path = ("spec", "Settings", "AdvancedSettings")
    hint = "list the ports, or say how many each worker needs"
    return exclusive(path, get(subject.document, *path), "customPortList", "customPortNumPerWorker", hint)


RULES = (
    Rule("ecs-spec-xor-resource-config", _resources),
    Rule("ecs-spec-with-resource-id", _instance_types_on_a_quota, disputed=True),
    Rule("resource-config-without-resource-id", _quantities_without_a_quota),
    Rule("priority-without-resource-id", _priority_without_a_quota, Level.WARNING),
    Rule("no-maximum-running-time", _unbounded, Level.WARNING),
    Rule("spot-limit", _spot_limits),
    Rule("spot-discount-unit", _spot_units, Level.WARNING),
    Rule("scaling-without-strategy", _scaling_strategy, Level.WARNING),
    Rule("scaling-range", _scaling_range),
    Rule("resource-estimation", _estimation),
    Rule("custom-ports", _ports),
)
