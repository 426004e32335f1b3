"""Why waited-for runs stand still, or failed: the verdicts of `why`, about a few runs, in few calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dlcapply.api.diagnosis.diagnosing import diagnosed
from dlcapply.api.runs.named import NamedRun
from dlcapply.errors import DlcapplyError
from dlcapply.model.runs import Ownership
from dlcapply.operating.following import Milestone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.waiting.progress import Forgiving
    from dlcapply.diagnosis.verdicts import Diagnosis
    from dlcapply.operating.following import Following, WaitedRun

# What passes within a minute or two where nothing is wrong, and what may take its time by nature.
_QUIET = timedelta(seconds=30)
_QUIET_AT_WORK = timedelta(minutes=15)
_INTERVALS = 4
# Each verdict costs some five calls.
_MOST_STALLS = 3
_MOST_FAILURES = 3
_AT_WORK = "Running"
_FEW = 5  # runs at work that are looked at again and again


class Explainer:
    """Gives verdicts about runs that are waited for; `known` are those, by JobId, that are no job's."""

    def __init__(self, manifests: Manifests, service: Service, known: Mapping[str, NamedRun]) -> None:
        # Its commands name the run: what was selected beside it is of no use in them.
        target = replace(manifests.target, select=(), exclude=())
        self._manifests = replace(manifests, target=target)
        self._service = service
        self._known = known
        self._jobs = {job.name: job for job in manifests.jobs}

    def now(self) -> datetime | None:
        """The service's time."""
        return self._service.now()

    def verdict(self, one: WaitedRun) -> Diagnosis | None:
        """None where PAI never showed the run, or nothing can be asked about it."""
        if one.run is None:
            return None
        known = self._known.get(one.job_id)
        ownership = known.ownership if known else Ownership.OURS
        named = NamedRun(one.name, one.run, self._jobs.get(one.name), ownership)
        try:
            return diagnosed(self._manifests, self._service, named)
        except DlcapplyError:
            return None

    def of_failures(self, waited: Iterable[WaitedRun]) -> dict[str, Diagnosis]:
        """By JobId, why the first few of the runs that failed did."""
        failed = [one for one in waited if one.failed and one.run is not None][:_MOST_FAILURES]
        return {one.job_id: found for one in failed if (found := self.verdict(one)) is not None}


class Stalls:
    """Explains once why nothing happens to a run: its status has not changed for four quiet intervals.

    These go by the service's time. A run that is at work is looked at again and again, and only told of where
    something is wrong.
    """

    def __init__(self, explainer: Explainer, told: Forgiving) -> None:
        self._explainer = explainer
        self._told = told
        self._since: dict[str, tuple[str, datetime]] = {}
        self._done: set[tuple[str, str]] = set()
        self._explained = 0

    def is_busy(self, following: Following) -> bool:
        del following
        return False

    def tend(self, following: Following) -> None:
        """One of the runs that stand still, at most, was explained: it takes some calls."""
        now = self._explainer.now()
        if now is None or self._explained >= _MOST_STALLS:
            return
        for one in following.open:
            status, since = self._since.get(one.job_id, ("", now))
            if one.status != status:
                self._since[one.job_id] = (one.status, now)
            elif one.run is not None and one.seems is None and now - since >= _patience(one):
                self._since[one.job_id] = (one.status, now)
                if (one.job_id, one.status) not in self._done:
                    self._explain(one, following)
                    return

    def _explain(self, one: WaitedRun, following: Following) -> None:
        is_at_work = one.status == _AT_WORK
        if is_at_work and (following.until is not Milestone.FINISHED or len(following.open) > _FEW):
            return
        found = self._explainer.verdict(one)
        if found is not None and not (is_at_work and found.is_well):
            self._done.add((one.job_id, one.status))
            self._explained += 1
            self._told.explained(one, found)


def _patience(one: WaitedRun) -> timedelta:
    return _INTERVALS * (_QUIET_AT_WORK if one.status == _AT_WORK else _QUIET)
