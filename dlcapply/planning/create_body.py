"""The body of CreateJob: a job's spec, with its name, labels, marks and values of the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.model.jobs import Identity
from dlcapply.planning.marks import hiding_marks, marks_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.model.jobs import Job


def create_body(job: Job, *, marks: Mapping[str, str], env: Mapping[str, str]) -> dict[str, Any]:
    """The CreateJob body: spec, name, labels and marks as tags, and the resolved values of `env_from`."""
    body = {**job.spec, "DisplayName": job.name}
    settings = body.get("Settings") or {}
    tags = {**job.labels, **(settings.get("Tags") or {}), **marks}
    if tags:
        body["Settings"] = {**settings, "Tags": tags}
    if env:
        body["Envs"] = {**(body.get("Envs") or {}), **env}
    return body


def body_to_create(
    job: Job, *, identity: Identity, op: str, env: Mapping[str, str], provenance: str = ""
) -> dict[str, Any]:
    """The CreateJob body with the marks that the identity asks for."""
    by_marks = identity is Identity.MARKS
    marks = marks_for(job, op=op, provenance=provenance) if by_marks else hiding_marks(job)
    return create_body(job, marks=marks, env=env)
