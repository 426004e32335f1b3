"""Plans and drift as JSON documents, as `schemas/` describes them; the order of keys is part of the form."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from dlcapply.model.drift import DriftCode
from dlcapply.planning import unchanged
from dlcapply.planning.digest import change_digest, document_hash
from dlcapply.planning.totals import total_of, totals_by_label
from dlcapply.rendering.json_documents import FORMAT_VERSION, finding_document, place_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.model.drift import Drift, DriftReport
    from dlcapply.model.jobs import Environment
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
    from dlcapply.rendering.json_documents import Document

SAVED_PLAN_VERSION = 2
DRIFT_KIND = "Drift"


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
        "emulator": census.is_emulator,
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
