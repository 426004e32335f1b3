"""What changes between two states, as the JSON document that schemas/diff.v1.schema.json describes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dlcapply.rendering.json_documents import FORMAT_VERSION, finding_document, place_document

if TYPE_CHECKING:
    from dlcapply.model.diffs import (
        Ceiling,
        Ceilings,
        FileDiff,
        JobDiff,
        SettingsDiff,
        Side,
        StateDiff,
        ValueChange,
    )

Document = dict[str, Any]


def diff_document(diff: StateDiff) -> Document:
    return {
        "format_version": FORMAT_VERSION,
        "before": _side(diff.before),
        "after": _side(diff.after),
        "jobs": [_job(job) for job in diff.jobs],
        "settings": [_settings(one) for one in diff.settings],
        "files": [_file(one) for one in diff.files],
        "summary": diff.summary,
        "notes": list(diff.notes),
    }


def _side(side: Side) -> Document:
    return {
        "name": side.name,
        "commit": side.commit,
        "environment": side.environment,
        "known": not side.trouble,
        "trouble": side.trouble,
        "findings": [finding_document(one) for one in side.findings],
        "ceilings": _ceilings(side.ceilings),
    }


def _ceilings(ceilings: Ceilings) -> Document:
    return asdict(ceilings)


def _job(job: JobDiff) -> Document:
    return {
        "name": job.name,
        "change": job.change.value,
        "formerly": job.formerly,
        "meanings": [{"code": one.code, "text": one.text} for one in job.meanings],
        "fields": [_field(one) for one in job.fields],
        "ceiling": {"before": _ceiling(job.before), "after": _ceiling(job.after)},
        "files": list(job.files),
        "source": {"before": place_document(job.before_at), "after": place_document(job.after_at)},
    }


def _ceiling(ceiling: Ceiling | None) -> Document | None:
    if ceiling is None:
        return None
    return {
        "pods": ceiling.pods,
        "hours": ceiling.hours,
        "runs": ceiling.runs,
        "pod_hours": ceiling.pod_hours,
        "types": list(ceiling.types),
        "unbounded_by": list(ceiling.unbounded_by),
        "can_exceed": list(ceiling.can_exceed),
    }


def _field(one: ValueChange) -> Document:
    return {
        "path": one.path,
        "before": one.before,
        "after": one.after,
        "effect": one.effect,
        "before_at": one.before_at,
        "after_at": one.after_at,
    }


def _settings(one: SettingsDiff) -> Document:
    return {
        "file": one.file,
        "role": one.role.value,
        "change": one.change.value,
        "fields": [_field(field) for field in one.fields],
    }


def _file(one: FileDiff) -> Document:
    return {
        "file": one.file,
        "role": one.role.value,
        "change": one.change.value,
        "jobs": list(one.jobs),
    }
