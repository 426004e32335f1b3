"""Why a pod does not come up: no place for it, no storage, no image, no command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.diagnosis import signs
from dlcapply.diagnosis.facts import Source
from dlcapply.diagnosis.images import PULL_FAILED, failed_pull
from dlcapply.diagnosis.texts import Statement
from dlcapply.diagnosis.verdicts import Certainty, Code
from dlcapply.diagnosis.wordings import worded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dlcapply.diagnosis.facts import Request

# The steps of a pod's start, in the order in which the kubelet takes them: whoever takes one has taken those
# before it, whatever went wrong with them at first.
_SCHEDULED = re.compile(r"Successfully assigned|\bScheduled\b(?!.{0,200}fail)|已调度", re.IGNORECASE)
_PULLING = re.compile(r"\bPulling(?: image)?\b|already present on machine", re.IGNORECASE)
_PULLED = re.compile(r"\bPulled\b|Successfully pulled|already present on machine", re.IGNORECASE)
_STARTED = worded(
    r"\bStarted (?:the )?container",
    r"started container",
    r"container .{0,40}\bstarted\b",
)
_MOUNTED = worded(
    r"Successfully mounted",
    r"MountVolume\.\w+ succeeded",
    r"SuccessfulMount",
    r"AttachVolume\.Attach succeeded",
)
_STEPS = {
    "scheduling": (_SCHEDULED, _PULLING, _PULLED, _MOUNTED, _STARTED),
    "mount": (_MOUNTED, _PULLING, _PULLED, _STARTED),
    "image": (_PULLED, _STARTED),
    "command": (),
}
_MOUNT_FAILED = worded(
    r"FailedMount",
    r"FailedAttachVolume",
    r"FailedMapVolume",
    r"MountVolume\.\w+ failed",
    r"(?:Map|Attach)Volume\.\w+ failed",
    r"Unable to (?:attach or )?mount volumes?",
    r"mount failed: exit status",
    r"\bmount(?:ing)?\b.{0,200}\bfail(?:ed|ure|s)?\b",
    r"fail(?:ed|s|ure)?\b.{0,40}\bto mount\b",
    r"\bmount\.\w+: |mount (?:target|point)\b.{0,80}(?:not exist|not found|unreachable)",
    r"\bmount\w*\b.{0,80}\berror\b|\berror\b.{0,40}\bmount",
    r"unbound immediate PersistentVolumeClaims|persistentvolumeclaim .{0,80}not found",
    r"fail(?:ed)? to (?:init|start|launch)\w* (?:jindo|ossfs)",
    r"could not (?:be )?mount",
    r"can(?:no|')t mount",
    r"(?:storage|volume|data ?source|dataset|oss|nas|cpfs)\b.{0,80}\bnot be mounted",
    r"ossfs: (?!.{0,200}\bsucce)",
    r"jindo-?fuse.{0,80}fail",
    r"wrong fs type, bad option",
    r"access denied by server while mounting",
    r"挂载.{0,20}(?:失败|超时|错误|异常|不可达|不存在)",
)
_MOUNT_OF_OTHERS = worded(
    r"(?:configmap|secret|projected|service ?account|kube-api-access)\b.{0,120}(?:not found|not registered)",
    r"failed to sync (?:configmap|secret)",
)


_MOST_LINES = 3


class Trouble(NamedTuple):
    """What keeps a pod from coming up."""

    code: Code
    lines: tuple[Statement, ...]
    detail: str = ""
    certainty: Certainty = Certainty.CERTAIN


def trouble_in(statements: Sequence[Statement], request: Request) -> Trouble | None:
    """What keeps the pod of these statements, or the run, from coming up; None where they say nothing of it.

    A trouble that the pod got over is none: a pull that was tried again, a place that was found at last.
    """
    for step, find in _FINDERS:
        if found := find(_still(statements, step), request):
            return found
    return None


def failing_pull(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The lines that say that the pod's image could not be pulled, since it last could; oldest first.

    None while it is pulled again: that may take long, and go well.
    """
    pulls = [
        one
        for one in _still(statements, "image")
        if PULL_FAILED.search(one.bare) or _PULLING.search(one.bare)
    ]
    failed = tuple(one for one in pulls if PULL_FAILED.search(one.bare))
    return failed if failed and failed[-1] is pulls[-1] else ()


def _still(statements: Sequence[Statement], step: str) -> list[Statement]:
    """The statements behind the last that says that the step was taken."""
    taken = (
        at
        for at, one in enumerate(statements)
        if any(pattern.search(one.bare) for pattern in _STEPS[step]) and not PULL_FAILED.search(one.bare)
    )
    return list(statements[max(taken, default=-1) + 1 :])


def _command(statements: Sequence[Statement], _: Request) -> Trouble | None:
    for code, pattern in ((Code.NOT_FOUND, signs.NOT_FOUND), (Code.NOT_EXECUTABLE, signs.NOT_EXECUTABLE)):
        lines = [one for one in statements if pattern.search(one.bare) and not _MOUNT_FAILED.search(one.bare)]
        if lines:
            return Trouble(code, (lines[-1],))
    return None


def _image(statements: Sequence[Statement], request: Request) -> Trouble | None:
    pull = failed_pull(statements, request)
    return Trouble(pull.code, pull.lines, pull.detail) if pull else None


def _mount(statements: Sequence[Statement], request: Request) -> Trouble | None:
    lines = [
        one for one in statements if _MOUNT_FAILED.search(one.bare) and not _MOUNT_OF_OTHERS.search(one.bare)
    ]
    if not lines:
        return None
    told = {one.text: one for one in lines}  # again and again, while it is tried
    asked = (f"mounts {source}" for source in request.data_sources[:_MOST_LINES])
    sources = (Statement(Source.REQUEST, text, text) for text in asked)
    return Trouble(Code.DATASET_MOUNT, (*tuple(told.values())[-_MOST_LINES:], *sources))


def _place(statements: Sequence[Statement], request: Request) -> Trouble | None:
    lines = [one for one in statements if signs.SCHEDULING.search(one.bare)]
    if not lines:
        return None
    short = next((one for one in reversed(lines) if signs.SHORT_OF.search(one.bare)), None)
    if short is None:
        return Trouble(Code.NO_NODE, (lines[-1],))
    return Trouble(Code.QUOTA_FULL if request.quota_id else Code.NO_STOCK, (short,))


_FINDERS: tuple[tuple[str, Callable[[Sequence[Statement], Request], Trouble | None]], ...] = (
    ("command", _command),
    ("image", _image),
    ("mount", _mount),
    ("scheduling", _place),
)
