"""Waiting for runs with everything that a person would look after: images, stalls, time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dlcapply.api.options import SETTLE, STOP
from dlcapply.api.waiting.explaining import Explainer, Stalls
from dlcapply.api.waiting.followed_logs import FollowedLogs
from dlcapply.api.waiting.image_pulls import ImagePulls
from dlcapply.api.waiting.timed_out import TimedOut
from dlcapply.api.waiting.watching import LONGEST_PAUSE, watch
from dlcapply.operating.following import Following, Milestone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.options import WaitOptions
    from dlcapply.api.runs.named import NamedRun
    from dlcapply.api.waiting.progress import Forgiving
    from dlcapply.api.waiting.watching import Keeper
    from dlcapply.applying.interrupt import Interrupt
    from dlcapply.diagnosis.verdicts import Diagnosis
    from dlcapply.model.outcomes import StoppedRun
    from dlcapply.operating.following import WaitedRun

_BETWEEN_LOGS = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class Attendance:
    """A wait: where the runs are, how they are waited for, who is told of it, and who may end it.

    `known` are those of the runs, by JobId, that are no job's.
    """

    manifests: Manifests
    service: Service
    options: WaitOptions
    interrupt: Interrupt
    told: Forgiving
    settle: float = SETTLE
    known: Mapping[str, NamedRun] = field(default_factory=dict)

    def following(self, runs: Iterable[tuple[str, str]]) -> Following:
        """Follows these runs (name, JobId) to where they are waited for."""
        following = Following(
            self.service.jobs,
            self.service.clock,
            until=Milestone(self.options.until),
            settle=self.settle,
            is_interrupted=lambda: self.interrupt.is_asked,
        )
        for name, job_id in runs:
            following.add(name, job_id)
        return following

    def attend(self, following: Following, keepers: Sequence[Keeper] = ()) -> tuple[StoppedRun, ...]:
        """The runs are over, or time is up, or somebody interrupted it; what was to be stopped then, was."""
        logs = [self._logs()] if self.options.logs else []
        is_stop = self.options.on_timeout == STOP
        timed_out = TimedOut(self.manifests, self.service, is_stop, self.interrupt, self.told)
        images = ImagePulls(
            self.service,
            timed_out,
            self.told,
            region=self.manifests.environment.region,
            timeout=self.options.image_pull_timeout,
        )
        watch(
            following,
            clock=self.service.clock,
            timeout=self.options.timeout,
            is_interrupted=lambda: self.interrupt.is_asked,
            keepers=[*keepers, images, Stalls(self._explainer(), self.told), *logs],
            told=self.told,
            longest_pause=_BETWEEN_LOGS if logs else LONGEST_PAUSE,
        )
        for text in (words for one in logs for words in one.last_words):
            self.told.note(text)
        timed_out.stop(*following.open)
        return tuple(timed_out.stopped)

    def verdicts(self, waited: Iterable[WaitedRun], stopped: Iterable[StoppedRun]) -> dict[str, Diagnosis]:
        """By JobId, why the first few of the runs that failed did, but for those that were stopped here.

        Nothing is asked after an interrupt.
        """
        told = {one.job_id for one in stopped if not one.goes_on}
        asked = [one for one in waited if one.job_id not in told]
        return {} if self.interrupt.is_asked else self._explainer().of_failures(asked)

    def _logs(self) -> FollowedLogs:
        return FollowedLogs(self.service, self.manifests.target, self.told, self.interrupt)

    def _explainer(self) -> Explainer:
        return Explainer(self.manifests, self.service, self.known)
