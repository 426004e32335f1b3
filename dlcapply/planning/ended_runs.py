"""What ended runs say of a job: which were of its present spec and token, and how they ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.model.runs import FAILURES, Phase
from dlcapply.model.stop_causes import StopCause, stop_cause
from dlcapply.planning.marks import around_changed, around_mark, has_spec_mark, is_same, token_changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.model.jobs import Job
    from dlcapply.model.runs import Run

# Runs that ended of their circumstances: another stop says nothing of them.
_LIMITS = frozenset({StopCause.TIME_LIMIT, StopCause.WORKSPACE})


@dataclass(frozen=True, slots=True)
class EndedRuns:
    """The ended runs of one spec and token, oldest first; `newest_of_all` is the newest run of any.

    `deciding`: the newest of them that succeeded, otherwise the newest; None where none has ended.
    `around_changed`: no run of `same` has failed, or ran out of time, in the circumstances of the job.
    `token_known`: some run was started for the token, whatever its spec. `retries_used`: how many of them
    were retries.
    """

    same: tuple[Run, ...] = ()
    deciding: Run | None = None
    newest_of_all: Run | None = None
    around_changed: bool = False
    token_known: bool = False
    retries_used: int = 0

    @property
    def last(self) -> Phase | None:
        """How the deciding run ended."""
        return self.deciding.phase if self.deciding else None

    @property
    def is_latest(self) -> bool:
        """Whether no run of ours, of whatever spec, is newer than the deciding one."""
        return self.deciding is not None and self.deciding is self.newest_of_all

    @property
    def stopped_by(self) -> StopCause:
        """What stopped the deciding run; UNTOLD also where it was not stopped."""
        decided = self.deciding
        return stop_cause(decided) if decided and decided.phase is Phase.STOPPED else StopCause.UNTOLD

    @property
    def is_repeated(self) -> bool:
        """Whether a run that starts next will count as a retry, whatever it is started for."""
        return bool(self.same) and not self.around_changed


def ended_runs(ours: Sequence[Run], *, job: Job) -> EndedRuns:
    """What our runs, oldest first, say of the job by their marks.

    A run whose marks say nothing of its spec counts where it is the newest of all.
    """
    newest = ours[-1] if ours else None
    same = tuple(
        run
        for run in ours
        if run.is_terminal and is_same(run, job=job) and (has_spec_mark(run) or run is newest)
    )
    succeeded = [run for run in same if run.phase is Phase.SUCCEEDED]
    return EndedRuns(
        same,
        next(reversed(succeeded or same), None),
        newest,
        around_changed=_is_untried(same, job),
        token_known=any(not token_changed(run, job=job) for run in ours),
        retries_used=_retries_used(same),
    )


def _retries_used(same: Sequence[Run]) -> int:
    """The runs beyond the first in each circumstances: what alternates with others is counted, too."""
    known = {mark for run in same if (mark := around_mark(run))}
    return max(len(same) - max(len(known), 1), 0)


def _is_untried(same: Sequence[Run], job: Job) -> bool:
    """Whether all that ended badly did so in other circumstances than the job's."""
    tried = [run for run in same if run is same[-1] or run.phase in FAILURES or stop_cause(run) in _LIMITS]
    return bool(tried) and all(around_changed(run, job=job) for run in tried)


def ended_runs_by_name(ours: Sequence[Run], *, differs: bool, around_differs: bool) -> EndedRuns:
    """What our runs, oldest first, say of the job without marks: the newest decides, by what of it can be
    read.

    `differs` says whether it needs a new one, `around_differs` whether its circumstances are others. Every
    run of the name counts, since nobody knows what it was started for; so does one that is under way, because
    it will have ended before another one starts.
    """
    newest = ours[-1] if ours else None
    decides = newest is not None and newest.is_terminal and not differs
    return EndedRuns(
        tuple(ours),
        newest if decides else None,
        newest,
        around_changed=decides and around_differs,
        token_known=newest is not None,
        retries_used=_retries_used(ours),
    )
