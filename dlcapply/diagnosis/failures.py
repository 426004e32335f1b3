"""Why a run failed, or is started again: the pod that failed first counts, what follows from it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.diagnosis import signs
from dlcapply.diagnosis.ends import Ending, ending_of
from dlcapply.diagnosis.facts import Pod
from dlcapply.diagnosis.findings import Found
from dlcapply.diagnosis.outside import ended_from_outside
from dlcapply.diagnosis.sanity import failed_check
from dlcapply.diagnosis.startup import Trouble, trouble_in
from dlcapply.diagnosis.verdicts import Certainty, Code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcapply.diagnosis.case import Case
    from dlcapply.diagnosis.texts import Statement

# Within so long of each other, times don't tell which pod failed first: nodes report when they can.
AT_ONCE = timedelta(seconds=10)
# The service tells of a pod that it took or lost when it has seen to it: a lost node after five minutes.
_TOLD_LATE = timedelta(minutes=10)
_LOSSES = frozenset({Code.PREEMPTED, Code.RECLAIMED, Code.EVICTED, Code.OOM})
# Of a run whose pods are not shown any more: what is said of it is said of one of them.
_ANY_POD = Pod("", "a pod", status="Failed")
_MOST_AFTERMATH = 4
_MOST_PODS = 20  # that are looked at one by one, of any number
_MOST_EVENTS = 3  # that are quoted where none is understood
_PLACES = frozenset({Code.QUOTA_FULL, Code.NO_STOCK, Code.NO_NODE})


class _Judged(NamedTuple):
    """A pod and why it failed; `order` is its place among those that did."""

    pod: Pod
    ending: Ending
    order: int


def failure(case: Case) -> Found:
    """Why the run failed, as far as anything tells."""
    return (
        failed_check(case)
        or ended_from_outside(case)
        or _never_started(case)
        or ended(case)
        or _of_the_run(case)
        or Found(Code.UNKNOWN, _all_said(case), Certainty.UNKNOWN, _how_far(case))
    )


def _never_started(case: Case) -> Found | None:
    """What kept the run from running, where no pod of it ever did."""
    if any(pod not in case.unstarted_pods for pod in case.facts.pods):
        return None
    return first_trouble(case) or _without_resources(case)


def first_trouble(case: Case) -> Found | None:
    """What keeps a pod from coming up: as its own events tell, else those of the run."""
    request = case.facts.request
    for pod in case.unstarted_pods[:_MOST_PODS]:
        words = case.words_about(pod, with_run=False)
        if found := trouble_in([*words.service], request):
            return _troubled(found, pod)
    said = trouble_in([*case.of_newest_life(case.job_events), *case.of_newest_life(case.run_says)], request)
    is_over = said is not None and said.code in _PLACES and not case.is_waiting_for_a_place
    return _troubled(said, None) if said and not is_over else None


def _troubled(found: Trouble, pod: Pod | None) -> Found:
    return Found(found.code, found.lines, found.certainty, found.detail, pod)


def _without_resources(case: Case) -> Found | None:
    said = signs.first_of(reversed(case.run_says), signs.NO_RESOURCES)
    if said is None:
        return None
    code = Code.QUOTA_FULL if case.facts.request.quota_id else Code.NO_STOCK
    if signs.BID.search(said.bare):
        return Found(Code.BID_TOO_LOW, (said,), detail="it is too low")
    return Found(code, (said,))


def ended(case: Case) -> Found | None:
    """Why the pod ended that failed first."""
    judged = list(_judged(case))
    if not judged:
        return None
    first = _cause(judged)
    is_following = first.ending.follows
    if is_following and first.order and (earlier := case.failed_pods[0]) is not first.pod:
        return _untold(case, earlier, judged)
    if is_following and (trouble := first_trouble(case)):
        return replace(trouble, after=_aftermath(judged))
    others = [one for one in judged if one is not first]
    return _alone(case, replace(_found(first), after=_aftermath(others)), first)


def _untold(case: Case, pod: Pod, judged: list[_Judged]) -> Found:
    """Nothing tells why the pod failed that failed first, and the ends of others may follow from that."""
    lines = (*case.pod_events(pod)[-_MOST_EVENTS:], *case.run_says[-1:]) or (case.status_statement(),)
    found = Found(Code.UNKNOWN, lines, Certainty.UNKNOWN, pod=pod, after=_aftermath(judged))
    return replace(found, is_alone=not any(_fell_with(pod, one.pod) for one in judged))


def _judged(case: Case) -> Iterable[_Judged]:
    failed = dict.fromkeys([*case.failed_pods[:_MOST_PODS], *case.blamed_pods[:_MOST_PODS]])
    for order, pod in enumerate(failed or case.facts.pods[:1] or [_ANY_POD]):
        words = case.words_about(pod, with_run=order == 0)
        if ending := ending_of(pod, words, case.facts.request):
            yield _Judged(pod, ending, order)


def _cause(judged: list[_Judged]) -> _Judged:
    """The first pod that failed; or, where another explains its end, that one."""
    first = judged[0]
    if not first.ending.follows:
        return first
    return next((one for one in judged[1:] if _explains(one, first)), first)


def _explains(other: _Judged, first: _Judged) -> bool:
    """Whether the first to end followed from the other, though it was told later."""
    ending = other.ending
    if ending.follows or (ending.code is Code.KILLED and first.ending.code is Code.NCCL_TIMEOUT):
        return False
    if first.pod.finished is None or other.pod.finished is None:
        return True
    is_taken = ending.code in _LOSSES and ending.certainty is Certainty.CERTAIN
    return other.pod.finished - first.pod.finished <= (_TOLD_LATE if is_taken else AT_ONCE)


def _found(judged: _Judged) -> Found:
    ending = judged.ending
    return Found(
        ending.code,
        ending.lines,
        ending.certainty,
        pod=None if judged.pod is _ANY_POD else judged.pod,
        exit=ending.exit,
        raised=ending.raised,
    )


def _alone(case: Case, found: Found, first: _Judged) -> Found:
    """With the word for it where one pod of many failed, and nothing but its own program tells why."""
    others = [pod for pod in case.facts.pods if pod.pod_id != first.pod.pod_id]
    is_alone = bool(others) and not any(_fell_with(first.pod, pod) for pod in others)
    code = (
        Code.ONE_POD
        if is_alone and found.code is Code.ERROR and not first.ending.is_aftermath
        else found.code
    )
    return replace(found, code=code, is_alone=is_alone)


def _fell_with(first: Pod, other: Pod) -> bool:
    """Whether the other failed in the same moment, so that nobody can tell who fell first."""
    if not other.has_failed:
        return False
    if first.finished is None or other.finished is None:
        return True
    return other.finished <= first.finished


def _aftermath(judged: Iterable[_Judged]) -> tuple[Statement, ...]:
    lines = (line for one in judged for line in one.ending.lines[-1:])
    return tuple(dict.fromkeys(lines))[:_MOST_AFTERMATH]


def _of_the_run(case: Case) -> Found | None:
    """What the service says of the run where no pod tells anything."""
    said = signs.first_of(reversed(case.run_says), signs.INVALID)
    if said is not None:
        return Found(Code.INVALID, (said,))
    return first_trouble(case) or _without_resources(case)


def _how_far(case: Case) -> str:
    """The status that it had before its end."""
    before = [move.status for move in case.facts.history if move.status != case.facts.status]
    return f"it came as far as {before[-1]}" if before else ""


def _all_said(case: Case) -> tuple[Statement, ...]:
    """The newest words of the service: about the run, and about pods that never came up."""
    of_pods = [
        one for pod in case.unstarted_pods[:_MOST_PODS] for one in case.pod_events(pod)[-_MOST_EVENTS:]
    ]
    said = (*case.run_says[-2:], *case.of_newest_life(case.job_events)[-1:], *of_pods[:_MOST_EVENTS])
    return said or (case.status_statement(),)
