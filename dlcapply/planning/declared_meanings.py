"""What the change of a job means for its runs, as far as its manifests alone tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model.diffs import UNKNOWN, Ceiling, Ceilings, Meaning
from dlcapply.model.jobs import OnChange, RerunOn, State
from dlcapply.pai import IN_PLACE
from dlcapply.planning.ceilings import adding, exceeding, minutes, pods, roles
from dlcapply.planning.fields import in_place_value
from dlcapply.planning.fingerprints import fingerprints
from dlcapply.planning.spend import instance_types
from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dlcapply.model.jobs import Job

_WHILE_ACTIVE = {
    OnChange.BLOCK: "an active run blocks it",
    OnChange.WAIT: "it waits for the end of an active run",
    OnChange.REPLACE: "it replaces an active run, with --allow-replace",
}


def meanings_of(before: Job | None, after: Job | None) -> tuple[Meaning, ...]:
    """The meanings of a change between two jobs, the one that costs most first; None where there is none."""
    if before is None:
        return tuple(_of_added(after)) if after else ()
    return tuple(_of_changed(before, after) if after else _of_removed(before))


def rename_of(former: str) -> Meaning:
    return Meaning("rename", f"runs under {former} are its own: the rename starts nothing")


def looks_renamed(former: str) -> Meaning:
    text = f"looks renamed: {former} ran the same, and is gone; metadata.formerly says so if it is"
    return Meaning("looks-renamed", text)


def not_known(why: str) -> Meaning:
    return Meaning(UNKNOWN, f"not known: {why}")


def is_alike(one: Job, other: Job) -> bool:
    """Whether both ask for the same run, under whatever names."""
    return one.rules.token == other.rules.token and fingerprints(one).spec == fingerprints(other).spec


def _of_added(job: Job) -> Iterator[Meaning]:
    if job.rules.state is State.STOPPED:
        yield Meaning("stopped", "it is declared stopped: starts nothing")
        return
    yield Meaning("start", "starts a run, unless one of this spec and token is there")
    if job.rules.not_after:
        yield Meaning("not-after", f"and none after {job.rules.not_after:%Y-%m-%d %H:%M %Z}".rstrip())


def _of_removed(job: Job) -> Iterator[Meaning]:
    kept = "; its runs carry run.protect, and prune leaves them" if job.rules.protect else ""
    yield Meaning("orphan", f"no manifest declares it any more: an active run goes on until --prune{kept}")


def _of_changed(before: Job, after: Job) -> Iterator[Meaning]:
    found = [*_of_state(before, after), *_of_runs(before, after), *_of_rules(before, after)]
    yield from found or [Meaning("nothing", "nothing for its runs: the next one will have it")]


def _of_state(before: Job, after: Job) -> Iterator[Meaning]:
    match before.rules.state, after.rules.state:
        case State.PRESENT, State.STOPPED:
            yield Meaning("stop", "its active run is stopped")
        case State.STOPPED, State.STOPPED:
            yield Meaning("stopped", "it stays declared stopped: starts nothing")
        case State.STOPPED, State.PRESENT:
            yield Meaning("start", "it is wanted again: starts a run, unless its newest says otherwise")


def _of_runs(before: Job, after: Job) -> Iterator[Meaning]:
    if after.rules.state is State.STOPPED:
        return
    old, new = fingerprints(before), fingerprints(after)
    has_token = before.rules.token != after.rules.token
    if has_token or (old.spec != new.spec and after.rules.rerun_on is RerunOn.CHANGE):
        what = "another run.token" if has_token else "another spec"
        active = _WHILE_ACTIVE[after.rules.on_change]
        yield Meaning("new-run", f"asks for a new run ({what}), unless one is there; {active}")
    elif old.spec != new.spec:
        yield Meaning("token-only", "another spec, and rerunOn: token asks for no new run")
    elif old.around != new.around:
        yield Meaning("circumstances", "asks for no run, unless its last one failed or ran out of time")
    values = ((in_place_value(path, before.spec), in_place_value(path, after.spec)) for path in IN_PLACE)
    if old.spec == new.spec and any(left != right for left, right in values):
        yield Meaning("in-place", "PAI may change it on an active run")


def _of_rules(before: Job, after: Job) -> Iterator[Meaning]:
    old, new = before.rules, after.rules
    if new.retries > old.retries:
        yield Meaning("retries", f"up to {new.retries} new runs after a failure, {old.retries} before")
    if old.protect and not new.protect:
        yield Meaning("unprotected", "a run that is started from now on may be stopped and replaced")
    told = {"state", "token", "retries", "protect"}
    names = [name for name in old.__slots__ if name not in told and getattr(old, name) != getattr(new, name)]
    if names or (new.protect and not old.protect) or new.retries < old.retries:
        yield Meaning("rules", "how its runs are governed changes")


def ceiling_of(job: Job | None) -> Ceiling | None:
    """The most pods and hours of the job's runs; None where none would start."""
    if job is None or job.rules.state is State.STOPPED:
        return None
    each = [pods(role) for role in roles(job.spec)]
    longest = minutes(job.spec)
    missing = (*longest.missing, *(name for one in each if one.number is None for name in one.missing))
    unbounded = (*missing, *adding(job.spec)) if longest.number is None or adding(job.spec) else missing
    counts = [one.number for one in each]
    return Ceiling(
        pods=None if None in counts else sum(count for count in counts if count is not None),
        hours=None if longest.number is None else longest.number / 60,
        runs=1 + job.rules.retries,
        types=tuple(sorted(map(without_secrets, instance_types([job.spec])))),
        unbounded_by=tuple(dict.fromkeys(unbounded)),
        can_exceed=exceeding(job.spec),
    )


def total(jobs: Iterable[Job | None]) -> Ceilings:
    """What all of them can hold at most, together; None is a job that is not valid."""
    each = list(jobs)
    hours = [ceiling.pod_hours for job in each if (ceiling := ceiling_of(job))]
    limited = [one for one in hours if one is not None]
    return Ceilings(len(each), sum(limited), len(hours) - len(limited), each.count(None))
