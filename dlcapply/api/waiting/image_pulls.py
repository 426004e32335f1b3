"""Runs whose image can't be pulled: they hold what they got, and would be waited for in vain."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.cloud.pod_texts import pod_events
from dlcapply.cloud.wire.redaction import redacted, secret_texts
from dlcapply.diagnosis.facts import Said
from dlcapply.diagnosis.images import failed_pull
from dlcapply.diagnosis.reading import facts_of
from dlcapply.diagnosis.startup import failing_pull
from dlcapply.diagnosis.texts import Scribe
from dlcapply.errors import ServiceError
from dlcapply.one_line import printable
from dlcapply.rendering.text.lines import shorten

if TYPE_CHECKING:
    from datetime import datetime

    from dlcapply.api.connect import Service
    from dlcapply.api.waiting.progress import Forgiving
    from dlcapply.api.waiting.timed_out import TimedOut
    from dlcapply.diagnosis.facts import Facts
    from dlcapply.diagnosis.texts import Statement
    from dlcapply.model.runs import Run
    from dlcapply.operating.following import Following, WaitedRun

# In which a pod's image is pulled (SDK ListJobs).
_PULLING = "EnvPreparing"
# Of each run so often, of each run so many pods that do not run yet, and so many calls in each round.
_BETWEEN_LOOKS = 30.0
_MOST_PODS = 2
_MOST_CALLS = 5
_MOST_EVENTS = 100
_UP = frozenset({"Running", "Succeeded"})
_LONGEST = 300


class ImagePulls:
    """Reads the events of pods that do not come up: a run whose image can't be pulled is given up."""

    def __init__(
        self, service: Service, timed_out: TimedOut, told: Forgiving, *, region: str, timeout: float
    ) -> None:
        self._service = service
        self._region = region
        self._timed_out = timed_out
        self._told = told
        self._timeout = timedelta(seconds=timeout)
        self._next: dict[str, float] = {}
        self._failing_since: dict[str, datetime] = {}
        self._has_told = False

    def is_busy(self, following: Following) -> bool:
        del following
        return False

    def tend(self, following: Following) -> None:
        """The runs that may be stuck have been looked at, as far as it was their turn."""
        now = self._service.clock.monotonic()
        calls = _MOST_CALLS
        for one in following.open:
            if one.status != _PULLING:
                self._next.pop(one.job_id, None)
                self._failing_since.pop(one.job_id, None)
            elif self._next.setdefault(one.job_id, now + _BETWEEN_LOOKS) <= now and calls > 0:
                self._next[one.job_id] = now + _BETWEEN_LOOKS
                calls -= self._look(one, following)

    def _look(self, one: WaitedRun, following: Following) -> int:
        """How many calls it took."""
        run = self._with_pods(one, following)
        if run is None:
            return 1
        facts = facts_of(run, region=self._region)
        pods = [pod for pod in facts.pods if pod.status not in _UP][:_MOST_PODS]
        failing = [line for pod in pods for line in self._failing(run, facts, pod.pod_id, following)]
        if not failing:
            self._failing_since.pop(one.job_id, None)
        elif self._is_for_long(one.job_id, failing, facts):
            pull = failed_pull(failing, facts.request)
            line = pull.lines[0] if pull else failing[-1]
            quoted = shorten(printable(redacted(line.text, secret_texts(run.body))), _LONGEST)
            self._give_up(one, f"its image can't be pulled: {quoted}", following)
        return len(pods)

    def _with_pods(self, one: WaitedRun, following: Following) -> Run | None:
        """The run with its pods, which a listing may lack; None where they can't be told."""
        if one.run is None or one.run.body.get("Pods"):
            return one.run
        try:
            return following.call(lambda: self._service.jobs.find(one.job_id))
        except ServiceError:
            return None

    def _failing(self, run: Run, facts: Facts, pod_id: str, following: Following) -> tuple[Statement, ...]:
        """What the pod's events say against its image by now; nothing where they can't be read."""
        connection = self._service.connection
        try:
            lines = following.call(lambda: pod_events(connection, run.job_id, pod_id, most=_MOST_EVENTS))
        except ServiceError as error:
            if not self._has_told:
                self._has_told = True
                self._told.note(f"whether images can be pulled is not watched: {error}")
            return ()
        told = tuple(Said(line.text, line.at) for line in lines)
        seen = replace(facts, pod_events={pod_id: told})
        (pod,) = (pod for pod in seen.pods if pod.pod_id == pod_id)
        return failing_pull(list(Scribe(seen).of_pod_events(pod)))

    def _is_for_long(self, job_id: str, failing: list[Statement], facts: Facts) -> bool:
        """Whether it has failed for so long, by the service's time; a time that can't be is not taken."""
        now = self._service.now()
        if now is None:
            return False
        entered = facts.entered(_PULLING)
        told = [line.at for line in failing if line.at and entered and entered <= line.at <= now]
        since = min([self._failing_since.get(job_id, now), *told])
        self._failing_since[job_id] = since
        return now - since >= self._timeout

    def _give_up(self, one: WaitedRun, why: str, following: Following) -> None:
        self._told.status(following.give_up(one.job_id, why))
        self._timed_out.stop(one)
