"""Rows of PAI's answers as runs: what identity and decisions rest on is readable, or there is one error."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dlcapply.cloud.wire.json_reader import is_id
from dlcapply.model.runs import Run
from dlcapply.pai import CLONE_TAG
from dlcapply.planning.marks import DECIDING_TAGS, OWNER_TAG
from dlcapply.planning.readable import is_plain, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dlcapply.model.jobs import Spec

# The rule of names (CreateJob): no run that dlcapply created breaks it.
_LONGEST_NAME = 256
_NAME = re.compile(rf"[A-Za-z0-9_.-]{{1,{_LONGEST_NAME}}}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_WHOLE_SECONDS = re.compile(r"[^.]+Z")
# The tags that decide, too, with a name that somebody chose.
_NAMES = frozenset({OWNER_TAG, CLONE_TAG})
_LONGEST_STATUS = 100
_LONGEST_TIME = 40
_LONGEST_TAG = 1000


def run_of(body: Spec, operation: str, *, request_id: str = "") -> Run:
    """The run of a row, or of a whole answer; `body` has a JobId that can be read.

    Raises ServiceError where what tells whose run it is, and whether it has ended, can't be read.
    """
    for path, value in _unread(body):
        raise unreadable(operation, body["JobId"], path, value, request_id=request_id)
    return Run(
        job_id=body["JobId"],
        name=body["DisplayName"],
        status=body["Status"],
        created=_canonical(body["GmtCreateTime"]),
        body=body,
    )


def check_identity(row: Spec, operation: str, *, owner: str, request_id: str) -> None:
    """Raises ServiceError for a row that could be a run of ours, and does not say so.

    That is one without a readable name, or one with the owner's mark and a name that no manifest can have.
    """
    name = row.get("DisplayName")
    is_ours = bool(owner) and owner_of(row) == owner and CLONE_TAG not in tags_of(row)
    if not isinstance(name, str) or (is_ours and not _NAME.fullmatch(name)):
        raise unreadable(operation, row["JobId"], "DisplayName", name, request_id=request_id)


def outline(row: Spec) -> Spec:
    """What listing a row takes: a workspace has many rows that nothing else is asked of."""
    created = row.get("GmtCreateTime")
    is_short = isinstance(created, str) and len(created) <= _LONGEST_TIME
    return {
        "JobId": row["JobId"],
        "DisplayName": row["DisplayName"][: _LONGEST_NAME + 1],  # still no name that a job can have
        "GmtCreateTime": created if is_short else None,
    }


def is_name(text: str) -> bool:
    """Whether a job can be called so."""
    return _NAME.fullmatch(text) is not None


def has_id(row: Any) -> bool:
    return isinstance(row, dict) and is_id(row.get("JobId"))


def owner_of(row: Spec) -> str:
    """The owner that the row's mark names; empty where it names none that can be read."""
    owner = tags_of(row).get(OWNER_TAG)
    return owner if isinstance(owner, str) else ""


def tags_of(row: Spec) -> Mapping[str, Any]:
    """The row's tags as they came; empty where they can't be read."""
    settings = row.get("Settings")
    tags = settings.get("Tags") if isinstance(settings, dict) else None
    return tags if isinstance(tags, dict) else {}


def _unread(body: Spec) -> Iterator[tuple[str, Any]]:
    """What a run's identity and phase rest on and can't be read, by path."""
    if not isinstance(body.get("DisplayName"), str):
        yield "DisplayName", body.get("DisplayName")
    status = body.get("Status")
    if not isinstance(status, str) or not _is_word(status):
        yield "Status", status
    if not _is_time(body.get("GmtCreateTime")):
        yield "GmtCreateTime", body.get("GmtCreateTime")
    yield from _unread_marks(body)


def _unread_marks(body: Spec) -> Iterator[tuple[str, Any]]:
    settings = body.get("Settings")
    if not isinstance(settings, dict | None):
        yield "Settings", settings
        return
    tags = (settings or {}).get("Tags")
    if not isinstance(tags, dict | None):
        yield "Settings.Tags", tags
        return
    for tag, value in (tags or {}).items():
        if (tag in _NAMES and not _is_text(value)) or (tag in DECIDING_TAGS and not _is_clean(value)):
            yield f"Settings.Tags.{tag}", value


def _is_word(status: str) -> bool:
    return bool(status.strip()) and len(status) <= _LONGEST_STATUS and status.isprintable()


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_TAG and is_plain(value)


def _is_clean(value: Any) -> bool:
    """Whether it is text as dlcapply writes it: neither empty nor padded, and all of it is seen."""
    return _is_text(value) and value != "" and value.isprintable() and value == value.strip()


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return True


def _canonical(time: str) -> str:
    """One spelling for all times, so that their texts order runs."""
    if _WHOLE_SECONDS.fullmatch(time):
        return time
    return datetime.fromisoformat(time).astimezone(UTC).isoformat().replace("+00:00", "Z")
