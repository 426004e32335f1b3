"""What ends a run from outside: a time limit, a policy, a person; or its pods are taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.diagnosis import signs
from dlcapply.diagnosis.facts import Source
from dlcapply.diagnosis.findings import Found
from dlcapply.diagnosis.signs import SERVICE_SIGNS
from dlcapply.diagnosis.texts import Statement, sub_status_of
from dlcapply.diagnosis.verdicts import Certainty, Code
from dlcapply.model.runs import STOPPED_BY_SOMEBODY
from dlcapply.model.stop_causes import BY_SOMEBODY, StopCause, cause_told, is_at_limit, of_whose_limit

if TYPE_CHECKING:
    from datetime import timedelta

    from dlcapply.diagnosis.case import Case

_SUB_STATUSES = {Code.PREEMPTED: "Preempted", Code.RECLAIMED: "Evicted"}


def ended_from_outside(case: Case) -> Found | None:
    """What the service says that ended the run, if that was no program of it."""
    return _by_limit(case) or _taken_away(case)


def stop(case: Case) -> Found:
    """What stopped the run."""
    return _by_limit(case) or _taken_away(case) or _by_person(case) or _at_its_limit(case) or _unknown(case)


def _ending_says(case: Case) -> list[Statement]:
    """The service's words about the end: those about how the run began are none."""
    ends = {"Stopping", "Stopped", "Failed", "FailedReserving", "Restarting"}
    return [
        one
        for one in case.of_newest_life(case.run_says)
        if one.source is Source.STATUS or one.text.split(" ", 1)[0] in ends
    ]


def _by_limit(case: Case) -> Found | None:
    if case.facts.reason_code in STOPPED_BY_SOMEBODY:
        return None
    said = _ending_says(case)
    events = case.of_newest_life(case.job_events)[-3:]
    told = {cause_told(one.bare): one for one in [*events, *said]}
    limit, policy = told.get(StopCause.TIME_LIMIT), told.get(StopCause.WORKSPACE)
    if policy is not None:
        return Found(Code.WORKSPACE_POLICY, (policy,))
    if limit is None or case.facts.started is None:
        return None
    own = case.facts.request.limit
    if of_whose_limit(_ran_for(case), own) is StopCause.WORKSPACE:
        lines = (limit, _ran(case))
        detail = "it ended before its own limit, so that the limit is the workspace's"
        return Found(Code.WORKSPACE_POLICY, tuple(filter(None, lines)), Certainty.LIKELY, detail)
    return Found(Code.TIME_LIMIT, (limit,), detail=minutes(own) if own else "")


def _ran_for(case: Case) -> timedelta | None:
    facts = case.facts
    ended = facts.entered("Stopping") or facts.entered(facts.status)
    return ended - facts.started if ended and facts.started else None


def _ran(case: Case) -> Statement | None:
    ran, limit = _ran_for(case), case.facts.request.limit
    if ran is None or limit is None:
        return None
    text = f"ran for {minutes(ran)}; JobMaxRunningTimeMinutes is {minutes(limit)}"
    return Statement(Source.HISTORY, text, text)


def minutes(span: timedelta) -> str:
    """A length of time as people say it, to the minute; below two minutes in seconds."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 120:  # noqa: PLR2004
        return f"{seconds} s"
    hours, rest = divmod(seconds // 60, 60)
    return f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"


def _taken_away(case: Case) -> Found | None:
    """The run's resources were taken away, as the service says of the run itself."""
    said = _ending_says(case)
    for sign in SERVICE_SIGNS:
        if sign.code not in _SUB_STATUSES:
            continue
        if line := signs.told_of(reversed(said), sign.pattern):
            pod = next((pod for pod in case.facts.pods if pod.pod_id in line.text), None)
            shown = next((one for one in case.facts.pods if one.sub_status == _SUB_STATUSES[sign.code]), None)
            lines = (line, *([sub_status_of(shown)] if shown else []))
            return Found(sign.code, lines, pod=pod or shown)
    return None


def _by_person(case: Case) -> Found | None:
    said = signs.told_of(reversed(_ending_says(case)), BY_SOMEBODY)
    if said is None:
        return None
    who = f"by {case.facts.stopped_by}" if case.facts.stopped_by else ""
    return Found(Code.STOPPED_BY_PERSON, (said,), detail=who)


def _at_its_limit(case: Case) -> Found | None:
    """Nothing says why it was stopped, and it had run for just as long as it may."""
    ran, limit = _ran_for(case), case.facts.request.limit
    if limit is None or not is_at_limit(ran, limit):
        return None
    lines = (*_ending_says(case)[-1:], _ran(case))
    return Found(Code.TIME_LIMIT, tuple(filter(None, lines)), Certainty.LIKELY, minutes(limit))


def _unknown(case: Case) -> Found:
    lines = tuple(_ending_says(case)[-1:]) or (case.status_statement(),)
    reason = case.facts.reason
    return Found(Code.STOPPED, lines, Certainty.UNKNOWN, f"PAI says {reason}" if reason else "")
