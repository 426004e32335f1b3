"""What people paste in place of a manifest: one finding says what it is, and how to make a manifest of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.manifest.did_you_mean import closest
from dlcapply.manifest.findings import finding
from dlcapply.manifest.nodes import Node, entries, get, string

if TYPE_CHECKING:
    from dlcapply.model.findings import Finding

_OURS = "dlcapply/v1"
_FRAME = "apiVersion: dlcapply/v1, kind: Job, metadata: {name: NAME}"
_OF_MANIFESTS = {"apiversion", "kind", "spec", "metadata", "extends"}
_OF_BODIES = {"jobtype", "jobspecs", "usercommand", "displayname"}
# The layers of an answer; `body` is what the SDKs wrap around it.
_OF_ANSWERS = {"jobid": "GetJob", "jobs": "ListJobs", "body": "an SDK"}


def other_document(document: Node) -> Finding | None:
    """What the map is instead of a manifest, or None where it is meant to be one."""
    version = get(document, "apiVersion")
    if version is not None and string(version) and not _is_like_ours(string(version)):
        kind = string(get(document, "kind"))
        message = f"this is {kind or 'a document'} of {string(version)}, not a manifest of dlcapply"
        hint = f"write {_FRAME}, and under spec the body of CreateJob"
        return finding("value", message, version, "apiVersion", hint=hint)
    keys = {key.casefold().replace("_", "").replace("-", "") for key in entries(document)}
    if keys & _OF_MANIFESTS:
        return None
    if answered := next((call for key, call in _OF_ANSWERS.items() if key in keys), ""):
        message = f"this is an answer of {answered}, not a manifest"
        hint = f"write {_FRAME}, and under spec what CreateJob takes of one job"
        return finding("missing-key", message, document, hint=hint)
    if keys & _OF_BODIES:
        message = "this is the body of CreateJob alone, not a manifest"
        return finding("missing-key", message, document, hint=f"write {_FRAME}, and all of this under spec")
    return None


def _is_like_ours(version: str) -> bool:
    return version.startswith("dlcapply") or bool(closest(version, [_OURS]))
