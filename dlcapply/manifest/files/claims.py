"""`dlcapply.claims.yaml`: the claims on runs that no tag could mark, read and written."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dlcapply.disk import write_whole
from dlcapply.manifest.findings import bounded
from dlcapply.manifest.nodes import get, plain
from dlcapply.manifest.paths import CLAIMS_FILE, shown_path
from dlcapply.manifest.schema.shipped import CLAIMS, schema_findings
from dlcapply.manifest.yaml.reader import read_own
from dlcapply.manifest.yaml.writer import to_yaml
from dlcapply.model.claims import Claim, OwnerMarks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from dlcapply.manifest.nodes import Node
    from dlcapply.model.findings import Finding

_HEAD = "# Written by dlcapply adopt and dlcapply release: commit it with the manifests.\n"


def read_claims(root: Path) -> tuple[dict[str, Claim], tuple[Finding, ...]]:
    """The claims of the project in the folder, by JobId; what is wrong with the file is a finding."""
    path = root / CLAIMS_FILE
    if not os.path.lexists(path):
        return {}, ()
    document, findings = read_own(path, root)
    if document is None:
        return {}, findings
    value = plain(document)
    findings = tuple(bounded(schema_findings(document, CLAIMS, value), document.place))
    return ({} if findings else _claims(document, value["runs"])), findings


def _claims(document: Node, runs: Mapping[str, Any]) -> dict[str, Claim]:
    claims = {}
    for job_id, run in runs.items():
        node = get(document, "runs", job_id)
        place = node.key_place if node else None
        claims[job_id] = Claim(job_id, run["name"], run["marks"], OwnerMarks(**run.get("from", {})), place)
    return claims


def write_claims(root: Path, claims: Iterable[Claim]) -> str:
    """The claims are in the project's file, and no others; the file's name as it is shown.

    Raises DlcapplyError where it can't be written; then it is as it was.
    """
    runs = {
        claim.job_id: _document(claim)
        for claim in sorted(claims, key=lambda claim: (claim.name, claim.job_id))
    }
    text = _HEAD + to_yaml({"apiVersion": "dlcapply/v1", "kind": "Claims", "runs": runs})
    file = shown_path(root / CLAIMS_FILE)
    write_whole(file, text)
    return file


def _document(claim: Claim) -> dict[str, Any]:
    giver = {key: text for key, text in asdict(claim.giver).items() if text}
    whose = {"from": giver} if giver else {}
    return {"name": claim.name, **whose, "marks": dict(sorted(claim.marks.items()))}
