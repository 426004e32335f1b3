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
from dlcapply.planning.run_changes import CIRCUMSTANCE, NOTE, RESULT
from dlcapply.rendering.text.log_lines import time_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dlcapply.diagnosis.verdicts import Diagnosis, Evidence
    from dlcapply.errors import ExitCode
    from dlcapply.model.findings import Finding, Place
    from dlcapply.model.outcomes import LaterStart, Outcome, Trouble
    from dlcapply.model.plans import Change
    from dlcapply.model.runs import Run
    from dlcapply.planning.run_progress import RunProgress
    from dlcapply.rendering.report_rows import (
        ApprovalRow,
        ApprovedPlans,
        DiagnosedRun,
        EventRow,
        HistoryRow,
        RunHistory,
        SavedLogRow,
        StatusReport,
        StatusRow,
        Unresolved,
        UnresolvedRow,
        WaitedRow,
        Where,
    )

FORMAT_VERSION = 1
_PROGRESS_KEYS = (
    *("started", "ended", "queued_seconds", "run_seconds", "pods", "accelerators"),
    *("accelerator_hours", "accelerator_hours_ceiling", "unbounded", "restarts"),
)
_CAN_CHANGE = {RESULT: "result", CIRCUMSTANCE: "circumstances", NOTE: "nothing"}
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


def saved_logs_document(name: str, run: Run, rows: Sequence[SavedLogRow]) -> Document:
    """The files that a run's logs were saved in."""
    return {
        "format_version": FORMAT_VERSION,
        "name": name,
        "job_id": run.job_id,
        "status": run.status,
        "files": [
            {
                "file": row.file,
                "pod": row.pod,
                "uid": row.uid,
                "restart": row.restart,
                "lines": row.lines,
                "bytes": row.size,
                "whole": row.is_whole,
            }
            for row in rows
        ],
    }


def events_document(name: str, run: Run, where: Where, rows: Sequence[EventRow]) -> Document:
    """What happened to a run and its pods, the newest last."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": where_document(where),
        "name": name,
        "job_id": run.job_id,
        "status": run.status,
        "events": [
            {
                "first": time_text(row.first) if row.first else None,
                "last": time_text(row.last) if row.last else None,
                "count": row.count,
                "pod": row.pod,
                "text": row.text,
            }
            for row in rows
        ],
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


def history_document(history: RunHistory) -> Document:
    """The newest runs of a job, with what changed from each to the next."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": where_document(history.where),
        "name": history.name,
        "names": list(history.names),
        "source": place_document(history.place),
        "now": time_document(history.now),
        "limit": history.limit,
        "complete": history.is_all,
        "looked_at": history.looked_at,
        "others": history.others,
        "runs": [_past_run(row) for row in history.rows],
    }


def _past_run(row: HistoryRow) -> Document:
    return {
        "job_id": row.job_id,
        "name": row.name,
        "status": row.status,
        "ours": not row.whose,
        "whose": row.whose,
        "created": row.created or None,
        "started": row.started or None,
        "ended": row.ended or None,
        "queued_seconds": row.queued_seconds,
        "run_seconds": row.run_seconds,
        "accelerator_hours": row.accelerator_hours,
        "token": row.token,
        "spec": row.spec,
        "previous": row.since or None,
        "first": row.is_first,
        "same_spec": row.same_spec,
        "changes": [
            {
                "path": change.path,
                "kind": change.kind.value,
                "before": change.before,
                "after": change.after,
                "can_change": _CAN_CHANGE[change.behaviour],
            }
            for change in row.changes
        ],
        "commit": row.commit,
        "actor": row.actor,
        "ci_run": f"https://{row.ci_run}" if row.ci_run else "",
        "reason": {"code": row.reason_code, "message": row.reason},
        "stopped_by": row.stopped_by,
        "notes": list(row.notes),
        "console": row.console,
    }


def where_document(where: Where) -> Document:
    """The value of `environment` in documents about runs."""
    return {
        "name": where.environment,
        "region": where.region,
        "workspace_id": where.workspace_id,
        "endpoint": where.endpoint,
        "emulator": where.is_emulator,
    }


def why_document(report: DiagnosedRun) -> Document:
    """The document of `why`, as schemas/diagnosis.v1.schema.json describes it."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": where_document(report.where),
        "name": report.name,
        "job_id": report.job_id or None,
        "run_name": report.called or report.name if report.job_id else None,
        "status": report.status or None,
        "created": time_document(report.created),
        "now": time_document(report.now),
        "ownership": report.ownership.value if report.ownership else None,
        "other_job_ids": list(report.others),
        "plan": report.plan or None,
        "idle": report.idle or None,
        "diagnosis": diagnosis_document(report.diagnosis),
    }


def diagnosis_document(found: Diagnosis) -> Document:
    """A verdict, in `why` and wherever else one is told."""
    return {
        "code": found.code.value,
        "well": found.is_well,
        "what": found.what,
        "certainty": found.certainty.value,
        "pod": found.pod or None,
        "exit_code": found.exit_code,
        "exit_meaning": found.exit_meaning or None,
        "evidence": [_evidence(one) for one in found.evidence],
        "consequences": [_evidence(one) for one in found.consequences],
        "last_lines": [_evidence(one) for one in found.last_lines],
        "history": [
            {"status": move.status, "at": time_document(move.at), "code": move.code, "message": move.message}
            for move in found.history
        ],
        "restarts": [{"at": time_document(one.at), "reason": one.reason} for one in found.restarts],
        "not_seen": [
            {"source": one.source.value, "pod": one.pod or None, "look": one.look.value, "detail": one.detail}
            for one in found.not_seen
        ],
        "next_steps": [{"text": step.text, "command": step.typed or None} for step in found.next_steps],
    }


def _evidence(one: Evidence) -> Document:
    return {"source": one.source.value, "pod": one.pod or None, "at": time_document(one.at), "text": one.text}


def status_document(report: StatusReport) -> Document:
    """The document of `status`, as schemas/status.v1.schema.json describes it."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": where_document(report.where),
        "now": time_document(report.now),
        "about": "runs" if report.is_of_runs else "jobs",
        "jobs": [_status(row) for row in report.rows],
        "more": report.more,
        "unread": report.unread,
        "sees": report.sees.value if report.sees else None,
        "findings": [finding_document(one) for one in report.findings],
    }


def _status(row: StatusRow) -> Document:
    return {
        **_row(row),
        "plan": row.plan,
        "explanation": row.explanation,
        "place": place_document(row.place),
        "reason": {"text": row.reason, "code": row.reason_code, "message": row.reason_message},
        **_progress(row.progress),
        "others": [
            {"job_id": one.job_id, "status": one.status, "owner": one.whose, "ours": one.is_ours}
            for one in row.others
        ],
        "owner": row.owner,
        "ownership": row.ownership.value if row.ownership else None,
        "user": row.user,
        "newest_failed": row.newest_failed,
        "idle": row.idle,
    }


def _progress(progress: RunProgress | None) -> Document:
    """How the run goes; null for what is not known, or has not happened."""
    if progress is None:
        return dict.fromkeys(_PROGRESS_KEYS)
    pods = progress.pods
    values = (
        time_document(progress.started),
        time_document(progress.ended),
        progress.queued_seconds,
        progress.run_seconds,
        {"total": pods.total, "running": pods.running, "failed": pods.failed},
        progress.accelerators,
        _rounded(progress.hours),
        _rounded(progress.ceiling_hours),
        progress.is_unbounded,
        progress.restarts,
    )
    return dict(zip(_PROGRESS_KEYS, values, strict=True))


def time_document(time: datetime | None) -> str | None:
    """The value of a time in documents about runs."""
    return utc_text(time) if time else None


def _rounded(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 3)


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


def _row(row: StatusRow) -> Document:
    return {
        "name": row.name,
        "status": row.status,
        "job_id": row.job_id,
        "created": row.created,
        "duration_seconds": row.duration_seconds,
        "in_sync": row.in_sync,
        "note": row.note,
        "from": row.provenance,
        "run_name": row.called or (row.name if row.job_id else ""),
    }
