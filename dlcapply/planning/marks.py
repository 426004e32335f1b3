"""The tags that dlcapply writes on each run it creates, and what they say of a run that is read back.

A run keeps the tags that CreateJob gave it: UpdateJob does not change them. So a later plan, on any machine,
knows what a run was created for without any local state. Marks hold hashes and names, and no value of a spec.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcapply.model.jobs import LONGEST_TAG, MARK_PREFIX
from dlcapply.pai import IN_PLACE
from dlcapply.planning.fingerprints import VERSION, canonical_hash, fingerprints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dlcapply.model.jobs import Job, Spec
    from dlcapply.model.runs import Run

# Whose the run is: the project and its environment. Only runs of our owner are updated, stopped or counted.
OWNER_TAG = f"{MARK_PREFIX}owner"
# The repository, and the folder in it: two of them may have chosen the same project name.
ORIGIN_TAG = f"{MARK_PREFIX}origin"
# What the run is paid for: the fingerprint of its spec. Another one means that the manifest changed since;
# the same one means that whatever differs was changed by somebody else.
SPEC_TAG = f"{MARK_PREFIX}spec"
# The fingerprint of the circumstances: whether a failed run had others than the job has now.
AROUND_TAG = f"{MARK_PREFIX}around"
# The fingerprint of the fields that PAI never reads back: whether one of those is what changed.
HIDDEN_TAG = f"{MARK_PREFIX}hidden"
# The run.token of the manifest: another one asks for a run of a spec that has run already.
TOKEN_TAG = f"{MARK_PREFIX}token"
# The operation that created the run: CreateJob has no idempotency token, so a run that carries the id proves
# that the call was made. A second run with the same id is a copy, or lost a race.
OP_TAG = f"{MARK_PREFIX}op"
# Which of the fields that PAI changes in place the manifest set, each with a short hash of its value: those
# that it sets no longer go back to their default, and a value that is neither is one that somebody changed.
SET_TAG = f"{MARK_PREFIX}set"
# The run may not be stopped, also once no manifest is there to say so.
PROTECT_TAG = f"{MARK_PREFIX}protect"
# The variables whose values came from the environment at apply time: never shown, whoever asks later.
ENV_TAG = f"{MARK_PREFIX}env"
# Commit, actor and the CI's run, for people: nothing is decided by it.
FROM_TAG = f"{MARK_PREFIX}from"
# The marks that decide, in dlcapply's own spelling; the owner is a name that somebody chose.
DECIDING_TAGS = frozenset(
    {ORIGIN_TAG, SPEC_TAG, AROUND_TAG, HIDDEN_TAG, TOKEN_TAG, OP_TAG, SET_TAG, PROTECT_TAG, ENV_TAG}
)
# Enough digits to tell the few values apart that one run has had; no approval rests on them.
_PRINT = 12


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
    if chosen := in_place_prints(job.spec):
        marks[SET_TAG] = set_mark(chosen)
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
    """Whether the run's mark says that it was started in other circumstances."""
    return _says_other(run.tags.get(AROUND_TAG), fingerprints(job).around)


def around_mark(run: Run) -> str:
    """The fingerprint of its circumstances that the run carries; empty where this dlcapply can't read it."""
    mark = run.tags.get(AROUND_TAG, "")
    return mark if _is_known(mark) else ""


def hidden_changed(run: Run, *, job: Job) -> bool:
    """Whether the run's mark says that fields which PAI never reads back had other values."""
    return _says_other(run.tags.get(HIDDEN_TAG), fingerprints(job).hidden)


def token_changed(run: Run, *, job: Job) -> bool:
    """Whether the run's mark names another token; a run without the mark counts as started for this one."""
    return run.tags.get(TOKEN_TAG, job.rules.token) != job.rules.token


def is_same(run: Run, *, job: Job) -> bool:
    """Whether the run was started for this spec and token, as far as its marks say."""
    return not spec_changed(run, job=job) and not token_changed(run, job=job)


def _says_other(mark: str | None, value: str) -> bool:
    return mark is not None and _is_known(mark) and mark != value


def _is_known(mark: str) -> bool:
    return mark.startswith(f"{VERSION}:")


def dropped_fields(run: Run, *, spec: Spec) -> tuple[str, ...]:
    """The fields changed in place that the run was created with and that the spec no longer sets."""
    created_with = set_fields(run.tags.get(SET_TAG, ""))
    return tuple(path for path in IN_PLACE if path in created_with and path not in spec)


def in_place_prints(spec: Spec) -> dict[str, str]:
    """The fields changed in place that the spec sets, each with a hash by which its value is known again."""
    return {path: in_place_print(spec[path]) for path in IN_PLACE if path in spec}


def in_place_print(value: Any) -> str:
    """A number and its text are one value: answers have either."""
    return canonical_hash(str(value))[:_PRINT]


def set_mark(prints: Mapping[str, str]) -> str:
    """The fields with their hashes, as a mark or a note holds them."""
    return ",".join(f"{path}:{value}" for path, value in prints.items())


def set_fields(mark: str) -> dict[str, str]:
    """The fields of a mark, with their hashes; these are empty where the mark is of an older dlcapply."""
    pairs = (part.partition(":") for part in mark.split(",") if part)
    return {path: value for path, _, value in pairs}


def secret_names(run: Run) -> tuple[str, ...]:
    """The variables of the run whose values came from the environment; `*` stands for any."""
    return tuple(run.tags.get(ENV_TAG, "").split(","))


def _names_mark(job: Job) -> str:
    names = ",".join(sorted(source.name for source in job.env_from))
    return names if len(names) <= LONGEST_TAG else "*"


def is_reserved(tag: str) -> bool:
    """Whether the tag is one of dlcapply's own, which manifests may not write."""
    return tag.startswith(MARK_PREFIX)
