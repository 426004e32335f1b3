"""Which jobs a caller may read, and which a caller may change."""

from __future__ import annotations

import hashlib
import hmac
import math
import re
from typing import TYPE_CHECKING

from dlcapply.emulator.answers import not_found
from dlcapply.emulator.call import no_permission
from dlcapply.emulator.jobs.lifecycle import ending
from dlcapply.emulator.jobs.table import JobTable

if TYPE_CHECKING:
    from dlcapply.emulator.call import Call
    from dlcapply.emulator.jobs.table import Job
    from dlcapply.emulator.world.world import World

_TOKEN = re.compile(r"([0-9a-f]{1,12})-[0-9a-f]{64}")


def readable_job(call: Call) -> Job:
    """The job of the path; raises Refusal unless the caller may read it, or a Token opens it."""
    job = JobTable(call.database).find(call.path["JobId"])
    token = call.query.get("Token")
    if job is None or _is_gone(job, call) or not (token or may_read(job, call)):
        raise not_found("Job", call.path["JobId"])
    if token and not opens(token, job.job_id, call):
        raise no_permission(f"job {job.job_id}", call.user)
    return job


def token_of(subject_id: str, ends: int, world: World) -> str:
    """A token that opens the job or TensorBoard until `ends`: that time, signed with all users' secrets."""
    secrets = "\n".join(user.secret for user in world.users.values())
    signed = hmac.new(secrets.encode(), f"{subject_id} {ends}".encode(), hashlib.sha256)
    return f"{ends:x}-{signed.hexdigest()}"


def opens(token: str, subject_id: str, call: Call) -> bool:
    """Whether the token is one for this job or TensorBoard, and has not expired."""
    found = _TOKEN.fullmatch(token)
    if found is None or int(found[1], 16) <= call.now:
        return False
    expected = token_of(subject_id, int(found[1], 16), call.world)
    return hmac.compare_digest(expected, token)


def own_job(call: Call) -> Job:
    """The job of the path; raises Refusal unless the caller may change it."""
    job = readable_job(call)
    if job.user_id != call.user.user_id and not call.user.administrator:
        raise no_permission(f"job {job.job_id}", call.user)
    return job


def accessibility(job: Job) -> str:
    """The Accessibility that the service last accepted, whether or not it shows yet."""
    late = job.late.get("Accessibility")
    return str(late.value if late else job.body["Accessibility"])


def _is_gone(job: Job, call: Call) -> bool:
    """Deleted, no longer kept, or not yet to be read."""
    switches = call.switches
    is_deleted = job.deleted is not None and not switches.show_deleted
    is_old = math.isfinite(ending(job.moves)) and ending(job.moves) + switches.retention <= call.now
    is_fresh = switches.get_lag > 0 and job.created > call.now - switches.get_lag
    return is_deleted or is_old or is_fresh


def may_read(job: Job, call: Call) -> bool:
    """PUBLIC jobs are everybody's of the workspace, others their creator's and the administrators'."""
    if not call.world.is_member(call.user, job.body["WorkspaceId"]):
        return False
    is_public = accessibility(job) == "PUBLIC"
    return is_public or call.user.administrator or job.user_id == call.user.user_id
