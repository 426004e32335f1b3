"""Names for what a CreateJob call is for: the one run that it starts, and what that run is paid for.

CreateJob has no idempotency token. So each call is named by what it follows from, before it is made; whoever
finds a run of that name, or a note of it, knows that the call was made, and does not make it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.planning.fingerprints import canonical_hash, fingerprint

if TYPE_CHECKING:
    from dlcapply.model.jobs import Job
    from dlcapply.model.runs import Run


def operation_id(job: Job, *, newest: Run | None) -> str:
    """The name of the one run that may follow `newest`: the same on every machine that sees this history."""
    previous = newest.job_id if newest else ""
    key = job.key
    whose = [key.region, key.workspace_id, key.owner, key.origin, key.name]
    return canonical_hash([*whose, fingerprint(job), job.rules.token, previous])[:32]


def work_id(job: Job) -> str:
    """The name of what a run of the job is paid for, its spec and token: whatever the job is called."""
    return canonical_hash([fingerprint(job), job.rules.token])[:32]
