"""What changes between two states of the manifests, and which jobs a change reaches; offline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dlcapply.api.comparing.states import open_repository
from dlcapply.api.options import NOTHING
from dlcapply.errors import NoManifestsError, UsageError
from dlcapply.manifest.selection import is_selected
from dlcapply.planning.declared_diff import diff_of
from dlcapply.planning.declared_reach import reach_of
from dlcapply.repository.revisions import branched_from, named_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.api.comparing.states import State
    from dlcapply.api.options import TargetOptions
    from dlcapply.model.diffs import StateDiff
    from dlcapply.planning.declared import DeclaredJob, DeclaredState

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The options with the jobs that a change reaches; `notes` say what that came to.

    `is_empty` where it reaches none: then the options exclude every job.
    """

    target: TargetOptions
    notes: tuple[str, ...] = ()
    is_empty: bool = False


def diff_states(word: str, target: TargetOptions, environ: Mapping[str, str]) -> StateDiff:
    """What changes between the states that the word names, as `git diff` reads it; nothing is asked for.

    A state that can't be composed is said to be so, and the other one is told. Raises DlcapplyError where
    neither can be, or git knows no such state, and NoManifestsError where neither declares anything.
    """
    repository = open_repository(target, environ)
    named = named_by(repository.checkout, word)
    before = repository.committed(named.before)
    after = repository.present() if named.after is None else repository.committed(named.after)
    _check(before, after, target)
    return diff_of(
        before.declared,
        after.declared,
        is_chosen=lambda job: _is_chosen(job, target),
        notes=(*before.notes, *after.notes),
    )


def _check(before: State, after: State, target: TargetOptions) -> None:
    """Raises where the words can't be meant, or neither state has anything to tell."""
    if after.error and (before.error or isinstance(after.error, UsageError)):
        raise after.error
    if not after.has_environment and not (before.error is None and before.has_environment):
        raise UsageError(f"there is no environment {target.environment}")
    if missing := sorted(before.lacks & after.lacks):
        raise UsageError(f"there is no file or folder {missing[0]} in either state")
    if not any(state.error or _declares(state.declared) for state in (before, after)):
        hint = "manifests are YAML files of kind Job"
        raise NoManifestsError("no manifests found in either state", hint=hint)


def _declares(state: DeclaredState) -> bool:
    return bool(state.jobs or state.unread)


def _is_chosen(job: DeclaredJob, target: TargetOptions) -> bool:
    return is_selected(job.name, job.labels, target.select, target.exclude)


def narrowed_to_changes(word: str, target: TargetOptions, environ: Mapping[str, str]) -> Narrowed:
    """The options, selecting what the changes since the merge base with the commit of this word reach.

    Where that commit's state can't be composed, everything counts as changed. Raises DlcapplyError where the
    present state is not known, or git does not know the commit.
    """
    repository = open_repository(target, environ)
    base = branched_from(repository.checkout, word)
    before, after = repository.committed(base), repository.present()
    if after.error:
        raise after.error
    if after.lacks or not after.has_environment:
        return Narrowed(target)  # to load them says what is wrong
    chosen = {name for name, job in after.declared.jobs.items() if _is_chosen(job, target)}
    if not chosen and not after.declared.unread:
        return Narrowed(target)  # to load them says what is wrong
    reach = reach_of(before.declared, after.declared)
    names = sorted(chosen & reach.names)
    since = f"since {base.commit[:12]}, the merge base with {word}"
    notes = (*before.notes, *_gone(before.declared, after.declared, target))
    if reach.everything:
        everything = f"all {len(chosen):,} jobs count as changed {since}: {reach.everything}"
        return Narrowed(target, (everything, *notes))
    if not names:
        is_whole = not after.declared.unread
        told = "no job is reached" if is_whole else "no job that can be read is reached"
        nothing = f"{told} by what changed {since}{': nothing to do' if is_whole else ''}"
        return Narrowed(replace(target, select=(), exclude=NOTHING), (nothing, *notes), is_empty=True)
    some = f"jobs reached by what changed {since}: {len(names):,} of {len(chosen):,}"
    return Narrowed(replace(target, select=tuple(names), exclude=()), (some, *notes))


def _gone(before: DeclaredState, after: DeclaredState, target: TargetOptions) -> tuple[str, ...]:
    """A note on the jobs that nothing declares any more: no selection looks for their runs."""
    former = {name for job in after.jobs.values() for name in job.formerly}
    names = sorted(
        name
        for name, job in before.jobs.items()
        if name not in after.jobs
        and name not in former
        and job.place.file not in after.unread
        and _is_chosen(job, target)
    )
    if not names:
        return ()
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return (f"not looked at: the runs of {', '.join(names[:_MOST_NAMED])}{more}, declared no longer",)
