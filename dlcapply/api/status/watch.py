"""Status, looked at again and again: at most a call a second, however many runs there are.

Known runs are asked for by their JobIds, a hundred a call; one more call shows what is new. Everything is
looked at anew only where a run came, or has another status: then a plan may say something else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.api.runs.measures import Measures, measures_of
from dlcapply.api.runs.sight import with_sight
from dlcapply.api.status.rows import updated_row
from dlcapply.api.status.status import look, status_report
from dlcapply.cloud.job_rows import owner_of
from dlcapply.cloud.listing import BEGINNING, PAGE_SIZE
from dlcapply.cloud.workspace_runs import newest_rows
from dlcapply.errors import DlcapplyError
from dlcapply.model.times import utc_text
from dlcapply.planning.run_progress import lets_go

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.status.status import StatusOptions
    from dlcapply.model.jobs import Spec
    from dlcapply.model.runs import Run
    from dlcapply.rendering.rows.status import StatusReport

# How long a run may take to be listed: what was created since then may be news.
_LAG = timedelta(minutes=10)
_A_CALL = 1.0  # seconds
_MOST_CALLS = 10  # of one look, as long as no more are needed for the runs that are known
_BETWEEN_NEWS = 30.0  # seconds, where looking for what is new would be one more
_BETWEEN_WHOLE = 300.0  # seconds: time alone changes what is pending, as where a freeze ends


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen last; `trouble` is why the newest look showed nothing."""

    report: StatusReport
    trouble: str = ""


def watched(
    manifests: Manifests,
    service: Service,
    words: Sequence[str],
    options: StatusOptions,
    *,
    interval: float,
) -> Iterator[Watched]:
    """What is live, whenever more of it is known; without end. Sleeps on the service's clock between looks.

    Raises as `status_report` does where the first look fails; a later one that fails is told, and repeated.
    """
    began = service.clock.monotonic()
    report = status_report(manifests, service, words, options)
    yield from _Watch(manifests, service, words, options, report, began=began).looks(interval)


@dataclass(slots=True)
class _Watch:
    """What was seen last, and when the last step `began`, by the monotonic clock, after so many `calls`."""

    manifests: Manifests
    service: Service
    words: Sequence[str]
    options: StatusOptions
    report: StatusReport
    known: set[str] = field(default_factory=set)
    measures: Measures = field(default_factory=Measures)
    began: float = 0.0
    sought_news: float = 0.0
    whole_since: float = 0.0
    calls: int = 0

    def looks(self, interval: float) -> Iterator[Watched]:
        self._note()
        yield Watched(self.report)
        while True:
            self._sleep_until(self.began + max(interval, _A_CALL))
            try:
                for _ in self._again():
                    yield Watched(self.report)
            except DlcapplyError as error:
                yield Watched(self.report, trouble=error.message)

    def _again(self) -> Iterator[None]:
        """What is new of each hundred runs in turn; then everything anew, where that is not enough."""
        going_on = [row.job_id for row in self.report.rows if row.job_id and not lets_go(row.status)]
        batches = [going_on[at : at + PAGE_SIZE] for at in range(0, len(going_on), PAGE_SIZE)]
        now = self.service.clock.monotonic()
        seeks_news = len(batches) < _MOST_CALLS or now - self.sought_news >= _BETWEEN_NEWS
        if seeks_news and len(batches) >= _MOST_CALLS:
            batches = []  # that look is at what is new alone
        has_changed = now - self.whole_since >= _BETWEEN_WHOLE
        for batch in batches:
            self._pace()
            runs = {run.job_id: run for run in self.service.jobs.runs_by_id(batch)}
            has_changed |= _have_changed(self.report, batch, runs)
            self._update(runs)
            yield
        if (seeks_news and self._has_news()) or has_changed:
            self._pace()
            looked = look(self.manifests, self.service, self.words, self.options)
            self.report = with_sight(looked, self.manifests, self.service, known=self.report.sees)
            self._note()
        self.report = replace(self.report, now=self.service.now())
        yield

    def _note(self) -> None:
        """What the report shows is no news; it was made anew. What could not be measured is tried again."""
        if self.measures.trouble:
            self.measures = Measures()
        self.whole_since = self.service.clock.monotonic()
        for row in self.report.rows:
            self.known |= {row.job_id, *(one.job_id for one in row.others)}

    def _update(self, runs: Mapping[str, Run]) -> None:
        self.measures = measures_of(self.service, runs.values(), self.measures)
        rows = (
            updated_row(row, runs[row.job_id], self.measures) if row.job_id in runs else row
            for row in self.report.rows
        )
        self.report = replace(self.report, rows=tuple(rows), now=self.service.now())

    def _has_news(self) -> bool:
        """Whether a run was created lately that is not known, and may be a row."""
        self._pace()
        self.sought_news = self.service.clock.monotonic()
        now = self.service.now()
        since = utc_text(now - _LAG) if now else BEGINNING
        rows, _ = newest_rows(self.service.jobs, most=PAGE_SIZE, since=since)
        new = [row for row in rows if row["JobId"] not in self.known]
        self.known |= {row["JobId"] for row in new}
        return any(map(self._may_be_shown, new))

    def _may_be_shown(self, row: Spec) -> bool:
        if not (self.manifests.loaded.documents or self.words) or self.options.all or self.options.unmanaged:
            return True
        names = {*self.words, *(name for job in self.manifests.jobs for name in job.names)}
        owner = self.manifests.environment.owner
        return row["DisplayName"] in names or (bool(owner) and owner_of(row) == owner)

    def _pace(self) -> None:
        """As many seconds have passed since the last step as it made calls."""
        made = self.service.jobs.calls - self.calls
        self._sleep_until(self.began + _A_CALL * made)
        self.began, self.calls = self.service.clock.monotonic(), self.service.jobs.calls

    def _sleep_until(self, moment: float) -> None:
        left = moment - self.service.clock.monotonic()
        if left > 0:
            self.service.clock.sleep(left)


def _have_changed(report: StatusReport, job_ids: Collection[str], runs: Mapping[str, Run]) -> bool:
    """Whether one of the runs has another status than in the report, or is not shown any more."""
    before = {row.job_id: row.status for row in report.rows}
    return any(job_id not in runs or runs[job_id].status != before[job_id] for job_id in job_ids)
