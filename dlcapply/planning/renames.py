"""Jobs that seem new and may be renamed: their runs keep the old name, and a new one would be paid twice."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dlcapply.model.findings import Finding, Level
from dlcapply.model.jobs import Identity, State
from dlcapply.model.runs import Phase
from dlcapply.planning.decisions import Why
from dlcapply.planning.fingerprints import fingerprint
from dlcapply.planning.history import NO_RUNS
from dlcapply.planning.marks import SPEC_TAG, has_spec_mark, is_same, token_changed
from dlcapply.planning.ownership import carried
from dlcapply.planning.reasons import describe

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from dlcapply.model.jobs import Environment, Job
    from dlcapply.model.runs import Run
    from dlcapply.planning.history import History

# How a run may end that is followed by another one for the same spec and token.
_NOT_FINAL = frozenset({Phase.FAILED, Phase.STOPPED})


def ran_for(run: Run, job: Job) -> bool:
    """Whether the run says that it was started for the job's present spec and token, under whatever name."""
    return has_spec_mark(run) and is_same(run, job=job)


def is_without_a_run(job: Job, history: History) -> bool:
    """Whether the job wants a run, and none of its own was started for its present spec and token."""
    return job.rules.state is State.PRESENT and not any(ran_for(run, job) for run in history.ours)


def may_start(job: Job, history: History) -> bool:
    """Whether the newest run leaves it open that another one is started for what the job asks now."""
    newest = history.newest
    if job.rules.state is not State.PRESENT:
        return False
    return newest is None or newest.phase in _NOT_FINAL or not ran_for(newest, job)


def looks_renamed(
    jobs: Sequence[Job],
    by_name: Mapping[str, History],
    *,
    environment: Environment,
    names: Collection[str] | None,
) -> dict[str, tuple[Run, ...]]:
    """By job, the runs of ours that its start would pay for once more, oldest first.

    They were started for the very spec and token of a job without such a run, under a name that none of the
    jobs has or had, nor any other of the project: `names`. Without marks nobody can tell.
    """
    if environment.identity is Identity.NAME:
        return {}
    known = {name for job in jobs for name in job.names}.union(names or ())
    undeclared = _by_spec(
        run for name, history in by_name.items() if name not in known for run in history.ours
    )
    found = {
        job.name: _started_for(job, undeclared)
        for job in (jobs if undeclared else ())
        if is_without_a_run(job, by_name.get(job.name, NO_RUNS))
    }
    return {name: tuple(sorted(runs, key=lambda run: run.age_key)) for name, runs in found.items() if runs}


def _by_spec(runs: Iterable[Run]) -> Mapping[str, Sequence[Run]]:
    """The runs by the mark of their spec: so a job's fingerprint is taken once, however many there are."""
    found: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        if has_spec_mark(run):
            found[run.tags[SPEC_TAG]].append(run)
    return found


def _started_for(job: Job, by_spec: Mapping[str, Sequence[Run]]) -> list[Run]:
    """Those among the runs that say that they were started for the job's present spec and token."""
    return [run for run in by_spec.get(fingerprint(job), ()) if not token_changed(run, job=job)]


def ran_elsewhere(
    jobs: Sequence[Job], by_name: Mapping[str, History], starting: Collection[str]
) -> Iterable[Finding]:
    """A warning for each job to start whose spec and token ran where nobody takes that run for the job's.

    As when two jobs swap their names, or a job is renamed while its repository moves.
    """
    declared = {job.name: fingerprint(job) for job in jobs}
    runs = _by_spec(
        run
        for name, history in by_name.items()
        for run in (history.ours if name in declared else history.of_other_origins)
        if run.tags.get(SPEC_TAG) != declared.get(name)
    )
    for job in jobs if runs else ():
        if job.name in starting and (same := _started_for(job, runs)):
            yield _ran_elsewhere(job, max(same, key=lambda run: run.age_key))


def _ran_elsewhere(job: Job, run: Run) -> Finding:
    origin = carried(run).origin
    if origin and origin != job.key.origin:
        whose = f" in {origin}"
        hint = (
            f"if these manifests were there: metadata.formerOrigins: [{origin}], and formerly: [{run.name}]"
        )
    else:
        whose = ", a job that asks for something else now"
        hint = f"a run stays with its job's name: leave the name {run.name} to the manifest that started it"
    message = f"{job.name}: {describe(run)} ran this very spec and token as {run.name}{whose}"
    return Finding("ran-elsewhere", Level.WARNING, message, hint, place=job.place)


def renaming(renamed_from: Sequence[Run]) -> dict[str, object]:
    """What the words for a job that looks renamed are about: the newest of those runs."""
    newest = renamed_from[-1] if renamed_from else None
    return {"renamed_from": describe(newest), "former": newest.name if newest else ""}


def rename_warnings(jobs: Iterable[Job], renamed: Mapping[str, Sequence[Run]]) -> Iterable[Finding]:
    """A warning for each job that may be a renamed one, where nobody can know what else is declared."""
    for job in jobs:
        if job.name in renamed:
            run = renamed[job.name][-1]
            message = f"{job.name}: {describe(run)} ran this very spec and token as {run.name}"
            hint = f"if it is this job's, metadata.formerly: [{run.name}] goes on with it"
            yield Finding(Why.LOOKS_RENAMED, Level.WARNING, message, hint, place=job.place)
