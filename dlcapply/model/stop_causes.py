"""What stopped a run, by the service's reason and the run's times: the one judgement of it."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from dlcapply.model.names_in_texts import without_name
from dlcapply.model.runs import STOPPED_BY_SOMEBODY, Phase

if TYPE_CHECKING:
    from dlcapply.model.runs import Run


class StopCause(StrEnum):
    SOMEBODY = "somebody"
    TIME_LIMIT = "time limit"  # the run's own
    WORKSPACE = "workspace rule"
    UNTOLD = "untold"


def _worded(*wordings: str) -> re.Pattern[str]:
    return re.compile("|".join(wordings), re.IGNORECASE)


# How PAI spells the end of JobMaxRunningTimeMinutes, or of a rule of the workspace, is not documented.
_TIME_LIMIT = _worded(
    r"max(?:imum|imal)?[ _-]?(?:job[ _-]?)?(?:running|run|execution|training|allowed)[ _-]?(?:time|duration)",
    r"(?:running|run|execution) ?(?:time|duration).{0,40}(?:exceed|limit|longer|over)\w*",
    r"ran longer than",
    r"(?:exceed|reach|over)\w*.{0,40}(?:running|run|execution|active) ?(?:time|duration|deadline)",
    r"(?:exceed|reach)\w* (?:its|the) time[ _-]?limit",
    r"time[ _-]?limit[ _-]?(?:(?:is|was) )?(?:exceeded|reached)",
    r"(?<!code = )\bDeadlineExceeded",
    r"activeDeadline",
    r"(?:运行|执行)(?:时长|时间).{0,12}(?:超|上限|限制|达到)",
    r"超.{0,12}(?:运行时长|运行时间|最大时长)",
)
_POLICY = _worded(
    r"\bworkspace\b.{0,80}\b(?:polic|rule|restrict|forbid|scheduling conf|maximum|max duration|time limit)",
    r"\b(?:polic|rule|restrict|forbid|scheduling conf|maximum|duration|set by)\w*\b.{0,80}\bworkspace\b",
    r"\bpolic(?:y|ies)\b.{0,80}\b(?:workspace|reject|denied|den(?:y|ies)|forbid|violat|block|stopp?)\w*",
    r"\bviolat\w+\b.{0,60}\bpolic",
    r"WorkspacePolicy|\badministrator\b.{0,60}\b(?:limit|polic|rule|stop)",
    r"工作空间.{0,40}(?:策略|限制|禁止|不允许|配置)",
)
BY_SOMEBODY = _worded(
    r"stopped by (?:the )?user",
    r"StoppedByUser",
    r"stopped manually",
    r"manually stopped",
    r"user (?:has )?stop(?:ped|ping|s)?\b",
    r"被?用户.{0,6}(?:停止|终止|手动)",
    r"手动停止",
)
# Of a limit or a rule: that it ended something, and not that there is one, or that all is within it.
_ENDED_BY_IT = _worded(
    r"exceed|reach|longer|\bover\b|expired|timed? ?out|terminat|kill|stopp|ended",
    r"reject|den(?:y|ied)|forbid|violat|restrict|\bidle\b|not allowed|DeadlineExceeded",
    r"超|达到|上限|限制|禁止|不允许|终止|停止",
)
_WITHIN_IT = _worded(r"\bpassed\b|\bset to\b|\bis allowed\b|通过|设置为")
_RESTARTED = re.compile(r"0*[1-9]")  # `1`, `3/10`
# A run is stopped a little before its limit at most, and has let go of its pods some time after; what ended
# still later ended of something else.
_EARLY, _LATE = timedelta(seconds=30), timedelta(hours=1)


def cause_told(text: str) -> StopCause:
    """TIME_LIMIT or WORKSPACE, where the service says in the text that one of these ended a run."""
    if not _ENDED_BY_IT.search(text) or _WITHIN_IT.search(text):
        return StopCause.UNTOLD
    if _POLICY.search(text):
        return StopCause.WORKSPACE
    return StopCause.TIME_LIMIT if _TIME_LIMIT.search(text) else StopCause.UNTOLD


def of_whose_limit(ran: timedelta | None, limit: timedelta | None) -> StopCause:
    """Whose limit ended a run of which PAI says that a limit did: before its own, it was the workspace's."""
    is_short = ran is not None and limit is not None and ran < limit - _EARLY
    return StopCause.WORKSPACE if is_short else StopCause.TIME_LIMIT


def is_at_limit(ran: timedelta | None, limit: timedelta | None) -> bool:
    """Whether a run of which PAI does not say why it was stopped had run for just as long as it may."""
    return ran is not None and limit is not None and limit - _EARLY <= ran <= limit + _LATE


def stop_cause(run: Run) -> StopCause:
    """What stopped the run, by what PAI says of it, otherwise by how long it ran.

    What a person stopped is never taken for anything else.
    """
    if run.phase not in {Phase.STOPPED, Phase.STOPPING}:
        return StopCause.UNTOLD
    return reason_cause(run)


def reason_cause(run: Run) -> StopCause:
    """The same of a run in any status: a service may have what a limit ended end as Failed."""
    if run.reason_code in STOPPED_BY_SOMEBODY:
        return StopCause.SOMEBODY
    said = without_name(f"{run.reason_code}: {run.reason_message}", run.name)
    told = cause_told(said)
    if told is StopCause.TIME_LIMIT:
        return of_whose_limit(_ran_for(run), _limit(run))
    if told is StopCause.UNTOLD and BY_SOMEBODY.search(said):
        return StopCause.SOMEBODY
    if told is StopCause.UNTOLD and run.phase is Phase.STOPPED and is_at_limit(_lasted(run), _limit(run)):
        return StopCause.TIME_LIMIT
    return told


def _ran_for(run: Run) -> timedelta | None:
    """How long it has run since it first did: its limit goes on where it is started again.

    None where nothing but its newest start may be told.
    """
    running = [step.start for step in run.steps if step.status == "Running"]
    if not running and _RESTARTED.match(str(run.body.get("RestartTimes"))):
        return None
    started = min(filter(None, [*running, run.started]), default=None)
    stopping = [step.start for step in run.steps if step.status == "Stopping"]
    ended = max(filter(None, stopping), default=run.ended)
    return ended - started if ended and started else None


def _limit(run: Run) -> timedelta | None:
    match run.body.get("JobMaxRunningTimeMinutes"):
        case bool():
            return None
        case int(minutes) if 0 < minutes < 10**7:
            return timedelta(minutes=minutes)
    return None


def _lasted(run: Run) -> timedelta | None:
    ran, seconds = _ran_for(run), run.duration_seconds
    return ran if ran is not None or seconds is None else timedelta(seconds=seconds)
