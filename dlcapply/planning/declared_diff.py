"""Two states of the manifests -> what changes between them; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.model.diffs import FileChange, FileDiff, JobChange, JobDiff, Role, StateDiff
from dlcapply.model.jobs import State
from dlcapply.planning.declared import is_same, value_changes
from dlcapply.planning.declared_meanings import (
    ceiling_of,
    is_alike,
    looks_renamed,
    meanings_of,
    not_known,
    rename_of,
    total,
)
from dlcapply.planning.declared_pairs import Pair, moved, paired
from dlcapply.planning.declared_settings import GOVERNING, settings_diffs, two_states

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dlcapply.model.diffs import Meaning, Side
    from dlcapply.model.jobs import Job
    from dlcapply.planning.declared import DeclaredJob, DeclaredState
    from dlcapply.planning.declared_settings import TwoStates

_INVALID = "its manifest is not valid"


def diff_of(
    before: DeclaredState,
    after: DeclaredState,
    *,
    is_chosen: Callable[[DeclaredJob], bool] = lambda _: True,
    notes: Sequence[str] = (),
) -> StateDiff:
    """What changes from one state to the other; jobs count where either state of them is chosen."""
    states = two_states(before, after)
    everybody = paired(before, after)
    pairs = [pair for pair in everybody if any(map(is_chosen, filter(None, pair[1:])))]
    by_name = {pair.name: _job_diff(pair, states) for pair in pairs}
    jobs = [diff for name in sorted(by_name) if (diff := by_name[name])]
    jobs = _with_likely_renames(jobs, before, after)
    settings = tuple(settings_diffs(states)) if before.is_known and after.is_known else ()
    return StateDiff(
        before=_with_ceilings(before, pairs, is_before=True),
        after=_with_ceilings(after, pairs, is_before=False),
        jobs=tuple(jobs),
        settings=settings,
        files=tuple(_files(states, jobs, is_all=len(pairs) == len(everybody)))
        if before.is_known and after.is_known
        else (),
        unchanged=len(pairs) - len(jobs),
        notes=(*notes, *moved(before.environment, after.environment)),
    )


def _job_diff(pair: Pair, states: TwoStates) -> JobDiff | None:
    """What changes about the job; None where nothing does."""
    old, new = pair.before, pair.after
    change = _kind(pair, states)
    if change is None:
        return None
    fields = value_changes(old, new) if old and new else ()
    is_rename = pair.is_renamed and old is not None
    return JobDiff(
        name=pair.name,
        change=change,
        meanings=tuple(_meanings(pair, change, states)),
        fields=fields,
        formerly=old.name if is_rename and old else "",
        before=ceiling_of(old.job if old else None),
        after=ceiling_of(new.job if new else None),
        files=_causes(pair, [file for field in fields for file in field.files], states),
        before_at=old.place if old else None,
        after_at=new.place if new else None,
    )


def _kind(pair: Pair, states: TwoStates) -> JobChange | None:
    old, new = pair.before, pair.after
    if old and new:
        if pair.is_renamed:
            return JobChange.RENAMED
        is_judged_alike = (old.job is None) == (new.job is None)
        return None if is_judged_alike and is_same(old, new) else JobChange.CHANGED
    lacking = states.after if old else states.before
    known = old or new
    is_unread = known is not None and known.place.file in lacking.unread
    if not lacking.is_known or is_unread:
        return JobChange.UNKNOWN
    return JobChange.REMOVED if old else JobChange.ADDED


def _meanings(pair: Pair, change: JobChange, states: TwoStates) -> Iterator[Meaning]:
    old, new = pair.before, pair.after
    if change is JobChange.UNKNOWN:
        lacking = states.after if old else states.before
        where = lacking.side.name or "the working tree"
        yield not_known(f"its manifest can't be read in {where}" if lacking.is_known else f"{where} is not")
        return
    if pair.is_renamed and old:
        yield rename_of(old.name)
    if (old and old.job is None) or (new and new.job is None):
        yield not_known(_INVALID if new and new.job is None else f"{_INVALID} before")
        return
    found = meanings_of(old.job if old else None, new.job if new else None)
    yield from (one for one in found if not (pair.is_renamed and one.code == "nothing"))


def _causes(pair: Pair, files: Iterable[str], states: TwoStates) -> tuple[str, ...]:
    """The files by which the job differs: those that differ themselves, of where its values come from."""
    own = [job.place.file for job in (pair.before, pair.after) if job]
    named = dict.fromkeys((*own, *files))
    return tuple(file for file in named if file in states.changed) or tuple(dict.fromkeys(own))


def _with_likely_renames(
    jobs: Sequence[JobDiff], before: DeclaredState, after: DeclaredState
) -> list[JobDiff]:
    """An added job that asks for what a removed one ran is told so: a plan will hold it back."""
    gone = [before.jobs[one.name].job for one in jobs if one.change is JobChange.REMOVED]
    return [_with_likely_rename(one, list(filter(None, gone)), after) for one in jobs]


def _with_likely_rename(one: JobDiff, gone: Sequence[Job], after: DeclaredState) -> JobDiff:
    job = after.jobs[one.name].job if one.change is JobChange.ADDED else None
    is_wanted = job is not None and job.rules.state is State.PRESENT
    former = next((old.name for old in gone if job and is_wanted and is_alike(old, job)), "")
    return replace(one, meanings=(looks_renamed(former), *one.meanings)) if former else one


def _with_ceilings(state: DeclaredState, pairs: Iterable[Pair], *, is_before: bool) -> Side:
    jobs = [pair.before if is_before else pair.after for pair in pairs]
    return replace(state.side, ceilings=total(one.job for one in jobs if one))


def _files(states: TwoStates, jobs: Sequence[JobDiff], *, is_all: bool) -> Iterator[FileDiff]:
    """The files that differ, and say something else; where some jobs are left out, so are their files."""
    for file, change in states.changed.items():
        names = tuple(job.name for job in jobs if file in job.files)
        role = states.role(file)
        is_worth_telling = role is not Role.MANIFEST or change is not FileChange.CHANGED
        if names or role in GOVERNING or (is_all and is_worth_telling):
            yield FileDiff(file, role, change, names)
