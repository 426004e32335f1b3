"""All runs of a job, newest first, with what changed from each to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dlcapply.api.history.rows import Rows
from dlcapply.api.journals import journal_of
from dlcapply.api.runs.named import is_job_id, no_run
from dlcapply.api.where import where_of
from dlcapply.cloud.newest import newest_runs
from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.model.runs import Ownership
from dlcapply.model.times import utc_text
from dlcapply.planning.history import NO_RUNS, histories
from dlcapply.rendering.rows.history import HistoryRow, RunHistory
from dlcapply.repository.provenance import started_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.cloud.newest import NewestRuns
    from dlcapply.model.jobs import Job
    from dlcapply.model.runs import Run
    from dlcapply.planning.history import History

LIMIT = 20
MOST = 10_000
# PAI may list late what it has created.
_LISTED_BY = timedelta(minutes=10)


def history(
    manifests: Manifests, service: Service, name: str, *, limit: int = LIMIT, all_owners: bool = False
) -> RunHistory:
    """The `limit` newest runs of the job `name`, or of the one whose run has that JobId.

    `all_owners` shows the runs of the name that are not ours too; without it they are shown only where there
    is no run of ours, nobody says whose ours are, or one of them is asked for by its JobId.
    Raises DlcapplyError where there is none, ServiceError where PAI gives no answer.
    """
    if not 0 < limit <= MOST:
        raise UsageError(f"a history shows from 1 to {MOST:,} runs")
    look = _Look(manifests, service, limit, all_owners or not manifests.environment.knows_ours)
    asked, found = look.found(name)
    of_job = look.histories(asked, found.runs).get(asked.name, NO_RUNS)
    is_of_others = any(run.job_id == name for run in found.runs) and not _is_ours(name, of_job)
    chosen, others = _chosen(asked, found, of_job, shows_all=look.shows_all or is_of_others)
    gone = list(_gone(manifests, service, asked, found)) if found.is_all else []
    if not chosen and not gone:
        raise no_run(manifests, service, asked.name, asked.job)
    rows = Rows(manifests, service, asked.name, asked.job, of_job, found.is_all).rows(chosen, limit)
    return RunHistory(
        where_of(manifests.environment, service),
        asked.name,
        asked.names,
        tuple(sorted((*rows, *gone), key=lambda row: row.created, reverse=True)[:limit]),
        is_all=found.is_all and len(chosen) + len(gone) <= limit,
        limit=limit,
        looked_at=found.looked_at,
        others=others,
        now=service.now(),
        place=asked.job.place if asked.job else None,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """The job that is meant: of a manifest, or what a name alone says."""

    name: str
    names: tuple[str, ...]
    job: Job | None


@dataclass(frozen=True, slots=True)
class _Look:
    """One look for the runs of a name: how many, and whether whoever's they are."""

    manifests: Manifests
    service: Service
    limit: int
    shows_all: bool

    def found(self, word: str) -> tuple[_Asked, NewestRuns]:
        """The job, and its newest runs; where the word names none, the job whose run has it as its JobId."""
        asked = self._asked(word)
        found = self._newest(asked)
        is_of_a_run = asked.job is None and is_job_id(self.service, word, found.runs)
        run = self.service.jobs.find(word) if is_of_a_run else None
        if run is None:
            return asked, found
        asked = self._asked(run.name)
        return asked, self._newest(asked)

    def histories(self, asked: _Asked, runs: Iterable[Run]) -> Mapping[str, History]:
        jobs = [asked.job] if asked.job else []
        return histories(runs, environment=self.manifests.environment, jobs=jobs)

    def _asked(self, name: str) -> _Asked:
        """The job of this name, or the one that was called so."""
        jobs = self.manifests.jobs
        named = [job for job in jobs if job.name == name] or [job for job in jobs if name in job.names]
        return _Asked(named[0].name, named[0].names, named[0]) if named else _Asked(name, (name,), None)

    def _newest(self, asked: _Asked) -> NewestRuns:
        """One more of each name than is shown: what changed is told of the oldest that is shown, too."""

        def enough(runs: Sequence[Run]) -> bool:
            if self.shows_all:
                return len(runs) > self.limit
            return sum(len(one.ours) for one in self.histories(asked, runs).values()) > self.limit

        return newest_runs(self.service.jobs, asked.names, enough=enough)


def _chosen(asked: _Asked, found: NewestRuns, of_job: History, *, shows_all: bool) -> tuple[list[Run], int]:
    """The runs to be shown, newest first, and how many others of the name there are."""
    ours = [run for run in found.runs if _is_ours(run.job_id, of_job)]
    disputed = {run.job_id for run in of_job.disputed}
    related = {run.job_id for run in (*of_job.rivals, *of_job.past, *of_job.disputed)}
    others = [
        run
        for run in found.runs
        if not _is_ours(run.job_id, of_job) and (run.name == asked.name or run.job_id in related)
    ]
    if shows_all or not ours:
        shown = {run.job_id for run in (*ours, *others)}
    else:
        shown = {run.job_id for run in ours} | disputed
    return [run for run in found.runs if run.job_id in shown], sum(run.job_id not in shown for run in others)


def _is_ours(job_id: str, of_job: History) -> bool:
    return of_job.owners.get(job_id) is Ownership.OURS


def _gone(manifests: Manifests, service: Service, asked: _Asked, found: NewestRuns) -> Iterator[HistoryRow]:
    """The runs that were created from here, and that PAI lists no more."""
    try:
        created = journal_of(manifests, service).created_of(asked.names)
    except DlcapplyError:
        return
    known = {run.job_id for run in found.runs}
    now = service.clock.now()  # as the journal's times are
    for job_id, entry in created.items():
        if job_id not in known and now - entry["time"] > _LISTED_BY:
            yield _gone_row(job_id, entry)


def _gone_row(job_id: str, entry: Mapping[str, Any]) -> HistoryRow:
    started = started_from(str(entry.get("from") or ""))
    return HistoryRow(
        job_id,
        str(entry["name"]),
        "not listed",
        created=utc_text(entry["time"]),
        commit=started.commit,
        actor=started.actor,
        ci_run=started.run,
        notes=("created from here, and not listed any more: somebody deleted it, or it is hidden",),
    )
