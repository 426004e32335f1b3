"""What becomes of a job: its moves from status to status, planned when it is created.

The plan is read against the clock: nothing runs in the background, and a clock that is turned by a week shows
at once what a week would have brought.
"""

from __future__ import annotations

import math
import re
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from dlcapply.emulator.jobs.causes.outcomes import ENDED_BY_LIMIT, NEVER_STARTS, OUTCOMES, SILENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dlcapply.emulator.answers import JsonObject
    from dlcapply.emulator.jobs.causes.outcomes import Outcome
    from dlcapply.emulator.world.world import Lifecycle

SUCCEEDED = ("Succeeded", "SucceededReserving")
FAILED = ("Failed", "FailedReserving")
ENDED = ("Succeeded", "Failed", "Stopped")
FINISHED = (*SUCCEEDED, *FAILED, "Stopped")
WAITING = ("Creating", "Queuing")
STATUSES = (
    *(*WAITING, "Bidding", "EnvPreparing", "SanityChecking", "Running", "Restarting", "Stopping"),
    *FINISHED,
)

RECLAIMED = "The instances of the job were reclaimed."
_STOPPED_BY_USER = ("JobStoppedByUser", "Job is stopped by user.")
_REASONS = {
    "Succeeded": ("JobSucceeded", "Job is succeeded."),
    "Failed": ("JobFailed", "Container exited with code 1."),
    "Stopping": _STOPPED_BY_USER,
    "Stopped": _STOPPED_BY_USER,
}
# What Alibaba's own diagnosis of failed jobs says of exit codes.
_EXIT_CODES = {
    126: "the command cannot be executed",
    127: "the command is not found",
    137: "killed, or out of memory",
    139: "segmentation fault",
    143: "terminated by SIGTERM",
    245: "an NCCL operation timed out",
    255: "MPI lost an ssh connection",
}
_MOST_RESTARTS = 100


class Move(NamedTuple):
    """A job enters `status` at emulated time `at`.

    `cause` is why it goes as it goes, in the wording `variant`; its pods print nothing from `quiet` on.
    """

    at: float
    status: str
    code: str = ""
    message: str = ""
    cause: str = ""
    variant: int = 0
    quiet: float = 0.0  # never


class Conditions(NamedTuple):
    """What decides which statuses a job goes through, apart from how long it stays in each.

    `limit` is the most seconds from the first Running on; `reclaimable` jobs may lose their resources.
    `words` fill in the reasons of a cause, told in the wording `variant`.
    """

    body: JsonObject
    limit: float = math.inf
    image_is_missing: bool = False
    reclaimable: bool = False
    outbid: bool = False
    variant: int = 0
    words: Mapping[str, str] = {}


class _End(NamedTuple):
    after: float
    status: str
    code: str
    message: str


def arrival(created: float, rules: Lifecycle) -> float:
    """When a job can first start, if all that it needs is free."""
    return created + rules.creating + rules.queuing


def first_moves(created: float, conditions: Conditions, rules: Lifecycle) -> tuple[Move, ...]:
    """The moves of a job that waits for its resources, or for a bid that is high enough."""
    reason = _outcome(rules).reason(conditions.variant) if never_starts(rules) else ()
    waiting = "Bidding" if conditions.outbid else "Queuing"
    moves = [Move(created, "Creating"), Move(created + rules.creating, waiting, *reason)]
    return _caused(_finite(moves), conditions, rules)


def never_starts(rules: Lifecycle) -> bool:
    """Whether a job waits for its resources, or for a better bid, until somebody stops it."""
    return rules.cause in NEVER_STARTS


def _caused(moves: tuple[Move, ...], conditions: Conditions, rules: Lifecycle) -> tuple[Move, ...]:
    """The moves with their cause in them: it belongs to the run, whatever is configured later."""
    if not rules.cause:
        return moves
    return tuple(move._replace(cause=rules.cause, variant=conditions.variant) for move in moves)


def _outcome(rules: Lifecycle) -> Outcome:
    return OUTCOMES[rules.cause]


def _strikes(rules: Lifecycle, stage: str) -> bool:
    return bool(rules.cause) and _outcome(rules).stage == stage


def run_moves(start: float, conditions: Conditions, rules: Lifecycle) -> tuple[Move, ...]:
    """The moves of a job that has its resources from `start` on; an end that never comes is left out."""
    moves = _limited(_finite(_all_moves(start, conditions, rules)), conditions, rules)
    return _caused(_held(moves, conditions.body.get("Settings") or {}), conditions, rules)


def _finite(moves: Sequence[Move]) -> tuple[Move, ...]:
    return tuple(takewhile(lambda move: math.isfinite(move.at), moves))


def _all_moves(start: float, conditions: Conditions, rules: Lifecycle) -> list[Move]:
    moves, at = [], start
    if is_spot(conditions.body):
        moves.append(Move(at, "Bidding"))
        at += rules.bidding
    moves.append(Move(at, "EnvPreparing"))
    if conditions.image_is_missing and not rules.cause:
        reason = ("ImagePullBackOff", "Back-off pulling the image.")
        return [*moves, Move(at + rules.image_pull, "Failed", *reason)]
    if _strikes(rules, "EnvPreparing"):
        if not _outcome(rules).status:
            return moves
        return [*moves, Move(at + rules.image_pull, "Failed", *_reason(conditions, rules))]
    at += rules.env_preparing
    fails = _strikes(rules, "SanityChecking")
    if fails or (conditions.body.get("Settings") or {}).get("EnableSanityCheck"):
        moves.append(Move(at, "SanityChecking"))
        at += rules.sanity_checking
    if fails:
        return [*moves, Move(at, "Failed", *_reason(conditions, rules))]
    return moves + _attempts(at, conditions, rules)


def _reason(conditions: Conditions, rules: Lifecycle) -> tuple[str, str]:
    code, message = _outcome(rules).reason(conditions.variant)
    return code, message.format(**conditions.words)


def _attempts(at: float, conditions: Conditions, rules: Lifecycle) -> list[Move]:
    """Running, and Running again for as often as the service restarts the job."""
    end, moves = _find_end(conditions, rules), []
    failures, last = _failing_lives(end, conditions, rules)
    for _ in range(failures):
        moves.append(_running(at, end, rules))
        at += end.after
        if not math.isfinite(at):
            return moves
        moves.append(Move(at, "Restarting", end.code, end.message))
        at += rules.restarting
        moves.append(Move(at, "EnvPreparing"))
        at += rules.env_preparing
    return [*moves, _running(at, last, rules), Move(at + last.after, last.status, last.code, last.message)]


def _failing_lives(end: _End, conditions: Conditions, rules: Lifecycle) -> tuple[int, _End]:
    """How many lives end in a restart, and how the last one ends."""
    if end.status != "Failed":
        return 0, end
    restarts = allowed_restarts(conditions.body)
    if rules.failures is None or rules.failures > restarts:
        return restarts, end
    return rules.failures, _End(rules.running, "Succeeded", *_REASONS["Succeeded"])


def _running(at: float, end: _End, rules: Lifecycle) -> Move:
    """Running, with the time from which its pods print nothing."""
    silence = {"hang": rules.running}
    if end.status == "Failed":
        silence["nccl-timeout"] = end.after - min(SILENCE, end.after / 2)
    quiet = at + silence.get(rules.cause, math.inf)
    return Move(at, "Running", quiet=quiet if math.isfinite(quiet) else 0.0)


def _find_end(conditions: Conditions, rules: Lifecycle) -> _End:
    if rules.cause:
        return _caused_end(conditions, rules)
    if conditions.reclaimable and rules.reclaimed < rules.running:
        return _End(rules.reclaimed, "Failed", "JobFailed", RECLAIMED)
    code = exit_code(conditions.body.get("UserCommand", ""))
    if code:
        why = f": {_EXIT_CODES[code]}" if code in _EXIT_CODES else ""
        return _End(rules.running, "Failed", "JobFailed", f"Container exited with code {code}{why}.")
    return _End(rules.running, "Succeeded", *_REASONS["Succeeded"])


def _caused_end(conditions: Conditions, rules: Lifecycle) -> _End:
    outcome, reason = _outcome(rules), _reason(conditions, rules)
    if not outcome.status or rules.cause in ENDED_BY_LIMIT:
        return _End(math.inf, "Succeeded", *reason)
    return _End(_time_to_end(rules), outcome.status, *reason)


def _time_to_end(rules: Lifecycle) -> float:
    """The running time; shorter for what a run can't get far with, and where resources are lost earlier."""
    match rules.cause:
        case "command-not-found" | "not-executable":
            return min(rules.running, 1.0)
        case "mpi-ssh":
            return min(rules.running, 10.0)
        case "preempted" | "reclaimed":
            return min(rules.running, rules.reclaimed)
    return rules.running


def is_spot(body: JsonObject) -> bool:
    return any(spec.get("SpotSpec") or spec.get("ElasticSpotSpecs") for spec in body["JobSpecs"])


_RESTART = re.compile(r"--enable-job-restart[= ]+true\b", re.IGNORECASE)
_RESTART_LIMIT = re.compile(r"--max-num-of-job-restart[= ]+(\d{1,9})")


def allowed_restarts(body: JsonObject) -> int:
    """How often the service starts a failed job again: by AIMaster, or on other spot instances."""
    settings = body.get("Settings") or {}
    if any(spec.get("ElasticSpotSpecs") for spec in body["JobSpecs"]):
        return min(max(settings.get("ElasticSpotJobMaxRestartTimes") or 0, 0), _MOST_RESTARTS)
    arguments = settings.get("ErrorMonitoringArgs") or ""
    if not settings.get("EnableErrorMonitoringInAIMaster") or not _RESTART.search(arguments):
        return 0
    limit = _RESTART_LIMIT.search(arguments)
    return min(int(limit[1]) if limit else 3, _MOST_RESTARTS)


def _limited(moves: tuple[Move, ...], conditions: Conditions, rules: Lifecycle) -> tuple[Move, ...]:
    started = entered(moves, "Running")
    is_caused = rules.cause in ENDED_BY_LIMIT
    limit = _caused_limit(conditions, rules) if is_caused else conditions.limit
    if started is None or ending(moves) <= started + limit:
        return moves
    end, minutes = started + limit, round(limit / 60)
    reason = ("JobMaxRunningTimeExceeded", f"Job ran longer than its maximum of {minutes} minutes.")
    if is_caused:
        reason = _reason(conditions, rules)
    past = takewhile(lambda move: move.at < end, moves)
    stopped = (Move(end, "Stopping", *reason), Move(end + rules.stopping, "Stopped", *reason))
    return _finite((*past, *stopped))


def _caused_limit(conditions: Conditions, rules: Lifecycle) -> float:
    """The job's own limit, where it has one and that is the cause; otherwise the running time."""
    own = conditions.limit if rules.cause == "time-limit" else math.inf
    return own if math.isfinite(own) else min(rules.running, conditions.limit)


def _held(moves: tuple[Move, ...], settings: JsonObject) -> tuple[Move, ...]:
    """The moves, with the JobReservedMinutes in which an ended job keeps its resources."""
    if not moves or moves[-1].status not in {"Succeeded", "Failed"} or entered(moves, "Running") is None:
        return moves
    *way, last = moves
    policy = settings.get("JobReservedPolicy") or "Always"
    applies = policy == "Always" or policy == {"Failed": "OnFailure", "Succeeded": "OnSucceed"}[last.status]
    minutes = settings.get("JobReservedMinutes") or 0
    if minutes <= 0 or not applies:
        return moves
    return (*way, last._replace(status=f"{last.status}Reserving"), last._replace(at=last.at + 60.0 * minutes))


_LAST_EXIT = re.compile(r"(?:^|[\n;&|])\s*exit\s+(\d{1,9})\s*;?\s*$")


def exit_code(command: str) -> int:
    """The N of a command that ends in `exit N`, otherwise 0."""
    found = _LAST_EXIT.search(command)
    return int(found[1]) & 0xFF if found else 0


def moves_until(moves: Sequence[Move], now: float) -> tuple[Move, ...]:
    """What has happened by `now`; the first move always has, even if the machine's clock was set back."""
    return (moves[0], *takewhile(lambda move: move.at <= now, moves[1:]))


def entered(moves: Sequence[Move], *statuses: str) -> float | None:
    """When the job first entered one of `statuses`; None if no move does."""
    return next((move.at for move in moves if move.status in statuses), None)


def ending(moves: Sequence[Move]) -> float:
    """When the job ends, and gives back what it held; infinite if nothing ends it."""
    last = moves[-1]
    return last.at if last.status in ENDED else math.inf


def stop_moves(now: float, rules: Lifecycle) -> tuple[Move, ...]:
    return _finite(
        (Move(now, "Stopping", *_STOPPED_BY_USER), Move(now + rules.stopping, "Stopped", *_STOPPED_BY_USER))
    )


def pinned_moves(moves: Sequence[Move], status: str, now: float) -> tuple[Move, ...]:
    """The moves up to `status`, all of them past, with nothing planned after it."""
    way = takewhile(lambda move: move.status != status and move.status not in FINISHED, moves)
    unplanned = Move(moves[-1].at, status, *_REASONS.get(status, ()))
    last = next((move for move in moves if move.status == status), unplanned)
    return tuple(move._replace(at=min(move.at, now)) for move in (*way, last))


def restarts(history: Sequence[Move]) -> Iterator[Move]:
    return (move for move in history if move.status == "Restarting")
