"""Stopping runs by hand: what is lost with them, and what stopping takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.api.acting.meant import Found, StopRequest, meant_runs
from dlcapply.api.command_lines import typed
from dlcapply.api.journals import journal_of
from dlcapply.api.load import load_for_runs
from dlcapply.api.options import AT_A_TIME, MOST_AT_A_TIME, check_count, check_flag, check_time
from dlcapply.api.runs.measures import measures_of
from dlcapply.api.runs.sight import sight
from dlcapply.applying.context import ApplyContext
from dlcapply.applying.open_writes import open_writes
from dlcapply.applying.signalling import Signalling
from dlcapply.applying.stops_by_hand import Manner
from dlcapply.cloud.signals import SignalService
from dlcapply.errors import UsageError
from dlcapply.model.jobs import Identity
from dlcapply.model.runs import Visibility
from dlcapply.planning.ownership import protected_by
from dlcapply.planning.run_progress import spent_by
from dlcapply.planning.visibility import misses_none
from dlcapply.rendering.rows.actions import StopRow
from dlcapply.repository.provenance import provenance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.api.options import TargetOptions
    from dlcapply.model.jobs import Job
    from dlcapply.model.runs import Run
    from dlcapply.model.stops import ShownRun
    from dlcapply.planning.run_progress import Spent


_WITHOUT_PROJECT = (
    "a run is stopped without the project file, too, by its JobId: "
    "dlcapply stop JOBID --region NAME --workspace ID --not-ours"
)
STOP_PATIENCE = 600.0  # seconds
_GRACE = 600.0
_UNSEEN = {
    Visibility.OWN: "PRIVATE runs that others started are not seen here",
    Visibility.UNKNOWN: "PRIVATE runs that others started may not be seen here",
}
_WHO_SEES = "who started them sees them, and an administrator of the workspace"
_MOST_TOLD = 20  # of creates without an outcome: any number may be planted


@dataclass(frozen=True, slots=True)
class StopOptions:
    """How runs are stopped; times are in seconds. Raises UsageError for values that mean nothing.

    With a `signal`, a run gets `grace` to end by itself, None for the usual time, and one that the signal is
    not known to have come to is not stopped, unless `stop_anyway`. `wait_timeout` is the longest wait until
    runs have ended; unless it `waits`, nobody looks.
    """

    signal: str = ""
    grace: float | None = None
    stop_anyway: bool = False
    waits: bool = True
    wait_timeout: float = STOP_PATIENCE
    parallelism: int = AT_A_TIME

    def __post_init__(self) -> None:
        check_flag("stop_anyway", self.stop_anyway)
        check_flag("wait", self.waits)
        check_time("wait_timeout", self.wait_timeout)
        check_count("parallelism", self.parallelism, 1, MOST_AT_A_TIME)
        if self.grace is not None:
            check_time("grace", self.grace)
        if not self.signal and (self.grace is not None or self.stop_anyway):
            raise UsageError("--grace and --stop-anyway are about a signal", hint="add --signal SIGUSR1")

    @property
    def manner(self) -> Manner:
        return Manner(self.signalling, self.stop_anyway, self.waits, self.parallelism)

    @property
    def signalling(self) -> Signalling | None:
        if not self.signal:
            return None
        return Signalling(self.signal, _GRACE if self.grace is None else self.grace)


@dataclass(frozen=True, slots=True)
class ToStop:
    """The runs that are meant, by name, and what of the request asks for nothing.

    `seen` are the JobIds of all runs that their jobs had under way: what appears beside them is new. `untold`
    counts manifests whose runs are meant, and can't be told from others.
    """

    rows: tuple[StopRow, ...]
    notes: tuple[str, ...]
    now: datetime | None
    seen: frozenset[str]
    untold: int

    @property
    def chosen(self) -> tuple[ShownRun, ...]:
        return tuple(row.shown for row in self.rows if not row.protected)


def load_to_stop(target: TargetOptions, environ: Mapping[str, str]) -> Manifests:
    """The environment with all manifests that can be read: patterns are of runs, and choose among these."""
    return load_for_runs(replace(target, select=(), exclude=()), environ, way_out=_WITHOUT_PROJECT)


def to_stop(manifests: Manifests, service: Service, request: StopRequest) -> ToStop:
    """The runs that are meant and under way, with what is lost; nothing is written.

    Raises DlcapplyError where a name means no run, or a run that is not ours, so that nothing is stopped.
    """
    found = meant_runs(manifests, service, request)
    shown = {one.job_id: one for one in found.shown}
    jobs = {name: job for job in manifests.jobs for name in job.names}
    now = service.now()
    spent = _spent([one.run for one in shown.values()], service, now)
    rows = [
        StopRow(
            one,
            spent[one.job_id],
            _protected(one, jobs.get(one.run.name) if one.is_ours else None, manifests, request),
            found.whose.get(one.job_id, ""),
        )
        for one in sorted(shown.values(), key=lambda one: (one.name, one.run.age_key))
    ]
    _check_allowed(request, shown.values())
    seen = frozenset({*shown, *found.seen})
    unseen = _unseen(manifests, service, request, found)
    notes = (*found.notes, *found.untold, *unseen, *_may_appear(manifests, service, request))
    return ToStop(tuple(rows), notes, now, seen, len(found.untold))


def _unseen(manifests: Manifests, service: Service, request: StopRequest, found: Found) -> Iterator[str]:
    """That runs which somebody else started may go on, where not every run that is meant was found."""
    shown = {word for one in found.shown for word in (one.job_id, *one.names)}
    if request.by_id or (request.names and shown.issuperset(request.names)):
        return
    sees, _ = sight(manifests, service)
    if not misses_none(manifests.environment, sees):
        yield f"{_UNSEEN[sees]}, and may go on: {_WHO_SEES}"


def _may_appear(manifests: Manifests, service: Service, request: StopRequest) -> Iterator[str]:
    """The creates of which nobody knows what became: their runs may appear, and cost, after the stop."""
    journal = journal_of(manifests, service)
    begun = [one for one in open_writes(journal.entries()) if one.is_create and one.where == journal.where]
    for one in begun[-_MOST_TOLD:]:
        if not request.names or one.name in request.names:
            tells = typed("status", manifests.target, "--op", one.op)
            yield f"{one.name}: a create was begun and has no outcome, so a run may still appear: {tells}"


def _protected(shown: ShownRun, job: Job | None, manifests: Manifests, request: StopRequest) -> str:
    if {shown.name, shown.job_id} & set(request.allow_protected):
        return ""
    if shown.is_ours and job is None and manifests.environment.identity is Identity.NAME:
        broken = next((one for one in manifests.loaded.broken if one.name == shown.name), None)
        if broken is not None:  # no mark tells of a run without marks what its manifest says
            return f"default: {broken.file} can't be read, and may protect it"
    return protected_by(shown.run, job, manifests.environment)


def _check_allowed(request: StopRequest, shown: Iterable[ShownRun]) -> None:
    known = {word for one in shown for word in (one.name, one.job_id)}
    if unknown := sorted(set(request.allow_protected) - known):
        raise UsageError(f"--allow-protected names no run that is to be stopped: {', '.join(unknown)}")


def _spent(runs: Sequence[Run], service: Service, now: datetime | None) -> dict[str, Spent]:
    """By JobId, what is lost with the run; what PAI does not tell of instance types is unknown."""
    known = measures_of(service, runs)
    return {
        run.job_id: spent_by(run, accelerators=known.accelerators, cpus=known.cpus, now=now) for run in runs
    }


def stop_context(manifests: Manifests, service: Service, *, patience: float) -> ApplyContext:
    """What stopping takes: its writes are noted in the journal, as those of an apply are."""
    journal = journal_of(manifests, service, provenance=_from(manifests))
    return ApplyContext(
        service=service.jobs,
        environment=manifests.environment,
        journal=journal,
        clock=service.clock,
        stop_patience=patience,
        status_command=typed("status", manifests.target),
    )


def _from(manifests: Manifests) -> str:
    return (
        provenance(Path(manifests.loaded.root), manifests.environ) if manifests.environment.provenance else ""
    )


def signals_of(service: Service) -> SignalService:
    return SignalService(service.connection)
