"""What the checks before a run found: ListJobSanityCheckResults and GetJobSanityCheckResult.

Both answer with `RequestID`, where every other operation has `RequestId` (SDK).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, new_request_id, not_found
from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.jobs.access import readable_job
from dlcapply.emulator.jobs.causes.sanity import sanity_words
from dlcapply.emulator.jobs.lifecycle import entered, moves_until
from dlcapply.emulator.jobs.pods import first_pod, node_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.table import Job

_FAULTY_PHASES = ("DeviceCheck", "SingleNodeCommCheck", "TwoNodeCommCheck")
PHASES = ("CheckInit", "DeviceCheck", "SingleNodeCommCheck", "TwoNodeCommCheck", "AllNodeCommCheck")


def list_results(call: Call) -> JsonObject:
    """A list of checks, each a list of its phases; one check a job, once SanityChecking has begun."""
    results = _results(call)
    checks = [results] if results else []
    return {"SanityCheckResults": checks, "TotalCount": len(checks), "RequestID": new_request_id()}


def get_result(call: Call) -> JsonObject:
    """The phases of one check, or one of them; raises Refusal for a check that was not made."""
    number, phase = int(call.query["SanityCheckNumber"]), call.query.get("SanityCheckPhase", "")
    results = [one for one in _results(call) if phase in {"", one["Phase"]}]
    if number > 1 or not results:
        raise not_found("SanityCheck", str(number))
    return {"JobId": call.path["JobId"], "SanityCheckResult": results, "RequestID": new_request_id()}


def _results(call: Call) -> list[JsonObject]:
    job = readable_job(call)
    history = moves_until(job.moves, call.now)
    started = entered(history, "SanityChecking")
    if started is None:
        return []
    ended = next((move for move in history if move.at > started), None)
    if ended is not None and ended.cause == "sanity-failed" and ended.status == "Failed":
        return [_result(*row, started, ended.at) for row in _failed(job, ended.variant)]
    status = "Running" if ended is None else "Succeeded"
    return [_result(phase, status, "", started, ended.at if ended else None) for phase in PHASES]


def _result(phase: str, status: str, message: str, started: float, ended: float | None) -> JsonObject:
    return {
        "CheckNumber": 1,
        "Phase": phase,
        "Status": status,
        "Message": message,
        "StartedAt": wire_time(started),
        "FinishedAt": "" if ended is None else wire_time(ended),
    }


def _failed(job: Job, variant: int) -> Iterator[tuple[str, str, str]]:
    """Each phase with its status and message, where a node is at fault; what comes later was not checked."""
    pod = first_pod(job.job_id, job.body, "sanity-failed", variant)
    at, words = PHASES.index(_FAULTY_PHASES[variant]), sanity_words(variant, pod, node_name(pod))
    for place, phase in enumerate(PHASES):
        if place < at:
            yield phase, "Succeeded", ""
        elif place == at:
            yield phase, "Failed", words
        else:
            yield phase, "Skipped", ""
