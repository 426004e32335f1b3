"""What pods print, and what happens to them and to their job: lines of text, as PAI keeps them.

There are no pages: an answer holds the newest lines of a window of time, up to a number of them (SDK,
GetPodLogs).
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from dlcapply.cloud.jobs import path_of
from dlcapply.cloud.wire.failures import not_understood, request_id_of
from dlcapply.model.texts import TextLine
from dlcapply.model.times import utc_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.cloud.wire.connection import Connection

# MaxLines of GetPodLogs where it is not sent, and what the help page says of MaxEventsNum (SDK).
USUAL_MOST = 2_000
# MaxEventsNum goes from 1 to 10,000 (SDK); how far MaxLines goes is not documented.
MOST_EVENTS = 10_000

_TIME = re.compile(
    r"[\[(]?(?P<year>\d{4})(?P<by>[-/])(?P<month>\d\d)(?P=by)(?P<day>\d\d)[T ]"
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<part>\d{1,9}))?(?![\d:])"
    r"(?:(?P<utc>Z| ?UTC\b)| ?(?P<sign>[+-])(?P<ahead>\d\d):?(?P<beside>00|15|30|45)\b(?: [A-Z]{3,4}\b)?)?"
    r"[\])]?",
    re.ASCII,
)
_NUMBERS = ("year", "month", "day", "hour", "minute", "second")
# What stands behind a time that is not the program's own: two spaces (`2021-01-28 14:07:45  My Job started.`,
# metadata of GetPodLogs), or what a container runtime writes before each line (Kubernetes, CRI logging).
_BEFORE_A_LINE = re.compile(r"(?<=\d\d:\d\d:\d\d)  | (?:stdout|stderr) [FP](?: |$)")
_RUNTIMES_DIGITS = 9
_BEHIND_AN_EVENTS_TIME = re.compile(r"[\s:,;|-]*")
_LONGEST_PREFIX = 64


def pod_logs(
    connection: Connection,
    job_id: str,
    pod_id: str,
    *,
    uid: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    most: int = USUAL_MOST,
    sends_uid: bool = True,
) -> tuple[TextLine, ...]:
    """The newest `most` lines of the window that the pod printed, the oldest first.

    Without `since` the window begins seven days ago, without `until` it ends now; times are whole seconds to
    PAI. `uid` is that of one life of the pod: unless it `sends_uid`, PAI is asked about the newest, which
    must be that one. Raises ServiceError.
    """
    asked = {"PodUid": uid} if uid and sends_uid else {}
    query = _window(since, until) | {"MaxLines": str(most)} | asked
    answer = connection.read("GetPodLogs", path_of(job_id, "pods", pod_id, "logs"), query)
    _check_subject("GetPodLogs", answer, JobId=job_id, PodId=pod_id, PodUid=uid)
    entries = _entries("GetPodLogs", answer, "Logs")
    return _oldest_first([line for entry in entries for line in _log_lines(entry)])


def pod_events(
    connection: Connection,
    job_id: str,
    pod_id: str,
    *,
    uid: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    most: int = USUAL_MOST,
    sends_uid: bool = True,
) -> tuple[TextLine, ...]:
    """The newest `most` events of the window about the pod, the oldest first; as for `pod_logs`."""
    asked = {"PodUid": uid} if uid and sends_uid else {}
    query = _window(since, until) | _most_events(most) | asked
    answer = connection.read("GetPodEvents", path_of(job_id, "pods", pod_id, "events"), query)
    _check_subject("GetPodEvents", answer, JobId=job_id, PodId=pod_id, PodUid=uid)
    return _oldest_first([event_line(entry) for entry in _entries("GetPodEvents", answer, "Events")])


def job_events(
    connection: Connection,
    job_id: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    most: int = USUAL_MOST,
) -> tuple[TextLine, ...]:
    """The newest `most` events of the window about the job, the oldest first; as for `pod_logs`."""
    query = _window(since, until) | _most_events(most)
    answer = connection.read("GetJobEvents", path_of(job_id, "events"), query)
    _check_subject("GetJobEvents", answer, JobId=job_id)
    return _oldest_first([event_line(entry) for entry in _entries("GetJobEvents", answer, "Events")])


def log_line(raw: str) -> TextLine:
    """The line; a time that its program wrote is a part of its text."""
    found = _TIME.match(raw)
    at = _moment(found) if found else None
    if found is None or at is None:
        return TextLine(raw)
    before = _BEFORE_A_LINE.match(raw, found.end())
    if before:
        return TextLine(raw, at, before.end())
    is_runtimes = len(found["part"] or "") == _RUNTIMES_DIGITS and raw[found.end() : found.end() + 1] == " "
    return TextLine(raw, at, found.end() + 1 if is_runtimes else 0)


def event_line(raw: str) -> TextLine:
    """The event; a time at its beginning is that of the event, and no part of its text."""
    found = _TIME.match(raw)
    at = _moment(found) if found else None
    if found is None or at is None:
        return TextLine(raw)
    behind = _BEHIND_AN_EVENTS_TIME.match(raw, found.end(), found.end() + _LONGEST_PREFIX)
    return TextLine(raw, at, behind.end() if behind else found.end())


def _moment(found: re.Match[str]) -> datetime | None:
    """The time in UTC, which a time without a zone is taken for; None for what is not in any calendar."""
    year, month, day, hour, minute, second = map(int, found.group(*_NUMBERS))
    part = int((found["part"] or "0").ljust(6, "0")[:6])
    try:
        there = datetime(year, month, day, hour, minute, second, part, _zone(found))
        return there.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(found: re.Match[str]) -> timezone:
    if not found["sign"]:
        return UTC
    ahead = timedelta(hours=int(found["ahead"]), minutes=int(found["beside"]))
    return timezone(ahead if found["sign"] == "+" else -ahead)


def _window(since: datetime | None, until: datetime | None) -> dict[str, str]:
    """The query of the least window of whole seconds that holds both times."""
    query = {"StartTime": utc_text(since)} if since else {}
    if until:
        query["EndTime"] = utc_text(until if not until.microsecond else until + timedelta(seconds=1))
    return query


def _most_events(most: int) -> dict[str, str]:
    """The metadata's default is one, the help page's 2,000: it is always sent."""
    return {"MaxEventsNum": str(min(most, MOST_EVENTS))}


def _check_subject(operation: str, answer: Mapping[str, Any], **asked: str) -> None:
    """Raises ServiceError where the answer names another job, pod or life than it was asked about."""
    for key, value in asked.items():
        said = answer.get(key)
        if value and isinstance(said, str) and said and said != value:
            problem = f"is about another {key}"
            raise not_understood(operation, problem, request_id=request_id_of(answer))


def _log_lines(entry: str) -> list[TextLine]:
    """The entry; one that joins several, each with a time of the service before it, is so many."""
    first = log_line(entry)
    if not first.has_services_time or "\n" not in entry:
        return [first]
    joined: list[str] = []
    for line in entry.split("\n"):
        if joined and not log_line(line).has_services_time:
            joined[-1] = f"{joined[-1]}\n{line}"
        else:
            joined.append(line)
    return [log_line(one) for one in joined]


def _oldest_first(lines: list[TextLine]) -> tuple[TextLine, ...]:
    """The lines in the order of time, which no document promises: turned where all times fall."""
    times = [line.at for line in lines if line.at and line.has_services_time]
    is_turned = bool(times) and times[0] > times[-1] and all(one >= two for one, two in pairwise(times))
    return tuple(reversed(lines) if is_turned else lines)


def _entries(operation: str, answer: Mapping[str, Any], key: str) -> list[str]:
    """The texts of the list; what is not a text is shown as JSON, since nothing may be left out.

    One text in the place of a list is that of all.
    """
    entries = answer.get(key)
    if entries is None or entries == "":  # as some services write an empty list
        return []
    if isinstance(entries, str):
        return entries.removesuffix("\n").split("\n")
    if not isinstance(entries, list):
        raise not_understood(operation, f"has {key} that are not a list", request_id=request_id_of(answer))
    return [one if isinstance(one, str) else json.dumps(one) for one in entries if one is not None]
