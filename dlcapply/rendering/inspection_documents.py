"""The JSON documents of reports about one run, or about queues, as schemas/ has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.rendering.json_documents import FORMAT_VERSION, time_document, where_document

if TYPE_CHECKING:
    from dlcapply.model.curves import Curve, Curves
    from dlcapply.model.queues import Amount
    from dlcapply.model.tensorboards import Tensorboard
    from dlcapply.rendering.rows.inspection import (
        Addresses,
        Checked,
        CheckRow,
        Measured,
        QueueReport,
        Queues,
        RunHead,
        TensorboardDone,
        WaitingRow,
    )

Document = dict[str, Any]


def _head(head: RunHead) -> Document:
    return {
        "format_version": FORMAT_VERSION,
        "environment": where_document(head.where),
        "run": {
            "name": head.name,
            "job_id": head.job_id,
            "status": head.status,
            "ours": head.is_ours,
            "run_name": head.called or head.name,
        },
    }


def metrics_document(measured: Measured) -> Document:
    """The document of `metrics`, as schemas/metrics.v1.schema.json describes it."""
    metrics = [_metric(one) for one in measured.metrics]
    return {**_head(measured.head), "metrics": metrics, "notes": list(measured.notes)}


def _metric(curves: Curves) -> Document:
    return {
        "metric": curves.metric,
        "source": curves.source,
        "start": time_document(curves.start),
        "end": time_document(curves.end),
        "step_seconds": int(curves.step),
        "pods": [_curve(curve) for curve in curves.curves],
    }


def _curve(curve: Curve) -> Document:
    return {
        "pod_id": curve.pod_id,
        "min": curve.low,
        "median": curve.middle,
        "max": curve.high,
        "last": curve.last,
        "points": [{"at": time_document(point.at), "value": point.value} for point in curve.points],
    }


def sanity_document(checked: Checked) -> Document:
    """The document of `sanity`, as schemas/sanity.v1.schema.json describes it."""
    checks = [_check(row) for row in checked.rows]
    failed = sum(row.check.has_failed for row in checked.rows)
    return {**_head(checked.head), "enabled": checked.is_enabled, "checks": checks, "failed": failed}


def _check(row: CheckRow) -> Document:
    check = row.check
    return {
        "number": check.number,
        "phase": check.phase,
        "status": check.status,
        "failed": check.has_failed,
        "message": check.message,
        "nodes": list(row.nodes),
        "started": time_document(check.started),
        "finished": time_document(check.finished),
    }


def queues_document(queues: Queues) -> Document:
    """The document of `queue`, as schemas/queue.v1.schema.json describes it."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": where_document(queues.where),
        "now": time_document(queues.now),
        "quotas": [_queue(one) for one in queues.quotas],
        "notes": list(queues.notes),
    }


def _queue(one: QueueReport) -> Document:
    return {
        "quota_id": one.quota.quota_id,
        "name": one.quota.name,
        "resource_type": one.quota.resource_type,
        "status": one.quota.status,
        "strategy": one.quota.strategy,
        "source": "ListJobs" if one.is_listed else "PaiStudio",
        "complete": one.is_whole and not one.is_listed,
        "size": _amount(one.quota.size),
        "held": _amount(one.quota.held),
        "free": _amount(one.quota.free),
        "held_unseen": one.held_unseen,
        "running": one.running,
        "running_ours": one.running_ours,
        "waiting": [_waiting(row) for row in one.waiting],
    }


def _amount(amount: Amount) -> Document:
    return {"accelerators": amount.accelerators, "cpus": amount.cpus, "memory_gib": amount.memory}


def _waiting(row: WaitingRow) -> Document:
    work = row.workload
    return {
        "place": row.number,
        "workload_id": work.workload_id,
        "name": work.name,
        "product": work.product,
        "status": work.status,
        "user": work.user,
        "ours": row.is_ours,
        "job": row.job or None,
        "asks": _amount(work.asks),
        "priority": work.priority,
        "enqueued": time_document(work.enqueued),
        "code": work.code,
        "reason": work.reason,
        "ahead": row.ahead,
        "ahead_unseen": row.unseen,
    }


def open_document(found: Addresses) -> Document:
    """The document of `open`, as schemas/open.v1.schema.json describes it."""
    addresses = [{"kind": one.kind, "url": one.url or None, "note": one.note} for one in found.addresses]
    boards = [_board(one) for one in found.tensorboards]
    return {**_head(found.head), "addresses": addresses, "tensorboards": boards, "notes": list(found.notes)}


def tensorboard_document(done: TensorboardDone) -> Document:
    """The document of `open --tensorboard`: that of `open`, with what was done."""
    return {
        **_head(done.step.head),
        "addresses": [],
        "tensorboards": [_board(one) for one in done.tensorboards],
        "notes": list(done.notes),
        "done": done.step.action,
    }


def _board(one: Tensorboard) -> Document:
    return {
        "tensorboard_id": one.tensorboard_id,
        "name": one.name,
        "status": one.status,
        "summary_path": one.summary_path,
        "url": one.address or None,
        "user": one.user,
        "minutes": one.minutes,
    }
