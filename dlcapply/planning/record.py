"""What the runs that have ended say of a job: which were of its present spec and token, and their ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from dlcapply.model import Phase
from dlcapply.planning.marks import around_changed, has_spec_mark, is_same, same_circumstances, token_changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcapply.model import Job, Run

# How the documents spell a person's stop (SDK, struct-jobitem page). How PAI spells the end of
# JobMaxRunningTimeMinutes is not documented.
_BY_A_PERSON = frozenset({"JobStoppedByUser", "StoppedByUser"})
_TIME_LIMIT = re.compile(r"max(imum)?running(time|duration)|(running)?timelimit|exceededmax")


@dataclass(frozen=True, slots=True)
class Record:
    """The ended runs of one spec and token, oldest first; `newest_of_all` is the newest run of any.

    `deciding`: the newest of them that succeeded, else the newest; None where none has ended.
    `around_changed`: the circumstances of the job are not those of the newest of `same`. `token_known`: some
    run was started for the token, whatever its spec.
    """

    same: tuple[Run, ...] = ()
    deciding: Run | None = None
    newest_of_all: Run | None = None
    around_changed: bool = False
    token_known: bool = False

    @property
    def last(self) -> Phase | None:
        """How the deciding run ended."""
        return self.deciding.phase if self.deciding else None

    @property
    def is_latest(self) -> bool:
        """Whether no run of ours, of whatever spec, is newer than the deciding one."""
        return self.deciding is not None and self.deciding is self.newest_of_all

    @property
    def ran_out_of_time(self) -> bool:
        return self.deciding is not None and was_stopped_by_time_limit(self.deciding)

    @property
    def retries_used(self) -> int:
        """The runs after the first that were started for nothing else than the failure before them."""
        return sum(same_circumstances(before, after) for before, after in pairwise(self.same))

    @property
    def is_repeated(self) -> bool:
        """Whether a run that starts next will count as a retry, whatever it is started for."""
        return bool(self.same) and not self.around_changed


def recall(ours: Sequence[Run], *, job: Job) -> Record:
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
    return Record(
        same,
        next(reversed(succeeded or same), None),
        newest,
        around_changed=bool(same) and around_changed(same[-1], job=job),
        token_known=any(not token_changed(run, job=job) for run in ours),
    )


def recall_by_name(ours: Sequence[Run], *, differs: bool) -> Record:
    """The same without marks: the newest run decides, and `differs` says whether it needs a new one.

    Every run of the name counts, since nobody knows what it was started for; also what is under way, for it
    will have ended before another one starts.
    """
    newest = ours[-1] if ours else None
    decides = newest is not None and newest.is_terminal and not differs
    return Record(tuple(ours), newest if decides else None, newest, token_known=newest is not None)


def was_stopped_by_time_limit(run: Run) -> bool:
    """Whether JobMaxRunningTimeMinutes ended the run, by what PAI says of it or by how long it ran.

    What a person stopped is never taken for it.
    """
    if run.phase is not Phase.STOPPED or run.reason_code in _BY_A_PERSON:
        return False
    said = f"{run.reason_code} {run.reason_message}".casefold()
    return bool(_TIME_LIMIT.search(re.sub(r"[^a-z]", "", said))) or _used_up(run)


def _used_up(run: Run) -> bool:
    minutes, seconds = run.body.get("JobMaxRunningTimeMinutes"), run.duration_seconds
    match minutes:
        case bool():
            return False
        case int() if minutes > 0:
            return seconds is not None and seconds >= 60 * minutes
    return False
