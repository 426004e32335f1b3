"""The JSON documents about runs: how they are, were and why; what happened to them, and their logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.planning.run_changes import CIRCUMSTANCE, NOTE, RESULT
from dlcapply.rendering.json_documents import (
    FORMAT_VERSION,
    Document,
    finding_document,
    place_document,
    time_document,
    where_document,
)
from dlcapply.rendering.text.log_lines import time_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.diagnosis.verdicts import Diagnosis, Evidence
    from dlcapply.model.runs import Run
    from dlcapply.planning.run_progress import RunProgress
    from dlcapply.rendering.rows.diagnosis import DiagnosedRun
    from dlcapply.rendering.rows.history import HistoryRow, RunHistory
    from dlcapply.rendering.rows.logs import EventRow, SavedLogRow
    from dlcapply.rendering.rows.status import StatusReport, StatusRow
    from dlcapply.rendering.rows.where import Where

_PROGRESS_KEYS = (
    *("started", "ended", "queued_seconds", "run_seconds", "pods", "accelerators"),
    *("accelerator_hours", "accelerator_hours_ceiling", "unbounded", "restarts"),
)
_CAN_CHANGE = {RESULT: "result", CIRCUMSTANCE: "circumstances", NOTE: "nothing"}


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
        "unmeasured": row.unmeasured,
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


def _rounded(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 3)


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
        "whose": report.whose,
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
