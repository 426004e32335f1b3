"""Values to the JSON documents that `schemas/` describes; the order of keys is part of the form."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dlcapply.model.drift import DriftCode
from dlcapply.model.findings import Level
from dlcapply.model.outcomes import Result
from dlcapply.model.verdicts import Verdict
from dlcapply.one_line import printable
from dlcapply.planning import unchanged
from dlcapply.planning.digest import change_digest, document_hash
from dlcapply.planning.totals import total_of, totals_by_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dlcapply.errors import ExitCode
    from dlcapply.model.drift import Drift, DriftReport
    from dlcapply.model.findings import Finding, Place
    from dlcapply.model.jobs import Environment
    from dlcapply.model.outcomes import Outcome, Trouble
    from dlcapply.model.plans import (
        Change,
        ClaimedRun,
        Consent,
        Cost,
        FieldChange,
        Need,
        Plan,
        Scope,
        Spend,
        Target,
        Terms,
    )
    from dlcapply.model.runs import Census
    from dlcapply.planning.restored_plans import SavedPlan
    from dlcapply.rendering.report_rows import (
        ApprovalRow,
        ApprovedPlans,
        StatusRow,
        Unresolved,
        UnresolvedRow,
        WaitedRow,
    )

FORMAT_VERSION = 1
SAVED_PLAN_VERSION = 2
DRIFT_KIND = "Drift"
Document = dict[str, Any]


def to_json(document: Document) -> str:
    """The document as text that ends in a newline; what a terminal would obey or hide is escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    return "".join(f"{printable(row)}\n" for row in text.split("\n"))


def plan_document(plan: Plan) -> Document:
    """The document that `plan -o json` prints, as schemas/plan.v1.schema.json describes it."""
    return {
        "format_version": FORMAT_VERSION,
        "context": asdict(plan.context),
        "environment": _environment(plan.environment),
        "scope": _scope(plan.scope),
        "census": _census(plan.census),
        "changes": [_change(change) for change in plan.changes],
        "summary": {**plan.summary, **unchanged.counts(plan.changes)},
        "totals": _totals(plan.allowed),
        "needs": [_need(need) for need in plan.needs],
        "findings": [finding_document(finding) for finding in plan.findings],
        "digest": plan.digest,
        "apply_command": plan.apply_command,
    }


def saved_plan_document(saved: SavedPlan) -> Document:
    content = {
        "format_version": SAVED_PLAN_VERSION,
        "kind": "SavedPlan",
        "created": saved.created.isoformat(timespec="seconds"),
        "expires": saved.expires.isoformat(timespec="seconds"),
        "request": {
            "paths": list(saved.request.paths),
            "given": list(saved.request.given),
            "variables": list(saved.request.variables),
            "var_file": list(saved.request.var_file),
            "no_preflight": saved.request.no_preflight,
        },
        "plan": plan_document(saved.plan),
    }
    return {**content, "hash": document_hash(content)}


def drift_document(report: DriftReport) -> Document:
    """The document that `plan --drift -o json` prints, as schemas/drift.v1.schema.json describes it."""
    counts = Counter(row.code for row in report.rows)
    return {
        "format_version": FORMAT_VERSION,
        "kind": DRIFT_KIND,
        "context": asdict(report.context),
        "environment": _environment(report.environment),
        "scope": _scope(report.scope),
        "census": _census(report.census),
        "journal": report.has_journal,
        "drift": [_drift(row) for row in report.proven],
        "unclear": [_drift(row) for row in report.unclear],
        "summary": {code.value: counts[code] for code in DriftCode},
        "findings": [finding_document(finding) for finding in report.findings],
    }


def _drift(row: Drift) -> Document:
    return {
        "code": row.code.value,
        "name": row.name,
        "job_id": row.job_id,
        "status": row.status,
        "what": row.what,
        "evidence": row.evidence,
        "hint": row.hint,
        "fields": [asdict(field) for field in row.fields],
        "source": place_document(row.source),
    }


def apply_document(
    outcomes: Sequence[Outcome],
    *,
    exit_code: ExitCode,
    changes: Sequence[Change] = (),
    waited: Sequence[WaitedRow] = (),
) -> Document:
    """What became of the changes, and of the runs that were waited for."""
    counts = Counter(outcome.result for outcome in outcomes)
    return {
        "format_version": FORMAT_VERSION,
        "outcomes": [_outcome(outcome) for outcome in outcomes],
        "summary": {result.value: counts[result] for result in Result} | unchanged.counts(changes),
        "waited": [_waited(row) for row in waited],
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


def status_document(rows: Sequence[StatusRow]) -> Document:
    return {"format_version": FORMAT_VERSION, "jobs": [_row(row) for row in rows]}


def _environment(environment: Environment) -> Document:
    return {"name": environment.name, "view": environment.view.value if environment.view else None}


def _scope(scope: Scope) -> Document:
    return {
        "owner": scope.owner,
        "origin": scope.origin,
        "region": scope.region,
        "workspace_id": scope.workspace_id,
        "endpoint": scope.endpoint,
        "identity": scope.identity.value,
        "prune": scope.prune,
        "select": list(scope.select),
        "exclude": list(scope.exclude),
        "allow_stops": scope.allow_stops,
    }


def _census(census: Census) -> Document:
    return {
        "jobs": census.jobs,
        "since": census.since,
        "calls": census.calls,
        "sees": census.sees.value,
    }


def _need(need: Need) -> Document:
    return {"variable": need.variable, "here": need.here.value, "jobs": list(need.jobs)}


def _change(change: Change) -> Document:
    return {
        "name": change.name,
        "action": change.action.value,
        "reason": {"code": change.reason.code, "text": change.reason.text},
        "source": place_document(change.source),
        "target": _target(change.target),
        "op": change.op,
        "fields": [_field(field) for field in change.fields],
        "spend": _spend(change.spend),
        "consent": _consent(change.consent),
        "claims": [_claim(claim) for claim in change.claims],
        "retry": change.retry,
        "terms": _terms(change.terms),
        "digest": change_digest(change),
        "private": change.private,
        "labels": dict(change.labels),
        "cost": _cost(change.cost),
    }


def _totals(changes: Sequence[Change]) -> Document:
    by_label = {label: asdict(total) for label, total in totals_by_label(changes).items()}
    return {**asdict(total_of(changes)), "by_label": by_label}


def _cost(cost: Cost | None) -> Document | None:
    if cost is None:
        return None
    return {"amount": cost.amount, "currency": cost.currency, "unpriced": list(cost.unpriced)}


def _terms(terms: Terms | None) -> Document | None:
    if terms is None:
        return None
    return {
        "body": terms.body,
        "update": terms.update,
        "token": terms.token,
        "retries": terms.retries,
        "not_after": terms.not_after.isoformat() if terms.not_after else None,
    }


def _claim(claim: ClaimedRun) -> Document:
    return {
        "job_id": claim.job_id,
        "status": claim.status,
        "from": {"owner": claim.giver.owner, "origin": claim.giver.origin},
        "owner": claim.owner,
    }


def place_document(place: Place | None) -> Document | None:
    return {"file": place.file, "line": place.line, "column": place.column} if place else None


def _target(target: Target | None) -> Document | None:
    return {"job_id": target.job_id, "status": target.status} if target else None


def _field(field: FieldChange) -> Document:
    return {
        "path": field.path,
        "kind": field.kind.value,
        "before": field.before,
        "after": field.after,
        "behaviour": field.behaviour.value,
    }


def _spend(spend: Spend | None) -> Document | None:
    if spend is None:
        return None
    return {
        "accelerators": spend.accelerators,
        "hours": spend.hours,
        "unpriced": list(spend.unpriced),
        "cpus": spend.cpus,
        "cpu_hours": spend.cpu_hours,
        "uncounted": list(spend.uncounted),
        "unbounded_by": list(spend.unbounded_by),
        "can_exceed": list(spend.can_exceed),
        "runs": spend.runs,
    }


def _consent(consent: Consent | None) -> Document | None:
    return {"needs": consent.needs, "given": consent.given} if consent else None


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
        "error": _trouble(outcome.error),
    }


def _trouble(trouble: Trouble | None) -> Document | None:
    return {"code": trouble.code, "message": trouble.message, "hint": trouble.hint} if trouble else None


def _waited(one: WaitedRow) -> Document:
    return {
        "name": one.row.name,
        "job_id": one.row.job_id,
        "status": one.row.status,
        "reached": one.reached,
        "failed": one.failed,
        "note": one.row.note,
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
