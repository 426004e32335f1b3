"""The tags dlcapply writes on each run, and what they say of the spec and the token it was started for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcapply.model import LONGEST_TAG, MARK_PREFIX
from dlcapply.pai import IN_PLACE
from dlcapply.planning.fingerprints import VERSION, fingerprints

if TYPE_CHECKING:
    from dlcapply.model import Job, Run, Spec

OWNER_TAG = f"{MARK_PREFIX}owner"
ORIGIN_TAG = f"{MARK_PREFIX}origin"
SPEC_TAG = f"{MARK_PREFIX}spec"
AROUND_TAG = f"{MARK_PREFIX}around"
HIDDEN_TAG = f"{MARK_PREFIX}hidden"
TOKEN_TAG = f"{MARK_PREFIX}token"
OP_TAG = f"{MARK_PREFIX}op"
# Which of the fields that PAI changes in place the manifest set: without them, they go back to the default.
SET_TAG = f"{MARK_PREFIX}set"
PROTECT_TAG = f"{MARK_PREFIX}protect"
# The variables whose values came from the environment at apply time: never shown, whoever asks later.
ENV_TAG = f"{MARK_PREFIX}env"
# Commit, actor and the CI's run, for people: nothing is decided by it.
FROM_TAG = f"{MARK_PREFIX}from"
# The marks that decide, in dlcapply's own spelling; the owner is a name that somebody chose.
DECIDING_TAGS = frozenset(
    {ORIGIN_TAG, SPEC_TAG, AROUND_TAG, HIDDEN_TAG, TOKEN_TAG, OP_TAG, SET_TAG, PROTECT_TAG, ENV_TAG}
)


def marks_for(job: Job, *, op: str, provenance: str = "") -> dict[str, str]:
    """The tags of a run about to be created."""
    prints = fingerprints(job)
    marks = {
        OWNER_TAG: job.key.owner,
        SPEC_TAG: prints.spec,
        AROUND_TAG: prints.around,
        HIDDEN_TAG: prints.hidden,
        TOKEN_TAG: job.rules.token,
        OP_TAG: op,
    }
    if job.key.origin:
        marks[ORIGIN_TAG] = job.key.origin
    if chosen := [path for path in IN_PLACE if path in job.spec]:
        marks[SET_TAG] = ",".join(chosen)
    marks |= hiding_marks(job)
    if job.rules.protect:
        marks[PROTECT_TAG] = "true"
    if provenance:
        marks[FROM_TAG] = provenance
    return marks


def hiding_marks(job: Job) -> dict[str, str]:
    """The marks without which a later plan would show values that came from the environment."""
    return {ENV_TAG: _names_mark(job)} if job.env_from else {}


def spec_changed(run: Run, *, job: Job) -> bool:
    """Whether the run's mark says that it was started for another spec.

    A run without the mark, or with one of a version this dlcapply does not know, says nothing.
    """
    return _says_other(run.tags.get(SPEC_TAG), fingerprints(job).spec)


def has_spec_mark(run: Run) -> bool:
    """Whether the run says which spec it was started for, in a version that this dlcapply knows."""
    return _is_known(run.tags.get(SPEC_TAG, ""))


def around_changed(run: Run, *, job: Job) -> bool:
    """The same for the circumstances."""
    return _says_other(run.tags.get(AROUND_TAG), fingerprints(job).around)


def around_mark(run: Run) -> str:
    """What the run says of its circumstances; empty where that is nothing that this dlcapply knows."""
    mark = run.tags.get(AROUND_TAG, "")
    return mark if _is_known(mark) else ""


def hidden_changed(run: Run, *, job: Job) -> bool:
    """The same for the fields that PAI never reads back."""
    return _says_other(run.tags.get(HIDDEN_TAG), fingerprints(job).hidden)


def token_changed(run: Run, *, job: Job) -> bool:
    return run.tags.get(TOKEN_TAG, job.rules.token) != job.rules.token


def is_same(run: Run, *, job: Job) -> bool:
    """Whether the run was started for this spec and token, as far as its marks say."""
    return not spec_changed(run, job=job) and not token_changed(run, job=job)


def _says_other(mark: str | None, value: str) -> bool:
    return mark is not None and _is_known(mark) and mark != value


def _is_known(mark: str) -> bool:
    return mark.startswith(f"{VERSION}:")


def fields_left(run: Run, *, spec: Spec) -> tuple[str, ...]:
    """The fields changed in place that the run was created with, and that the spec does not set any more."""
    created_with = run.tags.get(SET_TAG, "").split(",")
    return tuple(path for path in IN_PLACE if path in created_with and path not in spec)


def secret_names(run: Run) -> tuple[str, ...]:
    """The variables of the run whose values came from the environment; `*` stands for any."""
    return tuple(run.tags.get(ENV_TAG, "").split(","))


def _names_mark(job: Job) -> str:
    names = ",".join(sorted(source.name for source in job.env_from))
    return names if len(names) <= LONGEST_TAG else "*"


def is_reserved(tag: str) -> bool:
    return tag.startswith(MARK_PREFIX)
