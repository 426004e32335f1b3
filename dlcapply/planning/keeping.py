"""Which ended runs may be removed: none that a plan, of now or of later, could still decide by."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from dlcapply.model.jobs import RerunOn
from dlcapply.planning.fingerprints import fingerprint
from dlcapply.planning.history import histories
from dlcapply.planning.marks import OP_TAG, ORIGIN_TAG, SPEC_TAG, is_same, token_changed
from dlcapply.planning.run_progress import is_over

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from dlcapply.model.jobs import Environment, Job
    from dlcapply.model.runs import Run


class Keep(StrEnum):
    """Why a run is kept, whatever was asked for; the first that holds is told."""

    RESERVING = "it still holds its resources"
    NEWEST = "it is the newest run of its job, or of its name"
    PRESENT = "its job asks for this very spec and run.token: it keeps the job from running again"
    ELSEWHERE = "another job asks for this very spec and run.token"
    TOKEN = "with run.rerunOn: token, it keeps its job from running again"  # noqa: S105
    CLAIMED = (
        "it was adopted: dlcapply.claims.yaml alone says that it is this project's; the console deletes it"
    )
    TWIN = "another run has its operation id, and would be taken for it"
    ORIGIN = "it does not say which repository it is of"
    NOTED = "the journal does not know what became of a write to it, or knows it for what its job asks"
    UNKNOWN_AGE = "PAI does not say when it ended"
    UNREAD = "not all manifests were read: one of them may ask for it"


@dataclass(frozen=True, slots=True)
class EndedRun:
    """An ended run of ours: `job` is the present name of the job whose history it is in.

    `age` is in seconds since its end, None where that can't be read; `keep` why it may not be removed.
    """

    run: Run
    job: str
    age: float | None
    keep: Keep | None


@dataclass(frozen=True, slots=True)
class Keeping:
    """What decides beside the runs.

    `jobs` are all that the project declares, unless `unread` says that some were not read. `noted` are
    JobIds and operation ids that the journal holds for something. With `undeclared`, the newest run of a name
    that no manifest has is not kept for that.
    """

    jobs: tuple[Job, ...]
    environment: Environment
    now: datetime | None
    noted: Collection[str] = field(default_factory=frozenset)
    unread: bool = False
    undeclared: bool = False


def ended_runs_of_ours(runs: Collection[Run], keeping: Keeping) -> tuple[EndedRun, ...]:
    """Every ended run of ours with its age, and why it is kept if it is; by job, the newest first.

    `runs` are all of the owner and of the jobs' names, whoever's they are.
    """
    by_name = histories(runs, environment=keeping.environment, jobs=keeping.jobs)
    newest = {history.newest.job_id for history in by_name.values() if history.newest}
    newest |= {
        job_id for history in by_name.values() for job_id in _newest_of_each_name(history.ours).values()
    }
    asked = _Asked(keeping, frozenset(newest), Counter(run.tags.get(OP_TAG, "") for run in runs))
    return tuple(
        EndedRun(run, name, age_of(run, keeping.now), asked.keep(run, name))
        for name, history in sorted(by_name.items())
        for run in reversed(history.ours)
        if run.is_terminal
    )


def _newest_of_each_name(oldest_first: tuple[Run, ...]) -> Mapping[str, str]:
    return {run.name: run.job_id for run in oldest_first}


class _Asked:
    """What the jobs ask, to be held against many runs."""

    def __init__(self, keeping: Keeping, newest: frozenset[str], ops: Counter[str]) -> None:
        self._keeping = keeping
        self._newest = newest
        self._ops = ops
        self._by_name = {job.name: job for job in keeping.jobs}
        self._by_spec: defaultdict[str, list[Job]] = defaultdict(list)
        for job in keeping.jobs:
            self._by_spec[fingerprint(job)].append(job)

    def keep(self, run: Run, name: str) -> Keep | None:
        """Why the run, of the history of this name, may not be removed."""
        job, op = self._by_name.get(name), run.tags.get(OP_TAG, "")
        counts_newest = job is not None or not self._keeping.undeclared
        reasons = (
            (not is_over(run), Keep.RESERVING),
            (run.job_id in self._newest and counts_newest, Keep.NEWEST),
            (job is not None and is_same(run, job=job), Keep.PRESENT),
            (self._is_asked_for(run), Keep.ELSEWHERE),
            (job is not None and _holds_by_token(run, job), Keep.TOKEN),
            (run.claim is not None or run.void_claim is not None, Keep.CLAIMED),
            (bool(op) and self._ops[op] > 1, Keep.TWIN),
            (bool(self._keeping.environment.origin) and not run.tags.get(ORIGIN_TAG), Keep.ORIGIN),
            (not {run.job_id, op}.isdisjoint(self._keeping.noted), Keep.NOTED),
            (age_of(run, self._keeping.now) is None, Keep.UNKNOWN_AGE),
            (self._keeping.unread, Keep.UNREAD),
        )
        return next((keep for holds, keep in reasons if holds), None)

    def _is_asked_for(self, run: Run) -> bool:
        """Whether any job asks for its spec and token: it may be that job, renamed."""
        same_spec = self._by_spec.get(run.tags.get(SPEC_TAG, ""), ())
        return any(not token_changed(run, job=job) for job in same_spec)


def _holds_by_token(run: Run, job: Job) -> bool:
    return job.rules.rerun_on is RerunOn.TOKEN and not token_changed(run, job=job)


def age_of(run: Run, now: datetime | None) -> float | None:
    """For how many seconds it has ended; None where PAI says nothing that can be read, or a time to come."""
    seconds = (now - run.ended).total_seconds() if now and run.ended else -1.0
    return seconds if seconds >= 0 else None
