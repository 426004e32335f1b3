"""Runs that were waited for and not done in time: stopped, where whoever waits asked for that beforehand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dlcapply.api.acting.meant import StopRequest
from dlcapply.api.acting.stop import signals_of, stop_context, to_stop
from dlcapply.api.options import AT_A_TIME
from dlcapply.applying.stops_by_hand import Manner, stop_shown
from dlcapply.errors import DlcapplyError, ServiceError
from dlcapply.model.outcomes import StoppedRun
from dlcapply.model.stops import ShownRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.waiting.progress import Forgiving
    from dlcapply.applying.interrupt import Interrupt
    from dlcapply.model.runs import Run
    from dlcapply.model.stops import StopOutcome
    from dlcapply.operating.following import WaitedRun

# How long a run may take to stop while somebody looks; StopJob itself is answered at once.
_STOP_PATIENCE = 60.0


@dataclass(slots=True)
class TimedOut:
    """Stops runs that are not done in time, as `dlcapply stop JOBID` does, if that was asked for.

    Only what is this project's, and nothing protects, is stopped; nothing is where somebody leaves off
    waiting. `told` hears of each.
    """

    manifests: Manifests
    service: Service
    is_asked: bool
    interrupt: Interrupt
    told: Forgiving
    stopped: list[StoppedRun] = field(default_factory=list)

    def stop(self, *late: WaitedRun) -> None:
        """The runs were told to stop before any is waited for, or what is told says why not."""
        shown = [one for one in late if one.run is not None]
        if not self.is_asked or self.interrupt.is_asked or not shown:
            return
        with ThreadPoolExecutor(max_workers=AT_A_TIME) as pool:
            meant = dict(zip((one.job_id for one in shown), pool.map(self._meant, shown), strict=True))
        known = {job_id: one for job_id, one in meant.items() if isinstance(one, StoppedRun)}
        known |= self._stop([one for one in meant.values() if isinstance(one, ShownRun)])
        for one in shown:
            done = replace(known[one.job_id], name=one.name)
            self.stopped.append(done)
            self.told.stopped(done)

    def _meant(self, waited: WaitedRun) -> ShownRun | StoppedRun:
        """The run as it is to be stopped, or why it is not."""
        request = StopRequest(names=(waited.job_id,), by_id=True)
        try:
            found = to_stop(self.manifests, self.service, request)
        except DlcapplyError as error:
            return StoppedRun(waited.name, waited.job_id, "refused", error.message)
        if not found.rows:
            return StoppedRun(waited.name, waited.job_id, "ended", "it ended by itself", self._seen(waited))
        (row,) = found.rows
        if row.protected:
            text = f"not stopped: it is protected ({row.protected})"
            return StoppedRun(waited.name, waited.job_id, "protected", text)
        return row.shown

    def _stop(self, shown: Sequence[ShownRun]) -> dict[str, StoppedRun]:
        made = stop_context(self.manifests, self.service, patience=_STOP_PATIENCE)
        context = replace(made, interrupt=self.interrupt)
        done = stop_shown(shown, context, Manner(parallelism=AT_A_TIME), signals_of(self.service))
        return {
            one.job_id: StoppedRun(one.shown.name, one.job_id, one.result, _text(one), one.run)
            for one in done
        }

    def _seen(self, waited: WaitedRun) -> Run | None:
        """The run as it is listed now, if it is."""
        with suppress(ServiceError):
            return next(iter(self.service.jobs.runs_by_id([waited.job_id])), None)
        return None


def _text(outcome: StopOutcome) -> str:
    if outcome.error is not None:
        return f"not stopped: {outcome.error.message}"
    return {
        "stopped": "stopped, as it was not done in time",
        "stopping": "told to stop, as it was not done in time",
    }.get(outcome.result, "it ended by itself")
