"""Stopping runs by hand: which are meant, and what is lost with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dlcapply.api.command_lines import typed
from dlcapply.api.journals import journal_of
from dlcapply.api.load import load_for_runs
from dlcapply.api.options import AT_A_TIME, MOST_AT_A_TIME, check_count, check_flag, check_time
from dlcapply.api.runs.measures import measured
from dlcapply.api.runs.named import named_run
from dlcapply.applying.context import ApplyContext
from dlcapply.applying.open_writes import open_writes
from dlcapply.applying.signalling import Signalling
from dlcapply.applying.stops_by_hand import Manner
from dlcapply.cloud.census import owned_runs
from dlcapply.cloud.job_rows import is_name
from dlcapply.cloud.signals import SignalService
from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.manifest.selection import is_selected
from dlcapply.model.jobs import Identity
from dlcapply.model.runs import Ownership
from dlcapply.model.stops import ShownRun
from dlcapply.planning.history import NO_RUNS, histories
from dlcapply.planning.ownership import protected_by
from dlcapply.planning.reasons import describe, describe_other
from dlcapply.planning.run_progress import spent_by
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
    from dlcapply.planning.history import History
    from dlcapply.planning.run_progress import Spent


STOP_PATIENCE = 600.0  # seconds
_GRACE = 600.0
_MOST_TOLD = 20  # of creates without an outcome: any number may be planted


@dataclass(frozen=True, slots=True)
class StopRequest:
    """Which runs are meant: by names of jobs or JobIds, by patterns, or all of ours that are under way.

    `not_ours` lets a JobId name a stranger's run. `allow_protected` are names or JobIds of runs that may be
    stopped although something protects them. Raises UsageError unless it is said in exactly one way.
    """

    names: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    every: bool = False
    not_ours: bool = False
    allow_protected: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        ways = [bool(self.names), bool(self.select), self.every]
        if sum(ways) != 1:
            said = "nothing says which runs" if not any(ways) else "which runs is said in several ways"
            raise UsageError(said, hint="name jobs or JobIds, or give --select PATTERN, or --all")
        if self.exclude and self.names:
            raise UsageError("--exclude with names: leave out the name instead")
        if self.not_ours and not self.names:
            raise UsageError("--not-ours needs the JobId of each run", hint="dlcapply stop JOBID --not-ours")


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
    return load_for_runs(replace(target, select=(), exclude=()), environ)


def to_stop(manifests: Manifests, service: Service, request: StopRequest) -> ToStop:
    """The runs that are meant and under way, with what is lost; nothing is written.

    Raises DlcapplyError where a name means no run, or a run that is not ours, so that nothing is stopped.
    """
    found = _named(manifests, service, request) if request.names else _selected(manifests, service, request)
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
    notes = (*found.notes, *found.untold, *_may_appear(manifests, service, request))
    return ToStop(tuple(rows), notes, now, seen, len(found.untold))


def _may_appear(manifests: Manifests, service: Service, request: StopRequest) -> Iterator[str]:
    """The creates of which nobody knows what became: their runs may appear, and cost, after the stop."""
    journal = journal_of(manifests, service)
    begun = [one for one in open_writes(journal.entries()) if one.is_create and one.where == journal.where]
    for one in begun[-_MOST_TOLD:]:
        if not request.names or one.name in request.names:
            tells = typed("status", manifests.target, "--op", one.op)
            yield f"{one.name}: a create was begun and has no outcome, so a run may still appear: {tells}"


@dataclass(frozen=True, slots=True)
class _Found:
    shown: list[ShownRun]
    notes: list[str]
    whose: dict[str, str]
    seen: set[str]
    untold: list[str]


def _named(manifests: Manifests, service: Service, request: StopRequest) -> _Found:
    found = _Found([], [], {}, set(), [])
    for word in dict.fromkeys(request.names):
        job = _job_of(manifests, word)
        names = job.names if job else (word,)
        runs = service.jobs.runs_named(*names)
        of = [job] if job else []
        by_name = histories(runs, environment=manifests.environment, jobs=of)
        history = by_name.get(job.name if job else word, NO_RUNS)
        if runs or job:
            _by_name(found, job.name if job else word, names, history)
        else:
            _by_id(found, manifests, service, word, request)
    return found


def _job_of(manifests: Manifests, word: str) -> Job | None:
    """The job of this name, or the one that had it."""
    return next((job for job in manifests.jobs if job.name == word), None) or next(
        (job for job in manifests.jobs if word in job.formerly), None
    )


def _by_name(found: _Found, name: str, names: tuple[str, ...], history: History) -> None:
    others = [*history.rivals, *(run for run in history.disputed if not run.is_terminal)]
    told = ", ".join(describe_other(run, history.owners[run.job_id], job=name) for run in others)
    if history.under_way:
        found.seen.update(run.job_id for run in history.under_way)
        found.shown.extend(ShownRun(name, run, names, is_ours=True) for run in history.under_way)
        found.notes.extend([f"{name}: left alone: {told}"] if others else [])
        return
    if others:
        hint = "who may stop it all the same names it by its JobId, with --not-ours"
        raise DlcapplyError(f"no run of {name} is this project's to stop: {told}", hint=hint)
    ended = describe(history.newest) if history.newest else "it has no run of this project"
    found.notes.append(f"{name}: nothing to stop: {ended}")


def _by_id(found: _Found, manifests: Manifests, service: Service, word: str, request: StopRequest) -> None:
    """The run with the JobId `word`; raises DlcapplyError where there is none, or it is not ours to stop."""
    named = named_run(manifests, service, word)
    run = named.run
    names = named.job.names if named.job else (run.name,)
    of = [named.job] if named.job else []
    by_name = histories(service.jobs.runs_named(*names), environment=manifests.environment, jobs=of)
    ownership = by_name.get(named.name, NO_RUNS).owners.get(run.job_id, named.ownership)
    if run.is_terminal:
        found.notes.append(f"{word}: nothing to stop: {describe(run)} has ended")
        return
    is_ours = ownership is Ownership.OURS
    if not is_ours:
        whose = describe_other(run, ownership, job=run.name)
        if not request.not_ours:
            raise _not_ours(manifests, word, whose)
        found.whose[run.job_id] = whose
    found.shown.append(ShownRun(named.name, run, names, is_ours=is_ours, by_id=True))


def _not_ours(manifests: Manifests, word: str, whose: str) -> DlcapplyError:
    knows = manifests.environment.knows_ours
    why = whose if knows else f"{word} may be anybody's: without a project or --owner, nobody can tell"
    all_the_same = typed("stop", manifests.target, "--not-ours", name=word)
    return DlcapplyError(f"nothing was stopped: {why}", hint=f"who may stop it all the same: {all_the_same}")


def _selected(manifests: Manifests, service: Service, request: StopRequest) -> _Found:
    environment = manifests.environment
    if not environment.knows_ours:
        raise UsageError(
            "without a project or --owner, nobody can tell which runs are yours",
            hint="name the run: dlcapply stop JOBID --not-ours",
        )
    labels = {name: job.labels for job in manifests.jobs for name in job.names}
    found = _Found([], [], {}, set(), [])
    for name, history in _under_way(manifests, service):
        found.seen.update(run.job_id for run in history.under_way)
        for run in history.under_way:
            known = labels.get(run.name) or {key: str(tag) for key, tag in run.tags.items()}
            if is_selected(name, known, request.select, request.exclude):
                names = next((job.names for job in manifests.jobs if job.name == name), (run.name,))
                found.shown.append(ShownRun(name, run, names, is_ours=True))
    found.untold.extend(_untold(manifests))
    if not found.shown:
        found.notes.append("nothing to stop: no run of this project that is meant is under way")
    return found


def _untold(manifests: Manifests) -> Iterator[str]:
    """By name alone, what may be the project's and is among no runs that it can be told by."""
    if manifests.environment.identity is Identity.NAME:
        files = dict.fromkeys(one.file for one in manifests.loaded.broken if not is_name(one.name))
        yield from (f"{file} can't be read, and no run of its job can be told: look for it" for file in files)


def _under_way(manifests: Manifests, service: Service) -> Iterator[tuple[str, History]]:
    """The histories with a run of ours under way; by name alone, those of the manifests' names."""
    environment = manifests.environment
    names = {name for job in manifests.jobs for name in job.names}
    if environment.identity is Identity.NAME:
        names |= {one.name for one in manifests.loaded.broken if is_name(one.name)}
        runs = service.jobs.runs_named(*sorted(names)) if names else ()
    else:
        names |= {c.name for c in service.jobs.claims.values() if c.owner == environment.owner}
        runs = owned_runs(service.jobs, environment=environment, names=names)
    by_name = histories(runs, environment=environment, jobs=manifests.jobs)
    return ((name, history) for name, history in sorted(by_name.items()) if history.under_way)


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
    known = measured(service, runs)
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
