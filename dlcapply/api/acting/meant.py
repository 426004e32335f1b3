"""Which runs a stop means: by names of jobs, by JobIds, by patterns, or all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dlcapply.api.command_lines import typed
from dlcapply.api.journals import known_lately, unlisted
from dlcapply.api.runs.named import is_job_id, named_run
from dlcapply.cloud.census import owned_runs
from dlcapply.cloud.job_rows import is_name
from dlcapply.errors import DlcapplyError, UsageError
from dlcapply.manifest.near_names import meant_patterns
from dlcapply.manifest.selection import is_selected
from dlcapply.model.jobs import Identity
from dlcapply.model.runs import Ownership
from dlcapply.model.stops import ShownRun
from dlcapply.planning.history import NO_RUNS, histories
from dlcapply.planning.reasons import describe, describe_other

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.model.jobs import Job
    from dlcapply.model.runs import Run
    from dlcapply.planning.history import History


@dataclass(frozen=True, slots=True)
class StopRequest:
    """Which runs are meant: by names of jobs or JobIds, by patterns, or all of ours that are under way.

    With `by_id`, the names are JobIds, whatever else is called so. `not_ours` lets a JobId name a stranger's
    run. `allow_protected` are names or JobIds of runs that may be stopped although something protects them.
    Raises UsageError unless it is said in exactly one way.
    """

    names: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    every: bool = False
    not_ours: bool = False
    allow_protected: tuple[str, ...] = ()
    by_id: bool = False

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
class Found:
    """The runs that are meant and under way; `whose` tells by JobId of those that are not ours.

    `seen` are the JobIds of all that their jobs have under way. `untold` tells of the manifests whose runs
    nobody can tell from others.
    """

    shown: list[ShownRun]
    notes: list[str]
    whose: dict[str, str]
    seen: set[str]
    untold: list[str]


def meant_runs(manifests: Manifests, service: Service, request: StopRequest) -> Found:
    """Raises DlcapplyError where a name means no run, or a run that is not ours."""
    return (_named if request.names else _selected)(manifests, service, request)


def _named(manifests: Manifests, service: Service, request: StopRequest) -> Found:
    found = Found([], [], {}, set(), [])
    lately = {} if request.by_id else known_lately(manifests, service)
    for word in dict.fromkeys(request.names):
        job = None if request.by_id else _job_of(manifests, word)
        names = job.names if job else (word,)
        runs = () if request.by_id else _runs_named(lately, service, names)
        found.notes.extend(_not_shown(lately, runs, names))
        if job is None and (not runs or is_job_id(service, word, runs)):
            _by_id(found, manifests, service, word, request)
            continue
        of = [job] if job else []
        by_name = histories(runs, environment=manifests.environment, jobs=of)
        history = by_name.get(job.name if job else word, NO_RUNS)
        _by_name(found, job.name if job else word, names, history)
    return found


def _runs_named(lately: Mapping[str, str], service: Service, names: Collection[str]) -> tuple[Run, ...]:
    """Also those that were created from here and are not listed yet: to stop one at once saves the most."""
    listed = service.jobs.runs_named(*sorted(names)) if names else ()
    return (*listed, *unlisted(lately, service, listed, names))


def _not_shown(lately: Mapping[str, str], runs: Iterable[Run], names: Collection[str]) -> Iterator[str]:
    """The runs of these names that were created from here and that PAI does not show at all."""
    shown = {run.job_id for run in runs}
    for job_id, name in lately.items():
        if job_id not in shown and name in names:
            unseen = f"{job_id} was created from here, and PAI does not show it"
            yield f"{name}: {unseen}: it was deleted, or may go on"


def _job_of(manifests: Manifests, word: str) -> Job | None:
    """The job of this name, or the one that had it."""
    return next((job for job in manifests.jobs if job.name == word), None) or next(
        (job for job in manifests.jobs if word in job.formerly), None
    )


def _by_name(found: Found, name: str, names: tuple[str, ...], history: History) -> None:
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
    ended = _ended(history.newest) if history.newest else "it has no run of this project"
    found.notes.append(f"{name}: nothing to stop: {ended}")


def _ended(run: Run) -> str:
    holds = ", and holds its resources until the time is over for which they are reserved: no stop is sent"
    return f"{describe(run)} has ended{holds if run.status.endswith('Reserving') else ''}"


def _by_id(found: Found, manifests: Manifests, service: Service, word: str, request: StopRequest) -> None:
    """The run with the JobId `word`; raises DlcapplyError where there is none, or it is not ours to stop."""
    named = named_run(manifests, service, word, job_id=word if request.by_id else "")
    run = named.run
    names = named.job.names if named.job else (run.name,)
    of = [named.job] if named.job else []
    by_name = histories(service.jobs.runs_named(*names), environment=manifests.environment, jobs=of)
    ownership = by_name.get(named.name, NO_RUNS).owners.get(run.job_id, named.ownership)
    if run.is_terminal:
        found.notes.append(f"{word}: nothing to stop: {_ended(run)}")
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


def _selected(manifests: Manifests, service: Service, request: StopRequest) -> Found:
    environment = manifests.environment
    if not environment.knows_ours:
        raise UsageError(
            "without a project or --owner, nobody can tell which runs are yours",
            hint="name the run: dlcapply stop JOBID --not-ours",
        )
    labels = {name: job.labels for job in manifests.jobs for name in job.names}
    known = [(job.name, job.labels) for job in manifests.jobs]
    known += [(one.name, {}) for one in manifests.loaded.broken if is_name(one.name)]
    found = Found([], [], {}, set(), [])
    lately = known_lately(manifests, service)
    runs = _all_runs(manifests, service, lately)
    asked = {name for name, own in known if is_selected(name, own, request.select, request.exclude)}
    found.notes.extend(_not_shown(lately, runs, asked))
    for name, history in sorted(histories(runs, environment=environment, jobs=manifests.jobs).items()):
        found.seen.update(run.job_id for run in history.under_way)
        for run in history.ours:
            own = labels.get(run.name) or {key: str(tag) for key, tag in run.tags.items()}
            known.append((name, own))
            if not run.is_terminal and is_selected(name, own, request.select, request.exclude):
                names = next((job.names for job in manifests.jobs if job.name == name), (run.name,))
                found.shown.append(ShownRun(name, run, names, is_ours=True))
    found.untold.extend(_untold(manifests))
    if not found.shown:
        _check_patterns(request, known)
        found.notes.append("nothing to stop: no run of this project that is meant is under way")
    return found


def _check_patterns(request: StopRequest, known: Sequence[tuple[str, Mapping[str, str]]]) -> None:
    """Raises DlcapplyError for patterns that no job, and no run of the project, is called by."""
    if not request.select or any(is_selected(name, labels, request.select, ()) for name, labels in known):
        return
    hint = meant_patterns(request.select, known)
    raise DlcapplyError("nothing was stopped: no job, and no run, of this project is selected", hint=hint)


def _untold(manifests: Manifests) -> Iterator[str]:
    """By name alone, what may be the project's and is among no runs that it can be told by."""
    if manifests.environment.identity is Identity.NAME:
        files = dict.fromkeys(one.file for one in manifests.loaded.broken if not is_name(one.name))
        yield from (f"{file} can't be read, and no run of its job can be told: look for it" for file in files)


def _all_runs(manifests: Manifests, service: Service, lately: Mapping[str, str]) -> tuple[Run, ...]:
    """The runs of the environment, whoever's they are; by name alone, those of the manifests' names."""
    environment = manifests.environment
    names = {name for job in manifests.jobs for name in job.names}
    if environment.identity is Identity.NAME:
        names |= {one.name for one in manifests.loaded.broken if is_name(one.name)}
        return _runs_named(lately, service, names)
    names |= {c.name for c in service.jobs.claims.values() if c.owner == environment.owner}
    listed = owned_runs(service.jobs, environment=environment, names=names)
    return (*listed, *unlisted(lately, service, listed))
