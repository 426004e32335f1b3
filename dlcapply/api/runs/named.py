"""From what a person types to the run that is meant: the name of a job, or a JobId."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.api.journals import known_lately, unlisted
from dlcapply.cloud.job_rows import is_name
from dlcapply.cloud.listing import BEGINNING
from dlcapply.errors import DlcapplyError, ServiceError
from dlcapply.manifest.near_names import meant_names
from dlcapply.model.runs import Ownership, may_be_job_id
from dlcapply.planning.history import NO_RUNS, histories
from dlcapply.planning.ownership import classify

if TYPE_CHECKING:
    from dlcapply.api.connect import Service
    from dlcapply.api.load import Manifests
    from dlcapply.model.jobs import Environment, Job
    from dlcapply.model.runs import Run
    from dlcapply.planning.history import History

_ALL = "dlcapply status --all lists the runs of the workspace"


@dataclass(frozen=True, slots=True)
class NamedRun:
    """The run that is meant by a word: of the `job` that a manifest declares, if one does.

    `ownership` is whose it is. `others` are runs of the name that have not ended either, whoever's they are.
    """

    name: str
    run: Run
    job: Job | None
    ownership: Ownership
    others: tuple[Run, ...] = ()

    @property
    def is_ours(self) -> bool:
        return self.ownership is Ownership.OURS


def named_run(manifests: Manifests, service: Service, word: str, *, job_id: str = "") -> NamedRun:
    """The run of the job `word`, or the run whose JobId it is; with `job_id`, that run of the job.

    Of the job's runs, under all its names, it is the one of ours that is under way, else the newest of ours,
    else the newest of that name, whoever's it is. Where no manifest has the name, a JobId comes before it.
    Runs are as ListJobs shows them; one that was asked for by its JobId as GetJob does too, and one that was
    created from here may not be listed yet. Raises DlcapplyError where there is none, ServiceError where PAI
    gives no answer.
    """
    job = next((one for one in manifests.jobs if one.name == word), None)
    names = job.names if job else (word,)
    listed = service.jobs.runs_named(*names)
    lately = {} if job_id else known_lately(manifests, service)
    runs = (*listed, *unlisted(lately, service, listed, names))
    if job_id or (job is None and is_job_id(service, word, runs)):
        return _of_id(manifests, service, word, job, job_id or word)
    environment = manifests.environment
    of_job = [job] if job else []
    history = histories(runs, environment=environment, jobs=of_job).get(word, NO_RUNS)
    chosen = history.running or history.newest or _newest(runs, word)
    if chosen is None:
        raise no_run(manifests, service, word, job)
    return _named(word, chosen, job, history)


def is_job_id(service: Service, word: str, named: tuple[Run, ...]) -> bool:
    """Whether the word, which no manifest has as a name, is a JobId although runs are `named` so.

    Anybody may call a run by the JobId of another, and nobody can choose a JobId.
    """
    return may_be_job_id(word) and (not named or service.jobs.find(word) is not None)


def _newest(runs: tuple[Run, ...], name: str) -> Run | None:
    """The newest run of exactly that name, one that has not ended before all others."""
    named = [run for run in runs if run.name == name]
    return max(named, key=lambda run: (not run.is_terminal, run.age_key), default=None)


def _named(name: str, run: Run, job: Job | None, history: History) -> NamedRun:
    others = tuple({one.job_id: one for one in history.going_on if one.job_id != run.job_id}.values())
    return NamedRun(name, run, job, history.owners.get(run.job_id, Ownership.UNMARKED), others)


def _of_id(manifests: Manifests, service: Service, word: str, job: Job | None, job_id: str) -> NamedRun:
    run = service.jobs.find(job_id)
    if run is None:
        raise no_run(manifests, service, word, job) if job_id == word else _unknown(manifests, job_id)
    if job_id != word and run.name not in (job.names if job else (word,)):
        hint = f"it is a run of {run.name}"
        raise DlcapplyError(f"{job_id} is no run of {word}", hint=hint)
    if job is None or job_id == word:
        job = next((one for one in manifests.jobs if run.name in one.names), None)
    run = _with_listed(service, run)
    ownership = classify([run], environment=manifests.environment)[run.job_id]
    return NamedRun(job.name if job else run.name, run, job, ownership)


def _with_listed(service: Service, run: Run) -> Run:
    """The run with what only ListJobs shows, as its time limit; as GetJob has it where that lists none."""
    listed = service.jobs.runs_by_id([run.job_id])
    return replace(run, body={**listed[0].body, **run.body}) if listed else run


def _unknown(manifests: Manifests, job_id: str) -> DlcapplyError:
    return DlcapplyError(f"there is no run {job_id} in {place_of(manifests.environment)}")


def no_run(manifests: Manifests, service: Service, word: str, job: Job | None) -> DlcapplyError:
    """Says that there is no run of the job, or neither a job nor a run that the word could mean.

    Names that are near are told: of manifests, else of the workspace's newest runs.
    """
    place = place_of(manifests.environment)
    if job is not None:
        message = f"{word} has no run in {place}"
        return DlcapplyError(message, hint="dlcapply plan shows what would start one, or why nothing does")
    hint = _named_broken(manifests, word) or meant_names(word, _names_of(manifests)) or _unread(manifests)
    hint = hint or meant_names(word, _live_names(service, word)) or _ALL
    return DlcapplyError(f"there is no job, and no run, called {word} in {place}", hint=hint)


def _named_broken(manifests: Manifests, word: str) -> str:
    """What is wrong with the manifest that declares it; empty where none of that name is broken."""
    named = next((one for one in manifests.loaded.broken if one.name == word), None)
    return f"its manifest is broken: {named.told}" if named else ""


def _unread(manifests: Manifests) -> str:
    """What is wrong with a manifest that may declare it; empty where all tell their names."""
    unread = next((one for one in manifests.loaded.broken if not one.name), None)
    return f"a manifest that can't be read may declare it: {unread.told}" if unread else ""


def _names_of(manifests: Manifests) -> set[str]:
    names = {name for job in manifests.jobs for name in job.names}
    return names | {one.name for one in manifests.loaded.broken if is_name(one.name)}


def _live_names(service: Service, word: str) -> set[str]:
    """The names of runs that hold the word, and of the newest; none where PAI gives no answer."""
    try:
        pages = [service.jobs.pages(name=name, newest_first=True)(1, BEGINNING) for name in (word, "")]
    except ServiceError:
        return set()
    return {row["DisplayName"] for page in pages for row in page.rows if is_name(row["DisplayName"])}


def place_of(environment: Environment) -> str:
    """Where runs were looked for, in messages."""
    return f"workspace {environment.workspace_id} ({environment.region})"
