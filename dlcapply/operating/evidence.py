"""What a diagnosis rests on, gathered in few calls: the run, its events, then only the pods that matter.

A source that refuses or fails is noted, and nothing more: what was not seen is no evidence of anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol, TypeVar

from dlcapply.diagnosis.case import Case
from dlcapply.diagnosis.facts import Facts, Look, Looked, Said, Source
from dlcapply.diagnosis.running import SILENT, silence
from dlcapply.errors import DlcapplyError, ServiceError
from dlcapply.model.runs import BEFORE_WORK, QUEUED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from dlcapply.diagnosis.facts import Offer, Pod, Queue, SanityResult, Utilisation

T = TypeVar("T")

# Of each pod, so many of the newest lines; of the pods, so many: more calls tell nothing new.
MOST_LINES = 500
MOST_EVENTS = 100
MOST_JOB_EVENTS = 500
MOST_PODS = 3
_FAILED = frozenset({"Failed", "FailedReserving", "Restarting"})
_SETTLED = frozenset({"Succeeded", "SucceededReserving"})


class Sources(Protocol):
    """What can be asked about a run; each raises DlcapplyError where there is no answer."""

    def now(self) -> datetime | None:
        """The service's time, as its newest answer has it."""
        ...

    def job_events(self, job_id: str, *, most: int) -> Sequence[Said]: ...

    def pod_logs(self, job_id: str, pod_id: str, *, most: int) -> Sequence[Said]: ...

    def pod_events(self, job_id: str, pod_id: str, *, most: int) -> Sequence[Said]: ...

    def sanity(self, job_id: str) -> Sequence[SanityResult]: ...

    def queue(self, quota_id: str, job_id: str) -> Queue | None:
        """Where the run waits for the quota; None where its queue does not show it."""
        ...

    def offers(self, instance_types: Sequence[str]) -> Sequence[Offer]:
        """What spot instances of these types cost now."""
        ...

    def utilisation(self) -> Utilisation | None:
        """How much its accelerators were used lately; None where nothing was measured."""
        ...


@dataclass(slots=True)
class _Asked:
    """What became of each question so far."""

    looked: list[Looked] = field(default_factory=list)

    def ask(self, source: Source, question: Callable[[], T], otherwise: T, *, pod: str = "") -> T:
        """The answer, or what stands for one that did not come."""
        try:
            answer = question()
        except DlcapplyError as error:
            self.looked.append(looked_in_vain(source, error, pod=pod))
            return otherwise
        self.looked.append(Looked(source, Look.SEEN, pod=pod))
        return answer


def looked_in_vain(source: Source, error: DlcapplyError, *, pod: str = "") -> Looked:
    """What is known of a source that gave no answer."""
    told = f"{str(error).rstrip('.')}; {error.hint}" if error.hint else str(error)
    return Looked(source, _look(error), told, pod)


def _look(error: DlcapplyError) -> Look:
    is_refused = isinstance(error, ServiceError) and error.status in {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
    }
    return Look.REFUSED if is_refused else Look.FAILED


def gather(facts: Facts, sources: Sources) -> Facts:
    """The facts of the run's own body, with what its status makes worth asking."""
    asked = _Asked(list(facts.looked))
    if facts.status not in _SETTLED:
        facts = _with_events(facts, sources, asked)
        facts = _with_pods(facts, sources, asked)
        facts = _with_more(facts, sources, asked)
    return replace(facts, now=sources.now() or facts.now, looked=tuple(asked.looked))


def _with_events(facts: Facts, sources: Sources, asked: _Asked) -> Facts:
    def question() -> Sequence[Said]:
        return sources.job_events(facts.job_id, most=MOST_JOB_EVENTS)

    return replace(facts, job_events=tuple(asked.ask(Source.JOB_EVENTS, question, ())))


def _with_pods(facts: Facts, sources: Sources, asked: _Asked) -> Facts:
    """With the logs of the pods that matter, then their events."""
    pods = pods_that_matter(facts)
    logs, events = dict(facts.logs), dict(facts.pod_events)
    for pod in pods:
        if pod.status != "Pending":
            logs[pod.pod_id] = tuple(_logs_of(pod, facts, sources, asked))
    for pod in pods:
        events[pod.pod_id] = tuple(_events_of(pod, facts, sources, asked))
    return replace(facts, logs=logs, pod_events=events)


def _logs_of(pod: Pod, facts: Facts, sources: Sources, asked: _Asked) -> Sequence[Said]:
    return asked.ask(
        Source.POD_LOGS,
        lambda: sources.pod_logs(facts.job_id, pod.pod_id, most=MOST_LINES),
        (),
        pod=pod.pod_id,
    )


def _events_of(pod: Pod, facts: Facts, sources: Sources, asked: _Asked) -> Sequence[Said]:
    return asked.ask(
        Source.POD_EVENTS,
        lambda: sources.pod_events(facts.job_id, pod.pod_id, most=MOST_EVENTS),
        (),
        pod=pod.pod_id,
    )


def pods_that_matter(facts: Facts) -> tuple[Pod, ...]:
    """Few pods: of a failure those that failed first, of a wait those that are not up, else the first."""
    case = Case(facts)
    waiting = [pod for pod in facts.pods if pod.status == "Pending"]
    if facts.status in _FAILED:
        chosen = [*case.failed_pods[:1], *case.blamed_pods[:1], *case.failed_pods, *waiting, *facts.pods]
    elif facts.status in BEFORE_WORK:
        chosen = waiting
    elif facts.status == "Running":
        down = [*case.failed_pods[:1], *waiting][: MOST_PODS - 1]
        chosen = [*down, *facts.pods[:1], *facts.pods[-1:], *facts.pods]
    else:
        chosen = []
    return tuple({pod.pod_id: pod for pod in chosen}.values())[:MOST_PODS]


def _with_more(facts: Facts, sources: Sources, asked: _Asked) -> Facts:
    """With what only some runs need: the sanity check, the queue of the quota, the use of accelerators."""
    statuses = [move.status for move in facts.history]
    if "SanityChecking" in statuses and facts.status in {*_FAILED, "SanityChecking"}:
        none: Sequence[SanityResult] = ()
        results = asked.ask(Source.SANITY, lambda: sources.sanity(facts.job_id), none)
        facts = replace(facts, sanity=tuple(results))
    quota_id = facts.request.quota_id
    if facts.status in QUEUED and quota_id:
        queue = asked.ask(Source.QUEUE, lambda: sources.queue(quota_id, facts.job_id), None)
        facts = replace(facts, queue=queue)
    if facts.status == "Bidding" and facts.request.shares:
        kinds = [one.instance_type for one in facts.request.shares]
        unknown: Sequence[Offer] = ()
        facts = replace(facts, offers=tuple(asked.ask(Source.OFFERS, lambda: sources.offers(kinds), unknown)))
    if facts.status == "Running" and _is_silent(facts, sources, asked):
        used = asked.ask(Source.METRICS, sources.utilisation, None)
        facts = replace(facts, utilisation=used)
    return replace(facts, looked=tuple(asked.looked))


def _is_silent(facts: Facts, sources: Sources, asked: _Asked) -> bool:
    quiet = silence(replace(facts, now=sources.now() or facts.now, looked=tuple(asked.looked)))
    return quiet is not None and quiet >= SILENT
