"""The queues of an environment's quotas: who runs, who waits and where, as far as PAI lets it be seen."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.api.where import where_of
from dlcapply.cloud.active_jobs import active_runs
from dlcapply.cloud.quotas import names_in, quota, quotas_of, workloads
from dlcapply.cloud.wire.redaction import redacted, secret_texts
from dlcapply.cloud.wire.values import quantity, whole
from dlcapply.errors import DlcapplyError, FailureKind, ServiceError
from dlcapply.manifest.near_names import meant_names
from dlcapply.model.jobs import Identity
from dlcapply.model.queues import Amount, Queue, Quota, Workload
from dlcapply.model.runs import QUEUED, Ownership
from dlcapply.model.times import moment
from dlcapply.planning.ownership import owners_of
from dlcapply.rendering.rows.inspection import QueueReport, Queues, WaitingRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.cloud.wire.connection import Connection
    from dlcapply.model.queues import Place
    from dlcapply.model.runs import Run

_NO_QUOTA = "No quota is in use here. Of the queue for public resources PAI shows no more than statuses."
_NONE_NAMED = "No job here names a quota, and whether the workspace has one can't be seen."
_FROM_JOBS = "Who waits is what ListJobs shows of this workspace: no places, and nothing of others."
_NO_TIME = "How long who waits has waited is not known: no answer of PAI told the time."
_MOST_NAMED = 20
_MOST_LOOKED_UP = 2_000  # whether they are ours takes a call for each hundred
_OF_JOBS = frozenset({"", "dlc"})


def queues(manifests: Manifests, service: Service, words: Sequence[str] = ()) -> Queues:
    """The queues of the quotas that are named by id or name; without words of all that are in use here.

    Those are the workspace's, and those that manifests name. Where PaiStudio does not tell of them, or who
    waits, the queues are what ListJobs shows of the workspace's own jobs, and a note says so. Raises
    DlcapplyError for a quota that is not there, ServiceError where ListJobs gives no answer either.
    """
    notes: list[str] = []
    none = _NO_QUOTA
    try:
        studio = service.studio()
        attached = quotas_of(studio, manifests.environment.workspace_id)
        wanted = _chosen(studio, attached, words) if words else _usual(studio, attached, manifests)
    except ServiceError as error:
        (found, unread), none = _from_jobs(manifests, service, words), _NONE_NAMED
        notes += _lesser(error, unread)
    else:
        try:
            found = _from_studio(manifests, service, studio, wanted)
        except ServiceError as error:
            ids = [one.quota_id for one in wanted]
            listed, unread = _from_jobs(manifests, service, ids) if wanted else ([], 0)
            found = [replace(report, quota=one) for report, one in zip(listed, wanted, strict=True)]
            notes += _lesser(error, unread)
    if not found:
        notes.append(none)
    now = service.now()
    if now is None and any(one.waiting for one in found):
        notes.append(_NO_TIME)
    where, quotas = where_of(manifests.environment, service), tuple(sorted(found, key=_interest))
    return Queues(where, now, quotas, tuple(notes), manifests.names)


def _lesser(error: ServiceError, unread: int) -> Iterator[str]:
    """Says that the queue itself can't be seen, what to do about that, and what is shown instead.

    `unread` are jobs that may be in it, and can't be read.
    """
    yield f"PaiStudio, which knows the queues, could not be asked: {error.message}"
    if error.hint:
        yield f"To see the queue itself: {error.hint}"
    yield _FROM_JOBS
    if unread:
        yield f"Jobs that can't be read are not counted: {unread:,}."


def _interest(one: QueueReport) -> tuple[bool, bool, str]:
    """Queues that ours wait in come first, then those that somebody waits in."""
    has_ours = any(row.is_ours for row in one.waiting)
    return not has_ours, not one.waiting, one.quota.name or one.quota.quota_id


def _from_studio(
    manifests: Manifests, service: Service, studio: Connection, wanted: Sequence[Quota]
) -> list[QueueReport]:
    shown = [(one, workloads(studio, one.quota_id)) for one in wanted]
    ours = _Ours.of(manifests, service, [one for _, queue in shown for one in queue.workloads])
    return [_report(one, queue, ours) for one, queue in shown]


def _chosen(studio: Connection, attached: Sequence[Quota], words: Sequence[str]) -> list[Quota]:
    """The quotas of these ids or names; one that is not attached to the workspace is asked for by its id."""
    known = {key: one for one in attached for key in (one.name, one.quota_id)}
    return [known.get(word) or _asked_for(studio, word, known) for word in dict.fromkeys(words)]


def _asked_for(studio: Connection, word: str, known: Mapping[str, Quota]) -> Quota:
    try:
        return quota(studio, word)
    except ServiceError as error:
        if not _is_unknown(error):
            raise
        names = sorted({one.name or one.quota_id for one in known.values()})
        hint = meant_names(word, set(known)) or f"there are: {', '.join(names[:_MOST_NAMED]) or 'none'}"
        raise DlcapplyError(f"there is no quota {word}", hint=hint) from None


def _usual(studio: Connection, attached: Sequence[Quota], manifests: Manifests) -> list[Quota]:
    """The quotas of the workspace, and those that manifests name, if they are there at all."""
    known = {one.quota_id: one for one in attached}
    for quota_id in sorted(_declared(manifests) - known.keys()):
        try:
            known[quota_id] = quota(studio, quota_id)
        except ServiceError as error:
            if not _is_unknown(error):
                raise
    return list(known.values())


def _is_unknown(error: ServiceError) -> bool:
    """Whether PaiStudio knows no such quota; which of the two it answers then is not documented."""
    return error.kind is FailureKind.REFUSED and error.status in {400, 404}


def _declared(manifests: Manifests) -> set[str]:
    return {name for job in manifests.jobs for name in names_in(job.spec)}


@dataclass(frozen=True, slots=True)
class _Ours:
    """Which workloads are runs of ours, and of which job: the name of the job by JobId."""

    jobs: Mapping[str, str]

    @classmethod
    def of(cls, manifests: Manifests, service: Service, found: Iterable[Workload]) -> _Ours:
        """What ListJobs says of those that may be jobs of this workspace."""
        here = {"", manifests.environment.workspace_id}
        jobs = [one for one in found if one.product in _OF_JOBS and one.workspace_id in here]
        asked = [one.workload_id for one in sorted(jobs, key=lambda one: not one.is_waiting)]
        environment = manifests.environment
        names = {name for job in manifests.jobs for name in job.names}
        owner = environment.owner if environment.identity is Identity.MARKS else ""
        return cls.among(
            manifests, service.jobs.runs_among(asked[:_MOST_LOOKED_UP], names=names, owner=owner)
        )

    @classmethod
    def among(cls, manifests: Manifests, runs: Iterable[Run]) -> _Ours:
        environment, found = manifests.environment, list(runs)
        if not environment.knows_ours:
            return cls({})
        owners = owners_of(found, environment=environment)
        jobs = {name: job.name for job in manifests.jobs for name in job.names}
        ours = (run for run in found if owners[run.job_id] is Ownership.OURS)
        return cls({run.job_id: jobs.get(run.name, run.name) for run in ours})


def _report(one: Quota, queue: Queue, ours: _Ours) -> QueueReport:
    running, waiting = queue.running, queue.waiting
    asked = _asked(waiting)
    rows = zip(waiting, queue.places(), strict=True)
    return QueueReport(
        one,
        running=len(running),
        running_ours=sum(work.workload_id in ours.jobs for work in running),
        waiting=tuple(_row(_told(work), place, ours, asked) for work, place in rows),
        is_whole=queue.is_whole,
        held_unseen=_unseen(one, running),
    )


def _unseen(one: Quota, running: Sequence[Workload]) -> float:
    """How many accelerators of the quota are held by workloads that PAI does not show."""
    held, shown = one.held.accelerators, [work.asks.accelerators for work in running]
    known = [asks for asks in shown if asks is not None]
    return 0.0 if held is None or len(known) < len(shown) else max(0.0, held - sum(known))


def _told(work: Workload) -> Workload:
    """The workload with what is said of it as it may be shown."""
    return replace(work, reason=redacted(work.reason), code=redacted(work.code))


def _asked(waiting: Sequence[Workload]) -> list[float | None]:
    """How many accelerators the first so many ask for; None from the first on of which it is not known."""
    sums: list[float | None] = [0.0]
    for work in waiting:
        before, asks = sums[-1], work.asks.accelerators
        sums.append(None if before is None or asks is None else before + asks)
    return sums


def _row(work: Workload, place: Place | None, ours: _Ours, asked: Sequence[float | None]) -> WaitingRow:
    """The workload as a row; `asked` is what the first so many of the queue ask for."""
    job = ours.jobs.get(work.workload_id, "")
    if place is None:
        return WaitingRow(work, None, bool(job), job)
    return WaitingRow(
        work,
        place.number,
        bool(job),
        job,
        ahead=len(place.ahead),
        ahead_asks=asked[len(place.ahead)],
        unseen=place.unseen,
    )


def _from_jobs(manifests: Manifests, service: Service, words: Sequence[str]) -> tuple[list[QueueReport], int]:
    """What waits and runs on each quota that jobs of the workspace name, or that is asked for.

    And how many jobs can't be read.
    """
    runs, unread = active_runs(service.jobs)
    ours = _Ours.among(manifests, runs)
    by_quota: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        for name in names_in(run.body):
            by_quota[name].append(run)
    wanted = list(dict.fromkeys(words)) or sorted(by_quota.keys() | _declared(manifests))
    return [_listed(name, by_quota[name], ours) for name in wanted], unread


def _listed(quota_id: str, runs: Sequence[Run], ours: _Ours) -> QueueReport:
    waiting = [run for run in runs if run.status in QUEUED]
    waiting.sort(key=lambda run: (-(whole(run.body.get("Priority")) or 0), *run.age_key))
    running = [run for run in runs if run.status not in QUEUED]
    name = next((str(run.body["ResourceQuotaName"]) for run in runs if _is_named(run)), "")
    return QueueReport(
        Quota(quota_id, name),
        running=len(running),
        running_ours=sum(run.job_id in ours.jobs for run in running),
        waiting=tuple(_of_run(run, ours) for run in waiting),
        is_listed=True,
    )


def _is_named(run: Run) -> bool:
    name = run.body.get("ResourceQuotaName")
    return isinstance(name, str) and bool(name)


def _of_run(run: Run, ours: _Ours) -> WaitingRow:
    user = run.body.get("Username")
    work = Workload(
        workload_id=run.job_id,
        name=run.name,
        product="dlc",
        status=run.status,
        is_waiting=True,
        priority=whole(run.body.get("Priority")),
        asks=Amount(quantity(run.body.get("RequestGPU")), quantity(run.body.get("RequestCPU"))),
        code=redacted(run.reason_code),
        reason=redacted(run.reason_message, secret_texts(run.body)),
        user=user if isinstance(user, str) else "",
        enqueued=moment(run.body.get("GmtSubmittedTime")) or run.created_at,
    )
    job = ours.jobs.get(run.job_id, "")
    return WaitingRow(work, None, bool(job), job)
