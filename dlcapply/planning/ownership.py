"""Whose each run is: by its marks, by the claims on it, and beside the other runs of its name."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from dlcapply.model.claims import OwnerMarks
from dlcapply.model.jobs import MARK_PREFIX, Identity
from dlcapply.model.runs import Ownership
from dlcapply.pai import CLONE_TAG
from dlcapply.planning.marks import (
    ENV_TAG,
    OP_TAG,
    ORIGIN_TAG,
    OWNER_TAG,
    PROTECT_TAG,
    is_reserved,
    secret_names,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from dlcapply.model.claims import Claim
    from dlcapply.model.jobs import Environment, Job
    from dlcapply.model.runs import Run
    from dlcapply.model.stops import ShownRun


def carried(run: Run) -> OwnerMarks:
    """Whose the run is by its own marks, whatever a claim says."""
    if run.claim is not None:
        return run.claim.giver
    return marked(run)


def marked(run: Run) -> OwnerMarks:
    """Whose the run counts as: by its claim's marks where it has one, otherwise by its own."""
    return OwnerMarks(run.tags.get(OWNER_TAG, ""), run.tags.get(ORIGIN_TAG, ""))


def claimed(run: Run, claim: Claim | None) -> Run:
    """The run with the marks of the claim, if there is one, in place of what its tags say of dlcapply.

    No claim takes away what protects the run or keeps its values secret. One that is for another name, or
    from somebody else than the run's marks say, is void.
    """
    if claim is None:
        return run
    if (claim.name, claim.giver) != (run.name, carried(run)):
        return replace(run, void_claim=claim)
    kept = {tag: value for tag, value in run.tags.items() if _survives_claims(tag)}
    tags = kept | {f"{MARK_PREFIX}{name}": value for name, value in claim.marks.items()}
    if names := {*secret_names(run), *claim.marks.get("env", "").split(",")} - {""}:
        tags[ENV_TAG] = ",".join(sorted(names))
    settings = {**(run.body.get("Settings") or {}), "Tags": tags}
    return replace(run, body={**run.body, "Settings": settings}, claim=claim)


def _survives_claims(tag: str) -> bool:
    return tag == PROTECT_TAG or not (is_reserved(tag) or tag == CLONE_TAG)


def calls_ours(whose: OwnerMarks, environment: Environment) -> bool:
    """Whether marks call a run the environment's: by its owner, and by its repository if they name one."""
    is_told = environment.identity is Identity.MARKS
    origins = {"", environment.origin, *environment.former_origins}
    return whose.owner == environment.owner and (whose.origin in origins or not is_told)


def giver_of(run: Run, environment: Environment) -> str:
    """Who must agree that the run becomes ours, by its own marks: another owner, or another repository."""
    whose = carried(run)
    if not whose.owner or calls_ours(whose, environment):
        return ""
    return whose.origin if whose.owner == environment.owner else whose.owner


def is_anothers(run: Run, environment: Environment) -> bool:
    """Whether it would belong to somebody else, or to another repository, without the claim on it."""
    return run.claim is not None and giver_of(run, environment) != ""


def is_guarded(run: Run, environment: Environment) -> bool:
    """Whether marks that are not ours protect it: then no manifest of ours can lift that.

    It may be ours by a claim, or by its name alone.
    """
    return run.tags.get(PROTECT_TAG) == "true" and not calls_ours(carried(run), environment)


def protected_by(run: Run, job: Job | None, environment: Environment) -> str:
    """What protects the run from being stopped, in words; empty where nothing does.

    As long as its manifest can be read, that decides for a run of ours; otherwise the run's own mark does.
    """
    if job is not None and job.rules.protect:
        return f"run.protect in {job.place.file}" if job.place else "run.protect"
    if run.tags.get(PROTECT_TAG) != "true":
        return ""
    if job is None:
        return "its own mark, and no manifest here says otherwise"
    return "marks that are not this project's" if is_guarded(run, environment) else ""


def is_released(run: Run) -> bool:
    """Whether a claim leaves the run to others."""
    return run.claim is not None and not run.claim.owner


def is_still_ours(run: Run, *, names: Collection[str], environment: Environment) -> bool:
    """Whether a run read again is the one that a plan took for ours; `names` are all that it may have."""
    owners = classify([run], environment=environment)
    return run.name in names and owners[run.job_id] is Ownership.OURS


def is_as_shown(run: Run, shown: ShownRun, *, environment: Environment) -> bool:
    """Whether a run read again is the one that a person was shown: of the same name, and whose it was."""
    if run.job_id != shown.job_id or run.name != shown.run.name or marked(run) != marked(shown.run):
        return False
    return not shown.is_ours or is_still_ours(run, names=shown.names, environment=environment)


def classify(runs: Iterable[Run], *, environment: Environment) -> dict[str, Ownership]:
    """Whose each run is, by JobId; `runs` are all runs of one name."""
    known_ops: set[str] = set()
    owners = {}
    for run in sorted(runs, key=lambda run: run.age_key):
        owners[run.job_id] = ownership = _ownership(run, environment, known_ops)
        if ownership is Ownership.OURS:
            known_ops.add(run.tags.get(OP_TAG, ""))
    return owners


def owners_of(runs: Iterable[Run], *, environment: Environment) -> dict[str, Ownership]:
    """The same of runs of any names: each is judged beside those of its name that are among them."""
    by_name: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_name[run.name].append(run)
    owners: dict[str, Ownership] = {}
    for alike in by_name.values():
        owners |= classify(alike, environment=environment)
    return owners


def _ownership(run: Run, environment: Environment, known_ops: Collection[str]) -> Ownership:
    """Whose the run is; `known_ops` are the operations of our older runs."""
    if environment.identity is Identity.NAME:
        return Ownership.OURS
    if run.void_claim is not None:
        return Ownership.DISPUTED
    if CLONE_TAG in run.tags:
        return Ownership.CLONE
    whose = marked(run)
    if OWNER_TAG in run.tags and calls_ours(whose, environment):
        op = run.tags.get(OP_TAG, "")
        return Ownership.CLONE if op and op in known_ops else Ownership.OURS
    if OWNER_TAG not in run.tags:
        return Ownership.UNMARKED
    return Ownership.OTHER_ORIGIN if whose.owner == environment.owner else Ownership.FOREIGN


def is_twin(run: Run, ownership: Ownership) -> bool:
    """Whether it is a second run of one create, and not what the console's clone made."""
    return ownership is Ownership.CLONE and CLONE_TAG not in run.tags
