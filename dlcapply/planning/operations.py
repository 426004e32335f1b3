"""The names of what a CreateJob call is for: of the one run that it starts, and of what that is paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.planning.fingerprints import canonical_hash, fingerprint

if TYPE_CHECKING:
    from dlcapply.model import Job, Run


def operation_id(job: Job, *, newest: Run | None) -> str:
    """The name of the one run that may follow `newest`: alike on every machine that sees this history."""
    previous = newest.job_id if newest else ""
    key = job.key
    whose = [key.region, key.workspace_id, key.owner, key.origin, key.name]
    return canonical_hash([*whose, fingerprint(job), job.rules.token, previous])[:32]


def work_id(job: Job) -> str:
    """What a run of the job is paid for, its spec and token: alike under any name, and in any repository."""
    return canonical_hash([fingerprint(job), job.rules.token])[:32]
