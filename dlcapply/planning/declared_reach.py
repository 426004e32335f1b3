"""Two states of the manifests -> the jobs that what changed reaches: of what is doubtful, too many."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from dlcapply.model.diffs import Role
from dlcapply.planning.declared import is_same
from dlcapply.planning.declared_pairs import moved, paired
from dlcapply.planning.declared_settings import two_states

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.planning.declared import DeclaredState
    from dlcapply.planning.declared_pairs import Pair
    from dlcapply.planning.declared_settings import TwoStates

# As the schema of manifests has it; whatever else is read as a pattern where it is selected.
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
# What of the project file reaches a job through the job's own values.
_THROUGH_VALUES = frozenset({"variables", "defaults", "environments", "defaultEnvironment"})


class Reach(NamedTuple):
    """The jobs that a change reaches, by their names in the later state; all of them where it says why."""

    names: frozenset[str]
    everything: str = ""


def reach_of(before: DeclaredState, after: DeclaredState) -> Reach:
    """The jobs that what changed reaches; what can't be told apart counts as reached."""
    names = frozenset(after.jobs)
    states = two_states(before, after)
    if why := _reaches_all(states):
        return Reach(names, why)
    claimed = _claimed(before, after)
    reached = {
        pair.name
        for pair in paired(before, after)
        if pair.after and (claimed & _names(pair) or _is_reached(pair, states))
    }
    return Reach(frozenset(reached))


def _reaches_all(states: TwoStates) -> str:
    """Why everything counts as changed; empty where it does not."""
    before, after = states.before, states.after
    if not before.is_known:
        return f"{before.side.name} can't be composed: {before.side.trouble}"
    if not before.jobs and not before.unread:
        return f"{before.side.name} declares none of them"
    policy = next((file for file in states.changed if states.role(file) is Role.POLICY), "")
    if policy:
        return f"the policy {policy} differs"
    if any(moved(before.environment, after.environment)):
        return "the environment differs"
    odd = next((name for name in sorted(after.jobs) if not _NAME.fullmatch(name)), "")
    if odd:
        return f"no job can have the name {odd!r}"
    old, new = _governing(before), _governing(after)
    key = next((key for key in sorted({*old, *new}) if old.get(key) != new.get(key)), "")
    return f"{key} of the project differs" if key else ""


def _governing(state: DeclaredState) -> dict[str, object]:
    """What the project file says to all jobs, beside what reaches them through their own values."""
    project = _project(state) or {}
    name = state.environment.name if state.environment else ""
    said = {key: value for key, value in project.items() if key not in _THROUGH_VALUES}
    environment = (project.get("environments") or {}).get(name) or {}
    own = {key: value for key, value in environment.items() if key != "variables"}
    return said | {f"environments.{name}": own}


def _project(state: DeclaredState) -> dict[str, Any] | None:
    value = next((one.value for one in state.contents.values() if one.role is Role.PROJECT), None)
    return value if isinstance(value, dict) else None


def _claimed(before: DeclaredState, after: DeclaredState) -> frozenset[str]:
    """The jobs about whose runs a claim says something else."""
    old, new = (_claims(state) for state in (before, after))
    differing = (
        claim
        for run in {*old, *new}
        if old.get(run) != new.get(run)
        for claim in (old.get(run), new.get(run))
    )
    return frozenset(str(claim.get("name")) for claim in differing if isinstance(claim, dict))


def _names(pair: Pair) -> frozenset[str]:
    """Every name whose runs are the job's in either state."""
    either = [job for job in (pair.before, pair.after) if job]
    return frozenset(name for job in either for name in (job.name, *job.formerly))


def _claims(state: DeclaredState) -> Mapping[str, object]:
    value = next((one.value for one in state.contents.values() if one.role is Role.CLAIMS), None)
    runs = value.get("runs") if isinstance(value, dict) else None
    return runs if isinstance(runs, dict) else {}


def _is_reached(pair: Pair, states: TwoStates) -> bool:
    old, new = pair.before, pair.after
    if old and new and old.job and new.job:
        return pair.is_renamed or not is_same(old, new)
    # Of what is not valid nobody knows what it would be: any file that it may be made of counts.
    own = {job.place.file for job in (old, new) if job}
    shared = (file for file in states.changed if states.role(file) is not Role.MANIFEST)
    return old is None or bool(own & states.changed.keys()) or any(shared)
