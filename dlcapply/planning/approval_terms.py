"""What an approval of a job's change is compared with: digests of all that PAI would be sent for the job."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dlcapply.model.jobs import State
from dlcapply.model.plans import Terms
from dlcapply.pai import IN_PLACE
from dlcapply.planning.create_body import body_to_create
from dlcapply.planning.digest import document_hash
from dlcapply.planning.fields import in_place_value
from dlcapply.planning.masking import FROM_ENVIRONMENT, masked

if TYPE_CHECKING:
    from dlcapply.model.jobs import Identity, Job


def terms_of(job: Job, *, identity: Identity) -> Terms:
    """The terms of the job: the digests cover values that no output shows, but not the values of `envFrom`.

    The operation id and the provenance of a run are left out: no two runs share them.
    """
    rules = job.rules
    return Terms(
        body=document_hash(_start(job, identity)),
        update=document_hash({path: in_place_value(path, job.spec) for path in IN_PLACE}),
        token=masked(rules.token, "", secret_texts=job.hidden),
        retries=rules.retries if rules.state is State.PRESENT else 0,
        not_after=rules.not_after,
    )


def _start(job: Job, identity: Identity) -> dict[str, Any]:
    """The body, and what goes into it only at apply time; the token, because marks may be left out."""
    env = {source.name: FROM_ENVIRONMENT for source in job.env_from}
    return {
        "body": body_to_create(job, identity=identity, op="", env=env),
        "env_from": sorted((asdict(source) for source in job.env_from), key=lambda source: source["name"]),
        "token": job.rules.token,
    }
