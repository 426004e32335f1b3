"""The runs of one job, told apart: ours, also under its former names, and other people's of its name."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dlcapply.model.runs import Ownership, Phase
from dlcapply.planning.ownership import calls_ours, carried, classify, is_twin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dlcapply.model.jobs import Environment, Job
    from dlcapply.model.plans import Change
    from dlcapply.model.runs import Run


@dataclass(frozen=True, slots=True)
class History:
    """`ours`, oldest first; of the runs of the name that are not ours, `rivals` have not ended and `past`
    have. Of those of a former name, only what bears our marks is among them: a copy, or what was given away.

    Of the `disputed` nobody knows whose they are: a claim on each is void. `owners` tells whose each run is,
    by JobId; those `of_other_origins` are another repository's, under any name that the job has or had. A
    run that lost a race and has ended is left out.
    """

    ours: tuple[Run, ...] = ()
    rivals: tuple[Run, ...] = ()
    past: tuple[Run, ...] = ()
    disputed: tuple[Run, ...] = ()
    owners: Mapping[str, Ownership] = field(default_factory=dict)
    of_other_origins: tuple[Run, ...] = ()

    @property
    def newest(self) -> Run | None:
        return self.ours[-1] if self.ours else None

    @property
    def moved(self) -> Run | None:
        """A run of another repository that keeps ours from starting: it is under way, or newer than ours.

        Of several, the newest of those under way. Who adopted a newer run has spoken for the older ones.
        """
        standing = [run for run in self.of_other_origins if not run.is_terminal or self._is_behind(run)]
        return max(standing, key=lambda run: (not run.is_terminal, run.age_key), default=None)

    def _is_behind(self, run: Run) -> bool:
        """Whether the newest run of ours is older, or there is none."""
        return self.newest is None or run.age_key > self.newest.age_key

    @property
    def under_way(self) -> tuple[Run, ...]:
        return tuple(run for run in self.ours if not run.is_terminal)

    @property
    def going_on(self) -> tuple[Run, ...]:
        """All that have not ended, whoever's they are: ours first."""
        disputed = (run for run in self.disputed if not run.is_terminal)
        return (*self.under_way, *self.rivals, *disputed)

    @property
    def running(self) -> Run | None:
        """The run that decides while it has not ended; of several, the newest."""
        return self.under_way[-1] if self.under_way else None

    @property
    def active(self) -> tuple[Run, ...]:
        return tuple(run for run in self.ours if run.phase is Phase.ACTIVE)

    @property
    def is_conflict(self) -> bool:
        """Several runs of ours are under way."""
        return len(self.under_way) > 1

    @property
    def is_outlived(self) -> bool:
        """The newest run of ours has ended, and an older one, which no decision about it sees, has not."""
        return len(self.under_way) == 1 and self.under_way[0] is not self.newest


NO_RUNS = History()


def histories(
    live: Iterable[Run], *, environment: Environment, jobs: Iterable[Job | Change] = ()
) -> Mapping[str, History]:
    """The history of each name; a run under a former name of a job is in that job's history."""
    present = {former: job.name for job in jobs for former in job.formerly}
    by_name: defaultdict[str, list[Run]] = defaultdict(list)
    for run in live:
        by_name[present.get(run.name, run.name)].append(run)
    return {name: _history(name, runs, environment) for name, runs in by_name.items()}


def _history(name: str, runs: Sequence[Run], environment: Environment) -> History:
    owners = classify(runs, environment=environment)
    ordered = sorted(runs, key=lambda run: run.age_key)
    known = {Ownership.OURS, Ownership.DISPUTED}
    others = [
        run
        for run in ordered
        if owners[run.job_id] not in known and (run.name == name or calls_ours(carried(run), environment))
    ]
    return History(
        tuple(run for run in ordered if owners[run.job_id] is Ownership.OURS),
        tuple(run for run in others if not run.is_terminal),
        tuple(run for run in others if run.is_terminal and not is_twin(run, owners[run.job_id])),
        tuple(run for run in ordered if owners[run.job_id] is Ownership.DISPUTED),
        owners,
        tuple(run for run in ordered if owners[run.job_id] is Ownership.OTHER_ORIGIN),
    )
