"""Runs of a job as rows: with what changed from each to the next, what it cost, and who ended it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from dlcapply.api.inspecting.addresses import console_of
from dlcapply.api.journals import journal_of, stopped_from_here
from dlcapply.api.runs.measures import Measures, measures_of
from dlcapply.cloud.wire.redaction import redacted, secret_texts
from dlcapply.errors import ServiceError
from dlcapply.model.runs import BAD_ENDS, Ownership, Phase
from dlcapply.model.stop_causes import StopCause, stop_cause
from dlcapply.model.times import utc_text
from dlcapply.planning.marks import FROM_TAG
from dlcapply.planning.ownership import carried
from dlcapply.planning.readable import sound
from dlcapply.planning.run_changes import RunChanges, marks_of, needs_detail, run_changes
from dlcapply.planning.run_progress import progress_of
from dlcapply.planning.whose import whose
from dlcapply.rendering.rows.history import HistoryRow
from dlcapply.repository.provenance import started_from

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.applying.journal import Journal
    from dlcapply.model.jobs import Job
    from dlcapply.model.runs import Run
    from dlcapply.planning.history import History

_THREADS = 8
_LONGEST_CODE = 100
_STOPPERS = {
    StopCause.SOMEBODY: "a person or a program",
    StopCause.TIME_LIMIT: "its time limit",
    StopCause.WORKSPACE: "a rule of the workspace",
    StopCause.UNTOLD: "",
}


@dataclass(frozen=True, slots=True)
class Rows:
    """What runs become rows with."""

    manifests: Manifests
    service: Service
    name: str
    job: Job | None
    of_job: History
    is_all: bool

    def rows(self, chosen: Sequence[Run], limit: int) -> list[HistoryRow]:
        """A row for each of the first `limit`; the next one of ours is what the last is compared with."""
        shown = chosen[:limit]
        changes = self._changes(chosen, {run.job_id for run in shown})
        measures = measures_of(self.service, shown)
        journal = journal_of(self.manifests, self.service)
        return [self._row(run, changes.get(run.job_id), measures, journal) for run in shown]

    def _changes(self, chosen: Sequence[Run], shown: Collection[str]) -> dict[str, tuple[Run, RunChanges]]:
        """By JobId, the run of ours before it and what changed since; asks GetJob where only marks tell."""
        ours = [run for run in chosen if self._is_ours(run)]
        hidden = self.job.hidden if self.job else ()
        pairs = {newer.job_id: (older, newer) for newer, older in pairwise(ours) if newer.job_id in shown}
        found = {job_id: run_changes(*pair, hidden=hidden) for job_id, pair in pairs.items()}
        unclear = [pairs[job_id] for job_id, changes in found.items() if needs_detail(changes)]
        details = self._details({run.job_id: run for pair in unclear for run in pair})
        for older, newer in unclear:
            if older.job_id in details and newer.job_id in details:
                both = details[older.job_id], details[newer.job_id]
                found[newer.job_id] = run_changes(*both, hidden=hidden)
        return {job_id: (pairs[job_id][0], changes) for job_id, changes in found.items()}

    def _details(self, runs: Mapping[str, Run]) -> dict[str, Run]:
        """What GetJob shows of each; without those that it does not show."""

        def detail(run: Run) -> Run | None:
            try:
                return self.service.jobs.detail(run)
            except ServiceError:
                return None

        with ThreadPoolExecutor(max_workers=_THREADS) as pool:
            return {run.job_id: run for run in filter(None, pool.map(detail, runs.values()))}

    def _is_ours(self, run: Run) -> bool:
        if not self.manifests.environment.knows_ours:  # then each run of the name is looked at alike
            return True
        return self.of_job.owners.get(run.job_id) is Ownership.OURS

    def _row(
        self,
        run: Run,
        changed: tuple[Run, RunChanges] | None,
        measures: Measures,
        journal: Journal,
    ) -> HistoryRow:
        token, spec = marks_of(run)
        mark: object = run.tags.get(FROM_TAG)
        started = started_from(mark if isinstance(mark, str) else "")
        older, changes = changed or (None, RunChanges())
        progress = progress_of(run, accelerators=measures.accelerators, now=measures.now)
        is_bad = run.phase in BAD_ENDS
        reason = redacted(run.reason_message, secret_texts(sound(run.body))) if is_bad else ""
        return HistoryRow(
            job_id=run.job_id,
            name=run.name,
            status=run.status,
            whose=self._whose(run),
            created=run.created,
            started=_text(progress.started),
            ended=_text(progress.ended),
            queued_seconds=progress.queued_seconds,
            run_seconds=progress.run_seconds,
            accelerator_hours=progress.hours,
            token=token,
            spec=spec,
            since=older.job_id if older else "",
            same_spec=changes.same_spec,
            former_token=marks_of(older)[0] if older else "",
            is_first=older is None and self.is_all and self._is_ours(run),
            changes=changes.fields,
            commit=started.commit,
            actor=started.actor,
            ci_run=started.run,
            reason_code=run.reason_code[:_LONGEST_CODE] if is_bad else "",
            reason=reason,
            stopped_by=_stopped_by(run, journal),
            notes=tuple(_notes(run, self)),
            console=console_of(self.manifests.environment, run).url,
        )

    def _whose(self, run: Run) -> str:
        """Whose the run is, where it is not ours."""
        ownership = self.of_job.owners.get(run.job_id, Ownership.UNMARKED)
        if ownership is Ownership.OURS:
            return ""
        if not self.manifests.environment.knows_ours:
            return carried(run).owner or "nobody's mark"
        return whose(run, ownership)


def _text(time: datetime | None) -> str:
    return utc_text(time) if time else ""


def _stopped_by(run: Run, journal: Journal) -> str:
    """Who stopped the run: PAI says at most that somebody asked for it, and our journal whether we did."""
    if run.phase not in {Phase.STOPPED, Phase.STOPPING}:
        return ""
    if from_here := stopped_from_here(journal, run):
        return from_here
    return _STOPPERS[stop_cause(run)]


def _notes(run: Run, rows: Rows) -> Iterator[str]:
    if run.name != rows.name:
        yield f"ran as {run.name}"
    if run.body.get("IsDeleted") is True:
        yield "deleted: PAI keeps its row alone"
    if run.claim is not None and rows.of_job.owners.get(run.job_id) is Ownership.OURS:
        giver = run.claim.giver.owner
        yield f"counts as this job's by a claim{f', and was of {giver}' if giver else ''}"
