"""What becomes of a job, planned as moves when it is created, and read back against the clock."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcapply.emulator.answers import JsonObject

STOPPABLE = ("Creating", "Queuing", "Bidding", "EnvPreparing", "SanityChecking", "Running", "Restarting")
SUCCEEDED = ("Succeeded", "SucceededReserving")
FAILED = ("Failed", "FailedReserving")
FINISHED = (*SUCCEEDED, *FAILED, "Stopped")

_STOPPED_BY_USER = ("JobStoppedByUser", "Job is stopped by user.")
_REASONS = {
    "Succeeded": ("JobSucceeded", "Job is succeeded."),
    "Failed": ("JobFailed", "Container exited with code 1."),
    "Stopping": _STOPPED_BY_USER,
    "Stopped": _STOPPED_BY_USER,
}


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Emulated seconds that a job stays in each status; `running` may be infinite.

    `priority_delay` is the time until a changed Priority shows: the service takes 10 to 60 seconds.
    """

    creating: float = 1.0
    queuing: float = 1.0
    env_preparing: float = 1.0
    sanity_checking: float = 1.0
    running: float = 3.0
    stopping: float = 2.0
    priority_delay: float = 10.0


class Move(NamedTuple):
    """A job enters `status` at emulated time `at`."""

    at: float
    status: str
    code: str = ""
    message: str = ""


class End(NamedTuple):
    """How a run ends, `after` seconds of running."""

    after: float
    status: str
    code: str
    message: str


def plan_moves(body: JsonObject, created: float, lifecycle: Lifecycle) -> tuple[Move, ...]:
    """The whole future of a job as its own body decides it; an end that never comes is left out."""
    settings = body.get("Settings") or {}
    moves = [Move(created, "Creating")]
    start = created + lifecycle.creating
    for status, seconds in _early_statuses(settings, lifecycle):
        moves.append(Move(start, status))
        start += seconds
    moves.append(Move(start, "Running"))
    moves.extend(_last_moves(start, _find_end(body, lifecycle), settings, lifecycle))
    return tuple(move for move in moves if math.isfinite(move.at))


def _early_statuses(settings: JsonObject, lifecycle: Lifecycle) -> Iterator[tuple[str, float]]:
    yield "Queuing", lifecycle.queuing
    yield "EnvPreparing", lifecycle.env_preparing
    if settings.get("EnableSanityCheck"):
        yield "SanityChecking", lifecycle.sanity_checking


def _find_end(body: JsonObject, lifecycle: Lifecycle) -> End:
    limit = body.get("JobMaxRunningTimeMinutes")
    if limit and limit * 60 < lifecycle.running:
        message = f"Job ran longer than its maximum of {limit} minutes."
        return End(limit * 60, "Stopped", "JobMaxRunningTimeExceeded", message)
    code = exit_code(body.get("UserCommand", ""))
    if code:
        return End(lifecycle.running, "Failed", "JobFailed", f"Container exited with code {code}.")
    return End(lifecycle.running, "Succeeded", *_REASONS["Succeeded"])


def _last_moves(start: float, end: End, settings: JsonObject, lifecycle: Lifecycle) -> Iterator[Move]:
    finish = start + end.after
    if end.status == "Stopped":
        yield Move(finish, "Stopping", end.code, end.message)
        finish += lifecycle.stopping
    elif held := _reserved_seconds(settings, end.status):
        yield Move(finish, f"{end.status}Reserving", end.code, end.message)
        finish += held
    yield Move(finish, end.status, end.code, end.message)


def _reserved_seconds(settings: JsonObject, end: str) -> float:
    """Seconds that an ended job keeps its resources: JobReservedMinutes under JobReservedPolicy."""
    policy = settings.get("JobReservedPolicy", "Always")
    applies = policy == "Always" or policy == {"Failed": "OnFailure", "Succeeded": "OnSucceed"}[end]
    return 60.0 * (settings.get("JobReservedMinutes") or 0) if applies else 0.0


_LAST_EXIT = re.compile(r"(?:^|[\n;&|])\s*exit\s+(\d+)\s*;?\s*$")


def exit_code(command: str) -> int:
    """The N of a command that ends in `exit N`, else 0."""
    found = _LAST_EXIT.search(command)
    return int(found[1]) & 0xFF if found else 0


def moves_until(moves: Sequence[Move], now: float) -> tuple[Move, ...]:
    """What has happened by `now`; the first move always has, even if the machine's clock was set back."""
    return (moves[0], *takewhile(lambda move: move.at <= now, moves[1:]))


def entered(moves: Sequence[Move], *statuses: str) -> float | None:
    """When the job first came into one of `statuses`; None if it has not."""
    return next((move.at for move in moves if move.status in statuses), None)


def stop_moves(now: float, lifecycle: Lifecycle) -> tuple[Move, ...]:
    return (
        Move(now, "Stopping", *_STOPPED_BY_USER),
        Move(now + lifecycle.stopping, "Stopped", *_STOPPED_BY_USER),
    )


def pinned_moves(moves: Sequence[Move], status: str, now: float) -> tuple[Move, ...]:
    """The way to `status`, all of it past, with nothing planned after it."""
    way = takewhile(lambda move: move.status != status and move.status not in FINISHED, moves)
    unplanned = Move(moves[-1].at, status, *_REASONS.get(status, ()))
    last = next((move for move in moves if move.status == status), unplanned)
    return tuple(move._replace(at=min(move.at, now)) for move in (*way, last))
