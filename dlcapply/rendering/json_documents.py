"""Values to the JSON documents that `schemas/` describes; the order of keys is part of the form."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from dlcapply.model.findings import Level
from dlcapply.model.outcomes import Result
from dlcapply.model.times import utc_text
from dlcapply.model.verdicts import Verdict
from dlcapply.one_line import printable
from dlcapply.planning import unchanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dlcapply.errors import ExitCode
    from dlcapply.model.findings import Finding, Place
    from dlcapply.model.outcomes import LaterStart, Outcome, Trouble
    from dlcapply.model.plans import Change
    from dlcapply.rendering.rows.approvals import ApprovalRow, ApprovedPlans
    from dlcapply.rendering.rows.unresolved import Unresolved, UnresolvedRow
    from dlcapply.rendering.rows.waiting import WaitedRow
    from dlcapply.rendering.rows.where import Where

FORMAT_VERSION = 1
Document = dict[str, Any]


def to_json(document: Document) -> str:
    """The document as text that ends in a newline; what a terminal would obey or hide is escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    return "".join(f"{printable(row)}\n" for row in text.split("\n"))


def apply_document(
    outcomes: Sequence[Outcome],
    *,
    exit_code: ExitCode,
    changes: Sequence[Change] = (),
    waited: Sequence[WaitedRow] = (),
    later: Sequence[LaterStart] = (),
) -> Document:
    """What became of the changes, of those that came due later, and of the runs that were waited for."""
    counts = Counter(outcome.result for outcome in outcomes)
    return {
        "format_version": FORMAT_VERSION,
        "outcomes": [_outcome(outcome) for outcome in outcomes],
        "summary": {result.value: counts[result] for result in Result} | unchanged.counts(changes),
        "waited": [waited_document(row) for row in waited],
        "later": [_later(one) for one in later],
        "exit_code": exit_code.value,
    }


def wait_document(where: Where, waited: Sequence[WaitedRow], *, until: str, exit_code: ExitCode) -> Document:
    """The document of `wait`, as schemas/wait.v1.schema.json describes it."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": where_document(where),
        "until": until,
        "waited": [waited_document(row) for row in waited],
        "exit_code": exit_code.value,
    }


def error_document(
    code: str, message: str, hint: str, *, exit_code: ExitCode, findings: Sequence[Finding] = ()
) -> Document:
    """What a command prints that has nothing else to print."""
    return {
        "format_version": FORMAT_VERSION,
        "error": {"code": code, "message": message, "hint": hint, "exit_code": exit_code.value},
        "findings": [finding_document(finding) for finding in findings],
    }


def validate_document(
    findings: Sequence[Finding], *, files: int, documents: int, waived: int = 0
) -> Document:
    errors = sum(finding.level is Level.ERROR for finding in findings)
    return {
        "format_version": FORMAT_VERSION,
        "findings": [finding_document(finding) for finding in findings],
        "summary": {
            "files": files,
            "documents": documents,
            "errors": errors,
            "warnings": len(findings) - errors,
            "waived": waived,
        },
    }


def render_document(manifests: Iterable[tuple[Document, dict[str, str] | None]]) -> Document:
    """The composed manifests, each with the origins of its values where they were asked for."""
    jobs = [
        {"manifest": manifest} | ({"origins": origins} if origins else {}) for manifest, origins in manifests
    ]
    return {"format_version": FORMAT_VERSION, "jobs": jobs}


def where_document(where: Where) -> Document:
    """The value of `environment` in documents about runs."""
    return {
        "name": where.environment,
        "region": where.region,
        "workspace_id": where.workspace_id,
        "endpoint": where.endpoint,
        "emulator": where.is_emulator,
    }


def time_document(time: datetime | None) -> str | None:
    """The value of a time in documents about runs."""
    return utc_text(time) if time else None


def place_document(place: Place | None) -> Document | None:
    return {"file": place.file, "line": place.line, "column": place.column} if place else None


def finding_document(finding: Finding) -> Document:
    place = finding.place
    return {
        "rule": finding.rule,
        "level": finding.level.value,
        "message": finding.message,
        "hint": finding.hint,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "path": finding.path,
    }


def _outcome(outcome: Outcome) -> Document:
    return {
        "name": outcome.name,
        "action": outcome.action.value,
        "result": outcome.result.value,
        "job_id": outcome.job_id,
        "stopped_job_id": outcome.stopped_job_id,
        "request_id": outcome.request_id,
        "error": trouble_document(outcome.error),
    }


def _later(one: LaterStart) -> Document:
    change = one.change
    return {
        **_outcome(one.outcome),
        "reason": {"code": change.reason.code, "text": change.reason.text},
        "after_job_id": change.target_id,
        "retry": change.retry,
        "denied": one.denied,
    }


def trouble_document(trouble: Trouble | None) -> Document | None:
    return {"code": trouble.code, "message": trouble.message, "hint": trouble.hint} if trouble else None


def waited_document(one: WaitedRow) -> Document:
    """A run that was waited for."""
    return {
        "name": one.row.name,
        "job_id": one.row.job_id,
        "status": one.row.status,
        "reached": one.reached,
        "failed": one.failed,
        "note": one.row.note,
        "stop": one.stop,
        "why": {"code": one.verdict.code.value, "what": one.verdict.what} if one.verdict else None,
    }


def unresolved_document(report: Unresolved) -> Document:
    """The document of `status --unresolved`, as schemas/unresolved.v1.schema.json describes it."""
    return {
        "format_version": FORMAT_VERSION,
        "journal": report.journal,
        "exists": report.exists,
        "operations": [_open_write(row) for row in report.rows],
        "elsewhere": report.elsewhere,
    }


def _open_write(row: UnresolvedRow) -> Document:
    return {
        "name": row.name,
        "call": row.call,
        "op": row.op,
        "begun": row.begun.isoformat(timespec="seconds"),
        "where": row.where,
        "command": row.command,
        "from": row.provenance,
    }


def approved_document(report: ApprovedPlans) -> Document:
    """The document of `github approved`, as schemas/approved.v1.schema.json describes it."""
    counts = Counter(row.verdict for row in report.rows)
    return {
        "format_version": FORMAT_VERSION,
        "owner": report.owner,
        "folder": report.folder or None,
        "pull_requests": [_approval(row) for row in report.rows],
        "summary": {verdict.replace("-", "_"): counts[verdict] for verdict in Verdict},
        "complete": report.is_complete,
        "requests": report.requests,
    }


def _approval(row: ApprovalRow) -> Document:
    return {
        "number": row.number,
        "verdict": row.verdict,
        "reason": row.why,
        "file": row.file or None,
        "hash": row.hash or None,
        "expires": row.expires.isoformat(timespec="seconds") if row.expires else None,
    }
