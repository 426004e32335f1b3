"""Runs that were waited for and not done in time: stopped, where whoever waits asked for that beforehand."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dlcapply.api.acting.meant import StopRequest
from dlcapply.api.acting.stop import signals_of, stop_context, to_stop
from dlcapply.applying.stops_by_hand import Manner, stop_shown
from dlcapply.errors import DlcapplyError, ServiceError
from dlcapply.model.outcomes import StoppedRun

if TYPE_CHECKING:
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
    """Stops runs that are not done in time, one by one, as `dlcapply stop JOBID` does, if that was asked for.

    Only what is this project's, and nothing protects, is stopped; nothing is where somebody leaves off
    waiting. `told` hears of each.
    """

    manifests: Manifests
    service: Service
    is_asked: bool
    interrupt: Interrupt
    told: Forgiving
    stopped: list[StoppedRun] = field(default_factory=list)

    def stop(self, waited: WaitedRun) -> None:
        """The run was told to stop, or what is told says why not."""
        if not self.is_asked or self.interrupt.is_asked or waited.run is None:
            return
        try:
            done = self._stopped(waited)
        except DlcapplyError as error:
            done = StoppedRun(waited.name, waited.job_id, "refused", error.message)
        self.stopped.append(done)
        self.told.stopped(done)

    def _stopped(self, waited: WaitedRun) -> StoppedRun:
        found = to_stop(self.manifests, self.service, StopRequest(names=(waited.job_id,)))
        row = next((row for row in found.rows if row.shown.job_id == waited.job_id), None)
        if row is None:
            return StoppedRun(waited.name, waited.job_id, "ended", "it ended by itself", self._seen(waited))
        if row.protected:
            text = f"not stopped: it is protected ({row.protected})"
            return StoppedRun(waited.name, waited.job_id, "protected", text)
        made = stop_context(self.manifests, self.service, patience=_STOP_PATIENCE)
        context = replace(made, interrupt=self.interrupt)
        (outcome,) = stop_shown([row.shown], context, Manner(), signals_of(self.service))
        return StoppedRun(waited.name, waited.job_id, outcome.result, _text(outcome), outcome.run)

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
