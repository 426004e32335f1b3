"""What the checks before a run found: ListJobSanityCheckResults and GetJobSanityCheckResult.

Both answer with `RequestID`, where every other operation has `RequestId` (SDK).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, new_request_id, not_found
from dlcapply.emulator.clock import wire_time
from dlcapply.emulator.jobs.access import readable_job
from dlcapply.emulator.jobs.lifecycle import entered, moves_until

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call

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
    ended = next((move.at for move in history if move.at > started), None)
    return [
        {
            "CheckNumber": 1,
            "Phase": phase,
            "Status": "Running" if ended is None else "Succeeded",
            "Message": "",
            "StartedAt": wire_time(started),
            "FinishedAt": "" if ended is None else wire_time(ended),
        }
        for phase in PHASES
    ]
