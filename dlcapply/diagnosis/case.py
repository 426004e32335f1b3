"""One run as the detectors see it: its facts, and every text about it as statements."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from dlcapply.diagnosis.ends import TAKEN, Words
from dlcapply.diagnosis.exit_codes import exit_in
from dlcapply.diagnosis.facts import Source
from dlcapply.diagnosis.texts import Scribe, Statement, about_pod

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from dlcapply.diagnosis.facts import Facts, Pod

_ENDS = frozenset({"Failed", "FailedReserving", "Stopping", "Stopped", "Succeeded", "SucceededReserving"})
_NOT_STARTED = 128  # what the kubelet gives a container that never started
_POD_IDS = re.compile(r"[\w-]+")
_WITH_NODES = frozenset({"EnvPreparing", "SanityChecking", "Running", "Restarting"})


def with_ends(facts: Facts) -> Facts:
    """The same with the ends of pods that the service does not time, as their own events do."""
    return replace(facts, pods=tuple(_ended(pod, facts) for pod in facts.pods))


def _ended(pod: Pod, facts: Facts) -> Pod:
    if not pod.has_failed or pod.finished is not None:
        return pod
    events = facts.pod_events.get(pod.pod_id, ())
    times = [one.at for one in events if one.at is not None and exit_in(one.text) is not None]
    return replace(pod, finished=times[-1]) if times else pod


@dataclass(frozen=True)
class Case:
    """A run; what is said of it is read once."""

    facts: Facts

    @cached_property
    def _scribe(self) -> Scribe:
        return Scribe(self.facts)

    @cached_property
    def run_says(self) -> tuple[Statement, ...]:
        """The service's words about the run, oldest first: history, then the reason of its status."""
        return tuple(self._scribe.of_run())

    @cached_property
    def job_events(self) -> tuple[Statement, ...]:
        return tuple(self._scribe.of_job_events())

    @cached_property
    def restarts(self) -> tuple[Statement, ...]:
        return tuple(self._scribe.of_restarts())

    def pod_events(self, pod: Pod) -> tuple[Statement, ...]:
        """Those of its newest life: a pod that is started again has the same name."""
        events = self._scribe.of_pod_events(pod)
        if pod.created is not None:
            return tuple(one for one in events if one.at is None or one.at >= pod.created)
        since = self._reborn
        return tuple(one for one in events if since is None or one.at is None or one.at > since)

    def log(self, pod: Pod) -> tuple[Statement, ...]:
        return tuple(self._scribe.of_logs(pod))

    def words_about(self, pod: Pod, *, with_run: bool) -> Words:
        """What is said of the pod; `with_run` also what the service says of the run without naming a pod."""
        about_run = self.of_newest_life(self.run_says)
        named = [*about_pod(self.of_newest_life(self.job_events), pod), *about_pod(about_run, pod)]
        unnamed = [one for one in about_run if self._names_no_pod(one)] if with_run else []
        return Words([*unnamed, *named, *self.pod_events(pod)], self.log(pod))

    def of_newest_life(self, statements: Sequence[Statement]) -> list[Statement]:
        """Those since the run was last started again: what ended an earlier life did not end this one."""
        since = self._reborn
        return [one for one in statements if since is None or (one.at is not None and one.at > since)]

    @cached_property
    def _reborn(self) -> datetime | None:
        """When it was last started again, if it came up again behind that."""
        moves = self.facts.history
        again = [
            earlier.at
            for earlier, later in pairwise(moves)
            if earlier.status == "Restarting" and later.status not in _ENDS
        ]
        up = [move.at for move in moves if move.status == "Running" and move.at is not None]
        again += [one.at for one in self.facts.restarts if one.at and any(at > one.at for at in up)]
        return max(filter(None, again), default=None)

    def _names_no_pod(self, statement: Statement) -> bool:
        return not any(pod.pod_id in statement.text for pod in self.facts.pods)

    @property
    def status_since(self) -> datetime | None:
        return self.facts.entered(self.facts.status) or self.facts.created

    @property
    def status_for(self) -> timedelta | None:
        """How long it has had its status, by the service's time; None where that is not known."""
        since, now = self.status_since, self.facts.now
        return now - since if since is not None and now is not None else None

    @property
    def is_waiting_for_a_place(self) -> bool:
        """Whether it has no nodes yet, or ended before it had."""
        return not any(move.status in _WITH_NODES for move in self.facts.history)

    @property
    def failed_pods(self) -> tuple[Pod, ...]:
        """The pods that failed, the first to fail first; those of which nobody knows when come last.

        Of those that failed in the same moment, the one comes first that the service names.
        """
        failed = [pod for pod in self.facts.pods if pod.has_failed]

        def order(pod: Pod) -> tuple[bool, float, bool]:
            ended = pod.finished
            return ended is None, ended.timestamp() if ended else 0.0, pod not in self.blamed_pods

        return tuple(sorted(failed, key=order))

    @cached_property
    def blamed_pods(self) -> tuple[Pod, ...]:
        """The pods that failed and that the service names in the reason, or took away."""
        facts = self.facts
        newest = facts.history[-1].message if facts.history else ""
        words = set(_POD_IDS.findall(f"{facts.reason} {newest}"))
        return tuple(
            pod for pod in facts.pods if pod.has_failed and (pod.pod_id in words or pod.sub_status in TAKEN)
        )

    @property
    def unstarted_pods(self) -> tuple[Pod, ...]:
        """The pods that have not come up in their newest life."""
        return tuple(pod for pod in self.facts.pods if pod.started is None and not self._ran(pod))

    def _ran(self, pod: Pod) -> bool:
        if pod.status in {"Running", "Succeeded"} or self.facts.logs.get(pod.pod_id):
            return True
        exits = (exit_in(one.bare) for one in self.pod_events(pod))
        return any(one is not None and one.code != _NOT_STARTED for one in exits)

    def status_statement(self) -> Statement:
        """The status itself, where the service gives no reason."""
        facts = self.facts
        return Statement(Source.STATUS, facts.status, facts.status, self.status_since)
