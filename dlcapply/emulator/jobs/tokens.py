"""GetToken and GetWebTerminal: ways into a job, as far as an emulator has any."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, Refusal, invalid, not_found
from dlcapply.emulator.jobs.access import own_job, readable_job
from dlcapply.emulator.jobs.lifecycle import moves_until
from dlcapply.emulator.jobs.pods import pod_ids
from dlcapply.emulator.jobs.projections import visible_body

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call

_WEEK = 604_800  # SDK, GetTokenRequest


def get_token(call: Call) -> JsonObject:
    """An opaque token for a job; nothing of the emulator asks for one."""
    if call.choice("TargetType", "job", "tensorboard") != "job":
        raise invalid("TargetType tensorboard is not emulated.")
    if not call.query.get("TargetId"):
        raise invalid("TargetId is required.")
    seconds = call.number("ExpireTime", default=_WEEK, minimum=0, maximum=_WEEK)
    job = readable_job(replace(call, path={"JobId": call.query["TargetId"]}))
    return {"Token": _opaque(job.job_id, call.user.user_id, str(int(call.now) + seconds))}


def get_web_terminal(call: Call) -> JsonObject:
    """An address that leads nowhere; raises Refusal unless the job is running."""
    job = own_job(call)
    body, pod_id = visible_body(job, call.now), call.path["PodId"]
    if pod_id not in dict(pod_ids(job.job_id, body["JobType"], body["JobSpecs"])):
        raise not_found("Pod", pod_id)
    status = moves_until(job.moves, call.now)[-1].status
    if status != "Running":
        raise Refusal(400, "BadRequest", f"Terminal can't be opened, because the job is {status}")
    kind = "shared" if call.flag("IsShared", default=False) else "own"
    return {"WebTerminalUrl": f"wss://{call.host}/terminal/{pod_id}?token={_opaque(pod_id, kind)}"}


def _opaque(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()
