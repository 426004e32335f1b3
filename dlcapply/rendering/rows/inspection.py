"""What reports about one run, or about queues, tell beside statuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from dlcapply.model.addresses import Address
    from dlcapply.model.checks import Check
    from dlcapply.model.curves import Curves
    from dlcapply.model.queues import Quota, Workload
    from dlcapply.model.tensorboards import Tensorboard
    from dlcapply.rendering.rows.where import Where


@dataclass(frozen=True, slots=True)
class RunHead:
    """The run that a report is about; `called` is its own name where that is not the job's."""

    where: Where
    name: str
    job_id: str
    status: str
    is_ours: bool
    called: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a run, one for each metric that was asked for; `notes` say what is not there."""

    head: RunHead
    metrics: tuple[Curves, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A phase of a check, and the nodes of the run that its message names."""

    check: Check
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The checks of a run's hardware; `is_enabled` is whether the run asked for them, None if unknown."""

    head: RunHead
    rows: tuple[CheckRow, ...]
    is_enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Who waits for a quota, on which place; `ahead` and `unseen` are told of ours.

    `number` is None where PAI tells no place.
    """

    workload: Workload
    number: int | None
    is_ours: bool
    job: str = ""
    ahead: int = 0
    ahead_asks: float | None = None
    unseen: int = 0


@dataclass(frozen=True, slots=True)
class QueueReport:
    """A quota, how many run on it, and who waits for it.

    `is_whole` is off where PAI showed less than it counted, `is_listed` where only ListJobs tells who is
    there: then nobody of other workspaces and products is known. `held_unseen`
    accelerators are held by workloads that PAI does not show.
    """

    quota: Quota
    running: int
    running_ours: int
    waiting: tuple[WaitingRow, ...]
    is_whole: bool = True
    is_listed: bool = False
    held_unseen: float = 0.0


@dataclass(frozen=True, slots=True)
class Queues:
    """The queues of an environment's quotas; `notes` say what is not there.

    `now` is the service's time, None where no answer told it. `names` are those of all jobs, waiting or not.
    """

    where: Where
    now: datetime | None
    quotas: tuple[QueueReport, ...]
    notes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a person can look at a run, and its TensorBoards, those that run first."""

    head: RunHead
    addresses: tuple[Address, ...]
    tensorboards: tuple[Tensorboard, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TensorboardStep:
    """What is to be done about the TensorBoards of a run: `action` is create, start, stop or nothing.

    `tensorboards` are those that it is done to, or why there is nothing to do; none yet for create, which
    shows `summary_path` for at most so many `minutes`. They are None where nobody said how long it may run.
    """

    head: RunHead
    action: str
    tensorboards: tuple[Tensorboard, ...] = ()
    summary_path: str = ""
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class TensorboardDone:
    """What was done, and the TensorBoards as PAI shows them since."""

    step: TensorboardStep
    tensorboards: tuple[Tensorboard, ...]
    notes: tuple[str, ...] = ()
