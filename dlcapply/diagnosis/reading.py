"""From the body of a run, as GetJob shows it, to facts; what can't be read is not there."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dlcapply.diagnosis.facts import Dependency, Facts, Move, Pod, Request, Restart, SpotBid
from dlcapply.model.answers import maps, pod_name, text_of
from dlcapply.model.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.model.runs import Run

_MOST_MINUTES = 10**7
_MOST_PODS = 10_000
_MOST_MOVES = 100  # of a history, the newest
_LONGEST_ID = 256
_COUNT = re.compile(r"[0-9]{1,4}")
_IDLE_RESOURCES = frozenset({"AcceptQuotaOverSold", "ForceQuotaOverSold"})


def facts_of(run: Run, *, region: str) -> Facts:
    """What the run's own body tells; events, logs and the rest are not asked yet."""
    body = run.body
    return Facts(
        job_id=run.job_id,
        name=run.name,
        status=run.status,
        reason_code=run.reason_code,
        reason=run.reason_message,
        created=run.created_at,
        history=tuple(_history(run)),
        restarts=tuple(map(_restart, maps(body.get("RestartRecord"))))[-_MOST_MOVES:],
        pods=tuple(_pods(body, run.job_id)),
        request=_request(body, region),
    )


def _history(run: Run) -> Iterator[Move]:
    """The statuses in the order of time; of a body that tells no history, those whose time it tells."""
    told = [Move(step.status, step.start, step.reason_code, step.reason_message) for step in run.steps]
    if told:
        yield from sorted(told, key=lambda move: move.at.timestamp() if move.at else -math.inf)[-_MOST_MOVES:]
        return
    times = [("Creating", "GmtCreateTime"), ("Running", "GmtRunningTime")]
    for status, key in [*times, (run.status, "GmtFinishTime")]:
        if at := moment(run.body.get(key)):
            yield Move(status, at)


def _restart(row: Mapping[str, Any]) -> Restart:
    reason = ": ".join(filter(None, (text_of(row, "Reason"), text_of(row, "RestartFailReason"))))
    return Restart(reason, moment(row.get("OccurTime")), text_of(row, "OccurPhase"))


def _pods(body: Mapping[str, Any], job_id: str) -> Iterator[Pod]:
    for row in maps(body.get("Pods"))[:_MOST_PODS]:
        pod_id = text_of(row, "PodId")
        if 0 < len(pod_id) <= _LONGEST_ID:
            yield Pod(
                pod_id,
                name=pod_name(pod_id, job_id),
                role=text_of(row, "Type"),
                status=text_of(row, "Status"),
                sub_status=text_of(row, "SubStatus"),
                node=text_of(row, "NodeName"),
                created=moment(row.get("GmtCreateTime")),
                started=moment(row.get("GmtStartTime")),
                finished=moment(row.get("GmtFinishTime")),
            )


def _request(body: Mapping[str, Any], region: str) -> Request:
    roles, settings = maps(body.get("JobSpecs")), _map(body.get("Settings"))
    return Request(
        job_type=text_of(body, "JobType"),
        limit=_limit(body.get("JobMaxRunningTimeMinutes")),
        quota_id=text_of(body, "ResourceId"),
        images=_texts(text_of(role, "Image") for role in roles),
        bids=_texts(bid for role in roles for bid in _bids(role)),
        shares=tuple(share for role in roles for share in _shares(role)),
        data_sources=_texts(_data_source(one) for one in maps(body.get("DataSources"))),
        dependencies=tuple(one for role in roles for one in _dependencies(role)),
        command=text_of(body, "UserCommand"),
        region=region,
        is_idle_resource=text_of(settings, "OversoldType") in _IDLE_RESOURCES,
    )


def _limit(minutes: object) -> timedelta | None:
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 < minutes <= _MOST_MINUTES:
        return None
    return timedelta(minutes=minutes)


def _bids(role: Mapping[str, Any]) -> Iterator[str]:
    """The bids as people read them; their units differ (SDK: SpotSpec, ElasticSpotSpecs)."""
    spot = _map(role.get("SpotSpec"))
    kind = text_of(role, "EcsSpec") or "a spot instance"
    if spot:
        yield f"bids for {kind}{_price(spot, 'of the price', 'a minute')}"
    for one in maps(role.get("ElasticSpotSpecs")):
        yield f"bids for {text_of(one, 'InstanceType') or kind}{_price(one, '% of the price', 'an hour')}"


def _shares(role: Mapping[str, Any]) -> Iterator[SpotBid]:
    """The bids as shares of the price: a fraction in SpotSpec, percent in ElasticSpotSpecs (SDK)."""
    offered = [(text_of(role, "EcsSpec"), _map(role.get("SpotSpec")).get("SpotDiscountLimit"), 1)]
    elastic = maps(role.get("ElasticSpotSpecs"))
    offered += [(text_of(one, "InstanceType"), one.get("SpotDiscountLimit"), 100) for one in elastic]
    for kind, limit, scale in offered:
        if kind and isinstance(limit, int | float) and not isinstance(limit, bool) and 0 < limit <= scale:
            yield SpotBid(kind, limit / scale)


def _price(spot: Mapping[str, Any], share: str, unit: str) -> str:
    discount, price = spot.get("SpotDiscountLimit"), spot.get("SpotPriceLimit")
    if _is_number(discount):
        return f": at most {discount} {share}"
    return f": at most {price} CNY {unit}" if _is_number(price) else ""


def _data_source(one: Mapping[str, Any]) -> str:
    return text_of(one, "Uri") or text_of(one, "DataSourceId")


def _dependencies(role: Mapping[str, Any]) -> Iterator[Dependency]:
    for one in maps(role.get("StartupDependencies")):
        least = one.get("MinReplicas")  # a string, says the SDK
        if awaited := text_of(one, "Type"):
            yield Dependency(text_of(role, "Type"), awaited, text_of(one, "OnPhase"), _count(least))


def _count(value: object) -> int:
    if isinstance(value, str) and _COUNT.fullmatch(value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_PODS:
        return value
    return 1


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MOST_MINUTES


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
