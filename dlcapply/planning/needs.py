"""The environment variables that the runs of a plan need to start, and whether they are set here."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dlcapply.model.plans import Need, VariableState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dlcapply.model.jobs import EnvSource, Job
    from dlcapply.model.plans import Change


def starting(changes: Iterable[Change], jobs: Iterable[Job]) -> tuple[Job, ...]:
    """The jobs that CreateJob may be called for when the changes are carried out.

    What is waiting starts later, after another look.
    """
    names = {change.name for change in changes if change.action.starts_a_run}
    return tuple(job for job in jobs if job.name in names)


def needs_of(jobs: Iterable[Job], environ: Mapping[str, str]) -> tuple[Need, ...]:
    """What the jobs need to start, by variable; one that may be empty for some jobs alone stands twice."""
    found: defaultdict[tuple[str, VariableState], set[str]] = defaultdict(set)
    for job in jobs:
        for source in job.env_from:
            found[source.variable, _here(source, environ)].add(job.name)
    return tuple(
        Need(variable, here, tuple(sorted(names))) for (variable, here), names in sorted(found.items())
    )


def _here(source: EnvSource, environ: Mapping[str, str]) -> VariableState:
    value = environ.get(source.variable)
    if value is None:
        return VariableState.UNSET
    if not _is_text(value):
        return VariableState.NOT_TEXT
    return VariableState.SET if value.strip() or source.allow_empty else VariableState.EMPTY


def _is_text(value: str) -> bool:
    """Whether it can be sent: what a process is given need not be text."""
    return "\0" not in value and value.encode("utf-8", "ignore").decode() == value
