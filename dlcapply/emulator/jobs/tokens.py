"""GetToken and GetWebTerminal: a token that opens a job's metrics, and an address that leads nowhere."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import JsonObject, Refusal, not_found
from dlcapply.emulator.jobs.access import own_job, readable_job, token_of
from dlcapply.emulator.jobs.lifecycle import moves_until
from dlcapply.emulator.jobs.pod_lookup import check_life
from dlcapply.emulator.jobs.pods import pod_ids
from dlcapply.emulator.jobs.table import visible_body

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call

LONGEST = 604_800  # the default (SDK, GetTokenRequest); whether more is taken is not documented


def get_token(call: Call) -> JsonObject:
    """A token with which others read the metrics and the sanity checks of a job, as `Token`."""
    job = readable_job(replace(call, path={"JobId": call.query["TargetId"]}, query={}))
    ends = int(call.now) + int(call.query.get("ExpireTime") or LONGEST)
    return {"Token": token_of(job.job_id, ends, call.world)}


def get_web_terminal(call: Call) -> JsonObject:
    """An address that leads nowhere; raises Refusal unless the job is running."""
    job = own_job(call)
    body, pod_id = visible_body(job, call.now), call.path["PodId"]
    if pod_id not in dict(pod_ids(job.job_id, body["JobType"], body["JobSpecs"])):
        raise not_found("Pod", pod_id)
    check_life(call, job, pod_id)
    status = moves_until(job.moves, call.now)[-1].status
    if status != "Running":
        raise Refusal(400, "BadRequest", f"Terminal can't be opened, because the job is {status}")
    kind = "shared" if call.flag("IsShared", default=False) else "own"
    return {"WebTerminalUrl": f"wss://{call.host}/terminal/{pod_id}?token={_opaque(pod_id, kind)}"}


def _opaque(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()
