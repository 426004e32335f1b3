"""The jobs of two states, side by side, and whether all of them moved to another place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dlcapply.secrecy import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlcapply.model.jobs import Environment
    from dlcapply.planning.declared import DeclaredJob, DeclaredState

# What of the environment at hand decides where a job is, and whose.
_TARGET = {
    "region": "region",
    "workspace_id": "workspace",
    "endpoint": "endpoint",
    "owner": "owner",
    "origin": "origin",
    "identity": "identity",
}


class Pair(NamedTuple):
    """One job as both states have it; None where one has it not."""

    name: str
    before: DeclaredJob | None
    after: DeclaredJob | None

    @property
    def is_renamed(self) -> bool:
        return bool(self.before and self.after and self.before.name != self.after.name)


def paired(before: DeclaredState, after: DeclaredState) -> list[Pair]:
    """Every job of either state; one that says its former name is the job that had it."""
    former = _renames(before, after)
    taken = set(former.values())
    now = [Pair(name, before.jobs.get(former.get(name, name)), job) for name, job in after.jobs.items()]
    gone = [
        Pair(name, job, None)
        for name, job in before.jobs.items()
        if name not in after.jobs and name not in taken
    ]
    return [*now, *gone]


def _renames(before: DeclaredState, after: DeclaredState) -> dict[str, str]:
    """By its new name, the name that a job had; each former name once."""
    found: dict[str, str] = {}
    for name, job in sorted(after.jobs.items()):
        if name in before.jobs:
            continue
        names = (one for one in job.formerly if one in before.jobs and one not in after.jobs)
        known = next((one for one in names if one not in found.values()), "")
        if known:
            found[name] = known
    return found


def moved(before: Environment | None, after: Environment | None) -> Iterator[str]:
    """What makes all jobs others: it is told first, so that nobody misses it between the values of a file."""
    if before is None or after is None:
        return
    if before.name != after.name:
        yield f"the environment is {after.name}, and was {before.name}"
    elsewhere = [
        f"{word} {getattr(before, key) or 'none'} → {getattr(after, key) or 'none'}"
        for key, word in _TARGET.items()
        if getattr(before, key) != getattr(after, key)
    ]
    if elsewhere:
        what = "every job counts as a new one, and runs in the old place are left alone"
        yield f"{what}: {without_secrets(', '.join(elsewhere))}"
