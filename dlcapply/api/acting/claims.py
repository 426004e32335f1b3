"""Adopting and releasing runs: look at them, judge, and write the claim down beside the project file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.errors import UsageError
from dlcapply.manifest.files.claims import write_claims
from dlcapply.manifest.near_names import meant_names
from dlcapply.model.jobs import Identity
from dlcapply.planning.adopting import adopted, released, run_to_adopt, run_to_release

if TYPE_CHECKING:
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.model.claims import Claim
    from dlcapply.model.jobs import Job
    from dlcapply.model.runs import Run


@dataclass(frozen=True, slots=True)
class Claimed:
    """A run, and the file that holds the claim on it now."""

    run: Run
    file: str


def check_can_claim(manifests: Manifests) -> None:
    """Raises UsageError where a claim would have no place, or no meaning."""
    if not manifests.loaded.has_project:
        raise UsageError(
            "there is no project file here or above: a claim needs a place in it",
            hint="name the project's folder behind the job's name, or write a dlcapply.yaml",
        )
    if manifests.environment.identity is Identity.NAME:
        raise UsageError("with identity: name, every run of the name is the job's own: claims mean nothing")


def adopt(manifests: Manifests, service: Service, name: str, *, job_id: str = "", giver: str = "") -> Claimed:
    """The run is claimed for the job `name` of the manifests, in `dlcapply.claims.yaml`.

    Without `job_id`, it is the one that has not ended. `giver` is the owner or origin that a run with
    another's marks is taken over from. Nothing is sent to the service but reads. Raises UsageError where no
    manifest declares the job, or no such run may be adopted.
    """
    check_can_claim(manifests)
    job = _declared(name, manifests)
    runs = service.jobs.runs_named(*job.names)
    chosen = run_to_adopt(name, runs, environment=manifests.environment, job_id=job_id, giver=giver)
    run = service.jobs.detail(chosen)
    return _written(manifests, run, adopted(run, job=job))


def release(manifests: Manifests, service: Service, name: str, *, job_id: str = "") -> Claimed:
    """The run is nobody's any more, by a claim in `dlcapply.claims.yaml`, and goes on.

    Without `job_id`, it is the one that has not ended. Raises UsageError where there is no such run of ours.
    """
    check_can_claim(manifests)
    declared = [job.names for job in manifests.jobs if job.name == name]
    runs = service.jobs.runs_named(*(declared[0] if declared else (name,)))
    run = run_to_release(name, runs, environment=manifests.environment, job_id=job_id)
    return _written(manifests, run, released(run))


def _written(manifests: Manifests, run: Run, claim: Claim) -> Claimed:
    claims = {**manifests.loaded.claims, run.job_id: claim}
    return Claimed(run, write_claims(Path(manifests.loaded.root), claims.values()))


def _declared(name: str, manifests: Manifests) -> Job:
    for job in manifests.jobs:
        if job.name == name:
            return job
    meant = meant_names(name, [job.name for job in manifests.jobs])
    hint = meant or "write its manifest first: it says what the run counts as"
    raise UsageError(f"no manifest declares {name}", hint=hint)
